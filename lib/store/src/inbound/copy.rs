//! Where our own copy of an inbound file stands: the one part of an inbound message that changes.

use domain::{
    failure::StoreFailure,
    message::{InboundMessage, MediaCopy},
    ports::Saved,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    keys::{Place, due},
    schema::DUE,
    shape::{Blob, Item, number, read, text, value},
    table::TenantTable,
    update::Update,
    write::{Written, nonce},
};

/// How long the hand-over of a new file is given before the sweep looks at it.
const GRACE: SignedDuration = SignedDuration::from_mins(2);

#[derive(Serialize, Deserialize)]
pub(super) struct CopyItem {
    s: StateName,
    /// Tries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    t: Option<u8>,
    /// Name, type and size of the stored one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    k: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    m: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    b: Option<u64>,
    /// Code and reason of the refused one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    c: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    w: Option<String>,
    /// Nonce of the last move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    n: Option<Blob>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum StateName {
    #[serde(rename = "w")]
    Wanted,
    #[serde(rename = "s")]
    Stored,
    #[serde(rename = "r")]
    Refused,
}

impl StateName {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Wanted => "w",
            Self::Stored => "s",
            Self::Refused => "r",
        }
    }
}

impl CopyItem {
    /// Of a message that is stored for the first time.
    pub(super) fn first(copy: &MediaCopy) -> Self {
        let mut item = Self {
            s: StateName::Wanted,
            t: None,
            k: None,
            m: None,
            b: None,
            c: None,
            w: None,
            n: None,
        };
        match copy {
            MediaCopy::Wanted { tries } => item.t = Some(*tries),
            MediaCopy::Stored { key, mime, bytes } => {
                item.s = StateName::Stored;
                item.k = Some(key.clone());
                item.m = Some(mime.clone());
                item.b = Some(*bytes);
            }
            MediaCopy::Refused { code, reason } => {
                item.s = StateName::Refused;
                item.c = Some(code.clone());
                item.w = Some(reason.clone());
            }
        }
        item
    }

    fn moved(copy: &MediaCopy, nonce: &[u8]) -> Self {
        Self {
            n: Some(Blob(nonce.to_vec())),
            ..Self::first(copy)
        }
    }

    pub(super) fn copy(self) -> Option<MediaCopy> {
        Some(match self.s {
            StateName::Wanted => MediaCopy::Wanted { tries: self.t? },
            StateName::Stored => MediaCopy::Stored {
                key: self.k?,
                mime: self.m?,
                bytes: self.b?,
            },
            StateName::Refused => MediaCopy::Refused {
                code: self.c?,
                reason: self.w?,
            },
        })
    }
}

/// When the sweep looks at the file of a new message: it is due while it is wanted.
pub(super) fn first_due(message: &InboundMessage) -> Option<Place> {
    match &message.copy {
        Some(MediaCopy::Wanted { .. }) => Some(due(message.arrived_at + GRACE, message.id)),
        Some(MediaCopy::Stored { .. } | MediaCopy::Refused { .. }) | None => None,
    }
}

/// Only while the copy stands as it was read.
fn while_standing(update: &mut Update, copy: Option<&MediaCopy>) {
    let Some(copy) = copy else {
        update.when("attribute_exists(pk) AND attribute_not_exists(cp)");
        return;
    };
    let state = CopyItem::first(copy);
    update.when("cp.s = :state");
    update.value("state", text(state.s.as_str()));
    if let Some(tries) = state.t {
        update.when("cp.t = :tries");
        update.value("tries", number(tries));
    }
}

#[derive(Deserialize)]
struct Moved {
    cp: CopyItem,
}

/// Whether the copy stands as this move left it.
fn moved_by(item: &Item, nonce: &[u8]) -> bool {
    read::<Moved>("inbound.move_copy", item.clone())
        .is_ok_and(|moved| moved.cp.n.is_some_and(|Blob(bytes)| bytes == nonce))
}

impl TenantTable<'_> {
    pub(super) async fn move_copy(
        &self,
        message: &InboundMessage,
        to: &MediaCopy,
        at: Option<Timestamp>,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "inbound.move_copy";
        let nonce = nonce();
        let mut update = Update::of(self.keys().inbound(message.id));
        while_standing(&mut update, message.copy.as_ref());
        update.set("cp", value(OPERATION, &CopyItem::moved(to, &nonce))?);
        let place = at.map(|at| due(at, message.id));
        update.give(DUE.partition, place.as_ref().map(|p| text(&p.partition)));
        update.give(DUE.sort, place.as_ref().map(|p| text(&p.sort)));
        let write = update.write();
        Ok(match self.write(OPERATION, &write).await? {
            Written::Applied(_) => Saved::Done,
            // Our own move, whose answer was lost.
            Written::Held(Some(item)) if moved_by(&item, &nonce) => Saved::Done,
            Written::Held(_) => Saved::Stale,
        })
    }
}
