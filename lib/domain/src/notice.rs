//! Failure notices: one mail per message on its terminal failure, a digest when many fail (S1.149,
//! S1.150, X44).

use jiff::Timestamp;

use crate::{
    contact::Recipient,
    ids::{MessageId, TenantId},
    message::{AttemptNumber, Message},
};

/// How long a window of notices is.
pub const WINDOW_MINUTES: i64 = 15;

/// How many failures of one window are mailed one by one; the rest become one digest.
pub const SINGLE_MAILS: u32 = 10;

/// Which notice: one per terminal failure of a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NoticeKey {
    /// Whose message failed.
    pub tenant: TenantId,
    /// Start of the quarter of an hour it failed in.
    pub window: Timestamp,
    /// Which message.
    pub message: MessageId,
    /// Which attempt was the last.
    pub attempt: AttemptNumber,
}

/// Where a notice stands. It is claimed before the mail service is called, which knows no
/// idempotency: a crash in between leaves it claimed, and the sweep marks it unconfirmed rather than
/// mail twice (hazards.md, failure point 14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeState {
    /// To be mailed.
    Waiting,
    /// To be mailed with others when its window is over.
    Digest,
    /// Somebody is mailing it.
    Claimed,
    /// Mailed.
    Mailed,
    /// Claimed, and then the process died: mailed or not, nobody knows.
    Unconfirmed,
    /// The tenant has no failure address, or the failure was healed meanwhile.
    Dropped,
}

/// A notice as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Which.
    pub key: NoticeKey,
    /// Where it stands.
    pub state: NoticeState,
    /// When the sweep looks at it.
    pub due: Option<Timestamp>,
}

impl Notice {
    /// The notice that a change of a message calls for: it became a terminal failure, and its policy
    /// wants a mail.
    #[must_use]
    pub fn called_for(was_dead: bool, message: &Message, now: Timestamp) -> Option<Self> {
        if was_dead || !message.is_dead() || !message.sending.policy.notify {
            return None;
        }
        Some(Self {
            key: NoticeKey {
                tenant: message.tenant,
                window: window(now),
                message: message.id,
                attempt: message.sending.attempt,
            },
            state: NoticeState::Waiting,
            due: Some(now),
        })
    }
}

/// Start of the window a moment lies in.
#[must_use]
pub fn window(at: Timestamp) -> Timestamp {
    let length = WINDOW_MINUTES * 60;
    let start = at.as_second().div_euclid(length) * length;
    Timestamp::from_second(start).unwrap_or(at)
}

/// One failed message as a mail tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureLine {
    /// The contact's name, or a dash.
    pub customer: String,
    /// The number.
    pub number: Recipient,
    /// `Text`, `Interactive`, …
    pub message_type: String,
    /// `Auto`, `Scheduled`, `Manual`.
    pub trigger: &'static str,
    /// Why, in a sentence.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// Retries that were made.
    pub retries: u8,
}

/// A mail ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The tenant's failure address.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

impl FailureLine {
    /// The seven fields of S1.150 in their order.
    fn fields(&self) -> String {
        format!(
            "Customer: {}\nWhatsApp: {}\nMessage Type: {}\nTrigger: {}\nFailure Reason: {}\nTimestamp: {}\nRetry Count: {}\n",
            self.customer,
            self.number.as_str(),
            self.message_type,
            self.trigger,
            self.reason,
            self.at,
            self.retries,
        )
    }
}

/// The mail about these failures: S1.149's subject and S1.150's fields for one, a digest for several.
#[must_use]
pub fn mail(to: &str, lines: &[FailureLine]) -> Option<Mail> {
    let (first, rest) = lines.split_first()?;
    let subject = if rest.is_empty() {
        format!("WhatsApp Message Failed - {}", first.message_type)
    } else {
        format!("WhatsApp Messages Failed - {} messages", lines.len())
    };
    let text = lines
        .iter()
        .map(FailureLine::fields)
        .collect::<Vec<_>>()
        .join("\n");
    Some(Mail {
        to: to.to_owned(),
        subject,
        text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> FailureLine {
        FailureLine {
            customer: "Ada Example".into(),
            number: Recipient::read("+97300000001"),
            message_type: "Interactive".into(),
            trigger: "Manual",
            reason: "The number is not on WhatsApp.".into(),
            at: "2026-11-20T10:07:00Z".parse().unwrap(),
            retries: 3,
        }
    }

    /// S1.149, S1.150: subject and fields, verbatim and in order.
    #[test]
    fn one_failure_is_told_in_the_words_of_the_requirement() {
        let mail = mail("ops@acme.example", &[line()]).unwrap();
        assert_eq!(mail.subject, "WhatsApp Message Failed - Interactive");
        assert_eq!(
            mail.text,
            "Customer: Ada Example\nWhatsApp: +97300000001\nMessage Type: Interactive\nTrigger: Manual\n\
             Failure Reason: The number is not on WhatsApp.\nTimestamp: 2026-11-20T10:07:00Z\nRetry Count: 3\n"
        );
    }

    #[test]
    fn many_failures_are_one_mail_and_none_is_none() {
        assert_eq!(mail("ops@acme.example", &[]), None);
        let digest = mail("ops@acme.example", &[line(), line()]).unwrap();
        assert_eq!(digest.subject, "WhatsApp Messages Failed - 2 messages");
        assert_eq!(digest.text.matches("Customer: ").count(), 2);
    }

    #[test]
    fn a_window_is_a_quarter_of_an_hour() {
        assert_eq!(
            window("2026-11-20T10:14:59Z".parse().unwrap()).to_string(),
            "2026-11-20T10:00:00Z"
        );
        assert_eq!(
            window("2026-11-20T10:15:00Z".parse().unwrap()).to_string(),
            "2026-11-20T10:15:00Z"
        );
    }
}
