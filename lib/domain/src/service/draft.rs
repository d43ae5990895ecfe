//! What a caller asks to be sent, before anything of it was checked.

use jiff::SignedDuration;
use sha2::{Digest, Sha256};

use crate::{
    failure::{AppFailure, FieldProblem},
    ids::TemplateId,
    message::{Button, Content, Interactive, List, Media, MessageType, TemplateUse, Trigger},
};

/// What a caller asks to be sent, as they wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The recipient's number.
    pub to: String,
    /// The recipient's name, for new contacts and failure mails.
    pub name: Option<String>,
    /// The channel; the tenant's default when missing.
    pub channel: Option<String>,
    /// What to say.
    pub content: DraftContent,
    /// Not before this RFC 3339 time.
    pub scheduled_for: Option<String>,
    /// What it is for.
    pub message_type: MessageType,
    /// What caused it.
    pub trigger: Trigger,
    /// Whether failed attempts are repeated and mailed about.
    pub retry: bool,
    /// What it is about in the caller's own system: type and id.
    pub context: Option<(String, String)>,
    /// The template of the company's own that the content was filled from, if it was.
    pub template: Option<TemplateId>,
}

impl Draft {
    /// A text that a person typed: they see what became of it, so it is neither retried nor mailed about.
    #[must_use]
    pub fn text(to: String, body: String) -> Self {
        Self {
            to,
            name: None,
            channel: None,
            content: DraftContent::Text { body },
            scheduled_for: None,
            message_type: MessageType::Other,
            trigger: Trigger::Manual,
            retry: false,
            context: None,
            template: None,
        }
    }
}

/// What a caller asks to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftContent {
    /// Text.
    Text {
        /// The text.
        body: String,
    },
    /// Text with buttons.
    Interactive {
        /// Bold line above.
        header: Option<String>,
        /// The text.
        body: String,
        /// Small line below.
        footer: Option<String>,
        /// Titles of one to three buttons; their ids are `btn1`, `btn2`, `btn3` (S0.10).
        buttons: Vec<String>,
    },
    /// Text with a list; the rows' ids are `row1`, `row2`, … when they have none of their own.
    List(List),
    /// A picture.
    Image(Media),
    /// A file.
    Document(Media),
    /// A template of the provider.
    Template(TemplateUse),
}

impl From<DraftContent> for Content {
    fn from(draft: DraftContent) -> Self {
        // An empty form field is an absent one.
        let some = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        match draft {
            DraftContent::Text { body } => Self::Text { body },
            DraftContent::Interactive {
                header,
                body,
                footer,
                buttons,
            } => Self::Interactive(Interactive {
                header: some(header),
                body,
                footer: some(footer),
                buttons: buttons
                    .into_iter()
                    .enumerate()
                    .map(|(index, title)| Button {
                        id: format!("btn{}", index + 1),
                        title,
                    })
                    .collect(),
            }),
            DraftContent::List(mut list) => {
                let rows = list.sections.iter_mut().flat_map(|s| s.rows.iter_mut());
                for (index, row) in rows.enumerate() {
                    if row.id.trim().is_empty() {
                        row.id = format!("row{}", index + 1);
                    }
                }
                list.header = some(list.header);
                list.footer = some(list.footer);
                Self::List(list)
            }
            DraftContent::Image(media) => Self::Image(media),
            DraftContent::Document(media) => Self::Document(media),
            DraftContent::Template(template) => Self::Template(template),
        }
    }
}

/// The caller's idempotency key with the body it came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    pub(super) key: String,
    pub(super) request: String,
    pub(super) lifetime: SignedDuration,
}

/// How long a caller's idempotency key is remembered.
pub const KEY_LIFETIME: SignedDuration = SignedDuration::from_hours(48);

impl IdempotencyKey {
    /// A key of our own: while it is remembered, the thing it names is not done again.
    #[must_use]
    pub fn internal(what: &str, of: &str, lifetime: SignedDuration) -> Self {
        let mut key = Sha256::new();
        key.update(what.as_bytes());
        key.update([0]);
        key.update(of.as_bytes());
        Self {
            key: hex::encode(key.finalize()),
            request: String::new(),
            lifetime,
        }
    }

    /// What ids that follow from the key are made of.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.key
    }

    /// Reads the `Idempotency-Key` header of a route; `body` is the raw body it came with.
    ///
    /// # Errors
    /// VALIDATION when the key is empty, too long or not plain ASCII.
    pub fn parse(route: &str, header: &str, body: &[u8]) -> Result<Self, AppFailure> {
        let fits =
            (1..=255).contains(&header.len()) && header.bytes().all(|b| b.is_ascii_graphic());
        if !fits {
            return Err(AppFailure::validation(
                "The Idempotency-Key cannot be used.",
                vec![FieldProblem::new(
                    "Idempotency-Key",
                    "FORMAT",
                    "use 1 to 255 visible ASCII characters, for example a UUID",
                )],
            ));
        }
        let mut key = Sha256::new();
        key.update(route.as_bytes());
        key.update([0]);
        key.update(header.as_bytes());
        Ok(Self {
            key: hex::encode(key.finalize()),
            request: hex::encode(Sha256::digest(body)),
            lifetime: KEY_LIFETIME,
        })
    }
}
