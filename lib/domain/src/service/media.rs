//! Copies of inbound files: fetched from the provider once, judged by their content, kept in the file
//! store under the tenant. Fetching again is harmless; what cannot be kept says why in the thread.

use jiff::SignedDuration;
use tracing::{info, warn};

use crate::{
    channel::{Channel, Secret},
    failure::{ProviderFailure, StoreFailure},
    ids::{MessageId, TenantId},
    message::{InboundContent, InboundMessage, MediaCopy},
    ports::{
        Clock, Directory, FetchedFile, FileGate, Gate, Inbox, MediaFiles, NotFetched, Saved, Vault,
    },
    provider::{Adapters, MediaStep},
};

/// Largest file that is kept: Meta's own limit for sound and video; documents beyond it are refused.
pub const LARGEST: u64 = 16 * 1024 * 1024;

/// After how many tries a file is given up.
const MOST_TRIES: u8 = 5;

/// What copying needs.
#[derive(Debug)]
pub struct Copying<'a, S, V, G, F, M, C> {
    /// Storage.
    pub store: &'a S,
    /// Opens channel tokens.
    pub vault: &'a V,
    /// Asks providers where a file is.
    pub gate: &'a G,
    /// Fetches it.
    pub files: &'a F,
    /// Keeps it.
    pub media: &'a M,
    /// The time.
    pub clock: &'a C,
    /// The adapters.
    pub adapters: Adapters,
}

impl<S, V, G, F, M, C> Copying<'_, S, V, G, F, M, C>
where
    S: Directory + Inbox,
    V: Vault,
    G: Gate,
    F: FileGate,
    M: MediaFiles,
    C: Clock,
{
    /// Copies the file of an inbound message, unless that was done.
    ///
    /// # Errors
    /// Storage failures; the file is then found again by its due time.
    pub async fn run(&self, tenant: TenantId, id: MessageId) -> Result<(), StoreFailure> {
        let Some(message) = self.store.inbound(tenant, id).await? else {
            return Ok(());
        };
        let Some(MediaCopy::Wanted { tries }) = message.copy else {
            return Ok(());
        };
        let channel = self.store.channel(tenant, message.channel).await?;
        let fetched = match channel {
            Some(channel) => {
                let token = self.vault.token(&channel).await?;
                self.fetch(&channel, &token, &message).await
            }
            None => Err(NotFetched {
                code: "CHANNEL_GONE",
                reason: "the channel it came to no longer exists".into(),
                again: false,
            }),
        };
        let (to, due) = match fetched {
            Ok(file) => (self.keep(&message, file).await?, None),
            Err(failure) if failure.again && tries + 1 < MOST_TRIES => {
                warn!(message.id = %id, code = failure.code, "the file of `{id}` was not fetched yet");
                let wait = SignedDuration::from_mins(1 << tries.min(6));
                let next = MediaCopy::Wanted { tries: tries + 1 };
                (next, Some(self.clock.now() + wait))
            }
            Err(failure) => {
                warn!(message.id = %id, code = failure.code, "the file of `{id}` is not kept");
                let refused = MediaCopy::Refused {
                    code: failure.code.into(),
                    reason: failure.reason,
                };
                (refused, None)
            }
        };
        if self.store.move_copy(&message, &to, due).await? == Saved::Stale {
            info!(message.id = %id, "the file of `{id}` was copied by somebody else");
        }
        Ok(())
    }

    async fn fetch(
        &self,
        channel: &Channel,
        token: &Secret,
        message: &InboundMessage,
    ) -> Result<FetchedFile, NotFetched> {
        let InboundContent::Media { media_id, link, .. } = &message.content else {
            return Err(NotFetched {
                code: "NO_FILE",
                reason: "the message has no file".into(),
                again: false,
            });
        };
        let adapter = (self.adapters)(channel.provider);
        let place = match adapter
            .build_media(channel, media_id.as_deref(), link.as_deref())
            .map_err(not_fetched)?
        {
            MediaStep::Fetch(place) => place,
            MediaStep::Ask(request) => self
                .gate
                .exchange(channel, token, &request)
                .await
                .and_then(|response| adapter.read_media(&response))
                .map_err(not_fetched)?,
        };
        self.files.fetch(channel, token, &place, LARGEST).await
    }

    async fn keep(
        &self,
        message: &InboundMessage,
        file: FetchedFile,
    ) -> Result<MediaCopy, StoreFailure> {
        let key = format!(
            "media/{}/{}.{}",
            message.tenant.key(),
            message.id.key(),
            file.extension
        );
        let bytes = u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
        self.media.keep(&key, file.bytes, &file.mime).await?;
        Ok(MediaCopy::Stored {
            key,
            mime: file.mime,
            bytes,
        })
    }
}

impl InboundMessage {
    /// The name a copy of its file is saved under.
    #[must_use]
    pub fn file_name(&self) -> String {
        let own = match &self.content {
            InboundContent::Media { filename, .. } => filename.clone(),
            InboundContent::Text { .. }
            | InboundContent::Location { .. }
            | InboundContent::Reaction { .. }
            | InboundContent::Edit { .. }
            | InboundContent::Revoke { .. }
            | InboundContent::Notice { .. }
            | InboundContent::Card { .. }
            | InboundContent::Other { .. } => None,
        };
        let ending = match &self.copy {
            Some(MediaCopy::Stored { key, .. }) => key.rsplit('.').next().unwrap_or("bin"),
            Some(MediaCopy::Wanted { .. } | MediaCopy::Refused { .. }) | None => "bin",
        };
        own.unwrap_or_else(|| format!("{}.{ending}", self.id))
    }
}

fn not_fetched(failure: ProviderFailure) -> NotFetched {
    let again = match &failure {
        ProviderFailure::NotSent { .. }
        | ProviderFailure::RateLimited { .. }
        | ProviderFailure::OutcomeUnknown { .. } => true,
        ProviderFailure::Rejected { .. }
        | ProviderFailure::Unsupported { .. }
        | ProviderFailure::Unverified => false,
    };
    NotFetched {
        code: "NOT_OFFERED",
        reason: format!("the provider did not hand it out: {failure}"),
        again,
    }
}
