//! What companies are told in the console.

use super::{BillingDesk, TRIES, busy};
use crate::{
    billing::Notification,
    failure::AppFailure,
    ids::NotificationId,
    ports::{Clock, Notifications, Page, Saved},
    principal::Principal,
};

impl<S: Notifications, C: Clock> BillingDesk<'_, S, C> {
    /// What the company was told, newest first.
    ///
    /// # Errors
    /// Storage failures.
    pub async fn notifications(
        &self,
        principal: &Principal,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Notification>, AppFailure> {
        let tenant = principal.tenant();
        Ok(self.store.notifications(tenant, after, limit).await?)
    }

    /// Notes that a notification was read. Noted again it keeps its first time.
    ///
    /// # Errors
    /// `NOT_FOUND`, also for another company's; CONFLICT when it keeps changing.
    pub async fn read_notification(
        &self,
        principal: &Principal,
        id: NotificationId,
    ) -> Result<Notification, AppFailure> {
        for _ in 0..TRIES {
            let found = self.store.notification(principal.tenant(), id).await?;
            let mut notification =
                found.ok_or_else(|| AppFailure::not_found("There is no such notification."))?;
            if notification.read_at.is_some() {
                return Ok(notification);
            }
            notification.read_at = Some(self.clock.now());
            if self.store.save_notification(&mut notification).await? == Saved::Done {
                return Ok(notification);
            }
        }
        Err(busy())
    }
}
