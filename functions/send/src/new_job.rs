//! The body of `POST /v1/jobs`.

use std::collections::BTreeMap;

use domain::{
    failure::{AppFailure, FieldProblem},
    message::MessageType,
    service::bulk::{BulkDraft, NewRow, Recipients},
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    new_content::{NewFile, NewList, NewTemplate},
    new_message::{Contents, NewContext, NewInteractive, NewText, message_type},
};

/// What a caller posts: one content for all, with `{placeholders}` for what differs, and either
/// `recipients` or the `upload_id` of a file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewJob {
    /// Through which channel; the company's own choice when left out.
    #[schema(format = Uuid)]
    channel_id: Option<String>,
    text: Option<NewText>,
    interactive: Option<NewInteractive>,
    list: Option<NewList>,
    image: Option<NewFile>,
    document: Option<NewFile>,
    template: Option<NewTemplate>,
    /// To whom; at most 1,000.
    recipients: Option<Vec<NewRecipient>>,
    /// A file of recipients that was sent to the address of `POST /v1/uploads`.
    #[schema(format = Uuid)]
    upload_id: Option<String>,
    /// 0 to 10; of several jobs of a channel the highest goes first.
    #[serde(default)]
    #[schema(maximum = 10)]
    priority: u8,
    /// Not before this time; at once when left out.
    #[schema(format = DateTime)]
    scheduled_for: Option<String>,
    /// Whether good rows are sent although others are wrong; otherwise nothing is.
    #[serde(default)]
    keep_good_rows: bool,
    /// What it is for, as in `POST /v1/messages`; `promotion` when left out.
    #[schema(example = "promotion")]
    message_type: Option<String>,
    /// What it is about in your own system.
    context: Option<NewContext>,
}

/// One recipient, with the values of their message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRecipient {
    /// The recipient's number with its country code.
    #[schema(example = "+97300000001")]
    to: String,
    /// How the recipient is called: `{name}`.
    name: Option<String>,
    /// Values by the name of their placeholder.
    #[serde(default)]
    parameters: BTreeMap<String, String>,
}

impl NewJob {
    /// As the service takes it.
    ///
    /// # Errors
    /// VALIDATION unless there is exactly one content, and one way to the recipients.
    pub fn draft(self) -> Result<BulkDraft, AppFailure> {
        let message_type = message_type(self.message_type.as_deref(), MessageType::Promotion)?;
        let recipients = recipients(self.recipients, self.upload_id.as_deref())?;
        let contents = Contents {
            text: self.text,
            interactive: self.interactive,
            list: self.list,
            image: self.image,
            document: self.document,
            template: self.template,
        };
        Ok(BulkDraft {
            channel: self.channel_id,
            message_type,
            content: contents.only()?,
            recipients,
            priority: self.priority,
            scheduled_for: self.scheduled_for,
            keep_good_rows: self.keep_good_rows,
            context: self.context.map(Into::into),
        })
    }
}

fn recipients(
    rows: Option<Vec<NewRecipient>>,
    upload: Option<&str>,
) -> Result<Recipients, AppFailure> {
    let wrong = |field, code, message: &str| {
        AppFailure::validation(
            "The job needs its recipients.",
            vec![FieldProblem::new(field, code, message)],
        )
    };
    match (rows, upload) {
        (Some(rows), None) => Ok(Recipients::Inline(
            rows.into_iter()
                .map(|row| NewRow {
                    to: row.to,
                    name: row.name,
                    parameters: row.parameters,
                })
                .collect(),
        )),
        (None, Some(upload)) => match Uuid::try_parse(upload) {
            Ok(upload) => Ok(Recipients::Upload(upload)),
            Err(_) => Err(wrong(
                "upload_id",
                "FORMAT",
                "give the id that POST /v1/uploads answered",
            )),
        },
        (Some(_), Some(_)) | (None, None) => Err(wrong(
            "recipients",
            "RECIPIENTS",
            "give either `recipients` or `upload_id`",
        )),
    }
}

#[cfg(test)]
mod tests {
    use runtime::http::parse;

    use super::*;

    fn check(body: &str) -> Result<BulkDraft, AppFailure> {
        parse::<NewJob>(body.as_bytes())?.draft()
    }

    /// S2.41, S2.59, S2.75, S2.86: priority 0 and no parameters unless said; a promotion unless said.
    #[test]
    fn a_job_has_one_content_and_one_way_to_its_recipients() {
        let draft = check(r#"{"text":{"body":"Hi {name}"},"recipients":[{"to":"+97300000001"}]}"#);
        let draft = draft.unwrap();
        assert_eq!((draft.priority, draft.keep_good_rows), (0, false));
        assert_eq!(draft.message_type, MessageType::Promotion);
        let file = r#""upload_id":"0192f0c1a2b37c4d8e5f60718293a4b5""#;
        assert!(check(&format!(r#"{{"text":{{"body":"Hi"}},{file}}}"#)).is_ok());
        for (wrong, field) in [
            (r#"{"text":{"body":"Hi"}}"#.to_owned(), "recipients"),
            (
                format!(r#"{{"text":{{"body":"Hi"}},"recipients":[],{file}}}"#),
                "recipients",
            ),
            (format!("{{{file}}}"), "text"),
            (
                r#"{"text":{"body":"Hi"},"upload_id":"../x"}"#.to_owned(),
                "upload_id",
            ),
        ] {
            let failure = check(&wrong).unwrap_err();
            assert_eq!(failure.fields()[0].field, field, "{wrong}");
        }
        assert!(check(r#"{"text":{"body":"Hi"},"recipients":[],"tenant":"x"}"#).is_err());
    }
}
