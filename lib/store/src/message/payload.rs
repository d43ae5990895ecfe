//! What a message says and its exact request: written once beside it. Longer ones are packed, since
//! content and request repeat each other and a transaction pays twice for each kilobyte.

use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ids::MessageId,
    message::{Content, Payload},
};
use serde::{Deserialize, Serialize, de::IgnoredAny};

use crate::{
    compress::{pack, unpack},
    keys::Key,
    shape::{Blob, Item, Row, corrupt, read},
    table::{Read, TenantTable},
};

/// Up to here both texts and the key fit into one unit.
const PLAIN: usize = 900;

#[derive(Serialize, Deserialize)]
struct PayloadItem {
    /// Content and request as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    c: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    q: Option<String>,
    /// Both, packed: a JSON list of two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    z: Option<Blob>,
}

/// The item of a payload.
pub(crate) fn payload_row(
    operation: &'static str,
    key: Key,
    payload: &Payload,
) -> Result<Row, StoreFailure> {
    let refused = |_| StoreFailure::new(operation, StoreFailureKind::Refused).because("no JSON");
    let content = serde_json::to_string(&payload.content).map_err(refused)?;
    let request = serde_json::to_string(&payload.request).map_err(refused)?;
    let item = if content.len() + request.len() <= PLAIN {
        PayloadItem {
            c: Some(content),
            q: Some(request),
            z: None,
        }
    } else {
        let both = serde_json::to_vec(&(&payload.content, &payload.request)).map_err(refused)?;
        let packed = pack(&both).map_err(|cause| {
            StoreFailure::new(operation, StoreFailureKind::Refused).because(cause)
        })?;
        PayloadItem {
            c: None,
            q: None,
            z: Some(Blob(packed)),
        }
    };
    Row::new(operation, key, &item)
}

impl PayloadItem {
    fn payload(self) -> Option<Payload> {
        let (content, request) = match (self.c, self.q, self.z) {
            (Some(content), Some(request), _) => (
                serde_json::from_str(&content).ok()?,
                serde_json::from_str(&request).ok()?,
            ),
            (_, _, Some(Blob(packed))) => serde_json::from_slice(&unpack(&packed)?).ok()?,
            _ => return None,
        };
        Some(Payload { content, request })
    }

    /// What the message says, without its request.
    fn content(self) -> Option<Content> {
        match (self.c, self.z) {
            (Some(content), _) => serde_json::from_str(&content).ok(),
            (None, Some(Blob(packed))) => {
                let both: (Content, IgnoredAny) = serde_json::from_slice(&unpack(&packed)?).ok()?;
                Some(both.0)
            }
            (None, None) => None,
        }
    }
}

/// Reads what a message says from the item beside it.
pub(crate) fn content(operation: &'static str, item: Item) -> Result<Content, StoreFailure> {
    read::<PayloadItem>(operation, item)?
        .content()
        .ok_or_else(|| corrupt(operation))
}

impl TenantTable<'_> {
    pub(crate) async fn payload(&self, id: MessageId) -> Result<Option<Payload>, StoreFailure> {
        const OPERATION: &str = "payload.read";
        let item: Option<PayloadItem> = self
            .get(OPERATION, &self.keys().payload(id), Read::Strong)
            .await?;
        item.map(|item| item.payload().ok_or_else(|| corrupt(OPERATION)))
            .transpose()
    }
}
