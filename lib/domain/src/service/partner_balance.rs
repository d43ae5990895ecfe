//! The notices that the partner's days run low: taken from WHAPI, shown to the platform's people
//! (S3.51–S3.53).

use tracing::{info, warn};

use crate::{
    channel::ChannelKey,
    failure::AppFailure,
    ids::BalanceNoticeId,
    partner::{BalanceNotice, NoticeName, NoticeRead, ReadNotice},
    ports::{BalanceNotices, Clock, Page, PartnerSettingsBook, Saved},
    principal::Principal,
};

/// Largest body of a notice: real ones have a few hundred bytes, and all of it is kept.
pub const LARGEST_NOTICE: usize = 64 * 1024;

/// Taking and showing notices.
#[derive(Debug)]
pub struct PartnerBalance<'a, S, C> {
    /// Storage.
    pub store: &'a S,
    /// The time.
    pub clock: &'a C,
}

impl<S, C> PartnerBalance<'_, S, C>
where
    S: PartnerSettingsBook + BalanceNotices,
    C: Clock,
{
    /// Takes a notice: proven by its address and secret before anything is read, kept whole whatever it
    /// says, and kept once however often it comes. A body that names no days we know is a warning and no
    /// error.
    ///
    /// # Errors
    /// UNAUTHORIZED without proof, VALIDATION when it is too large, `DB_ERROR` when it cannot be kept.
    pub async fn take(
        &self,
        key: &ChannelKey,
        secret: &[u8],
        body: &[u8],
        read: ReadNotice,
    ) -> Result<(), AppFailure> {
        if body.len() > LARGEST_NOTICE {
            return Err(AppFailure::validation(
                "The notice is larger than 64 KB.",
                Vec::new(),
            ));
        }
        if !self.store.partner_settings().await?.proves(key, secret) {
            return Err(AppFailure::unauthorized(
                "The webhook could not be verified.",
            ));
        }
        let (read, now) = (read(body), self.clock.now());
        let NoticeRead {
            current_days,
            days_limit,
            ..
        } = read;
        let notice = BalanceNotice {
            id: BalanceNoticeId::fresh(),
            current_days,
            days_limit,
            received_at: now,
            as_of: read.as_of(now),
            raw: String::from_utf8_lossy(body).into_owned(),
        };
        let name = NoticeName::of(&read, body, now);
        match self.store.keep_notice(&notice, &name).await? {
            Saved::Done => {}
            Saved::Stale => {
                info!("a partner balance notice came again");
                return Ok(());
            }
        }
        // The template's metric filters look for these messages.
        match current_days {
            Some(current_days) => info!(current_days, days_limit, "partner balance is low"),
            None => warn!(days_limit, "a partner balance notice names no days"),
        }
        Ok(())
    }

    /// Notices, by the time they count from, newest first.
    ///
    /// # Errors
    /// Storage failures.
    pub async fn notices(
        &self,
        _principal: &Principal,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<BalanceNotice>, AppFailure> {
        Ok(self.store.balance_notices(after, limit).await?)
    }
}
