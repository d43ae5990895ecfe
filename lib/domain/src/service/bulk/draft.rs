//! What a caller asks to be sent to many.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::{ids::TenantId, message::MessageType, service::draft::DraftContent};

/// The largest file of recipients, in bytes: a hundred thousand rows of a hundred and sixty.
pub const UPLOAD_MOST_BYTES: u64 = 16 * 1024 * 1024;

/// A bulk job as its caller wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkDraft {
    /// The channel; the tenant's default when missing.
    pub channel: Option<String>,
    /// What its messages are for.
    pub message_type: MessageType,
    /// What to say, with placeholders.
    pub content: DraftContent,
    /// To whom.
    pub recipients: Recipients,
    /// 0 to 10; of several jobs of a channel the highest goes first.
    pub priority: u8,
    /// Not before this RFC 3339 time.
    pub scheduled_for: Option<String>,
    /// Whether good rows are sent although others are wrong.
    pub keep_good_rows: bool,
    /// What it is about in the caller's own system: type and id.
    pub context: Option<(String, String)>,
}

/// To whom a bulk job goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipients {
    /// Those of the request itself.
    Inline(Vec<NewRow>),
    /// Those of a file that was uploaded before.
    Upload(Uuid),
}

/// One recipient with the values of their message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewRow {
    /// The number.
    pub to: String,
    /// How they are called.
    pub name: Option<String>,
    /// Values by the name of their placeholder.
    pub parameters: BTreeMap<String, String>,
}

/// Where an uploaded file lies. The tenant is a part of it: another tenant's upload is not there.
#[must_use]
pub fn upload_key(tenant: TenantId, upload: Uuid) -> String {
    format!("uploads/{}/{}", tenant.key(), upload.simple())
}
