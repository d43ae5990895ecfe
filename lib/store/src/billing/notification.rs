//! What companies are told. Its id follows from the fact, so the same fact is told once.

use domain::{
    billing::{MailState, Notification},
    failure::StoreFailure,
    ids::{NotificationId, TenantId},
    ports::{Notifications, Page, Saved},
};
use serde::{Deserialize, Serialize};

use super::at_version;
use crate::{
    Store,
    keys::{Form, TenantKeys, due_of, notification_of},
    list::each,
    schema::LIST,
    shape::{Item, Row, When, corrupt, read},
    table::{Read, TenantTable, key_of},
    write::{Write, nonce},
};

#[derive(Serialize, Deserialize)]
struct NotificationItem {
    code: String,
    title: String,
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    mail: MailState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    du: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    read: Option<When>,
    at: When,
    /// Version.
    v: u32,
}

/// Writes the next version of a notification.
fn write(operation: &'static str, one: &Notification, nonce: &[u8]) -> Result<Write, StoreFailure> {
    let keys = TenantKeys::new(one.tenant);
    let next = one.next();
    let item = NotificationItem {
        code: next.code,
        title: next.title,
        text: next.text,
        email: next.email,
        mail: next.mail,
        du: next.due.map(When),
        read: next.read_at.map(When),
        at: When(next.at),
        v: next.version,
    };
    let due = one.due.map(|at| due_of(at, one.id.uuid()));
    let row = Row::new(operation, keys.notification(one.id), &item)?
        .due(due.as_ref())
        .listed(LIST, &keys.notifications(one.at, one.id));
    Ok(at_version(row, one.version, nonce))
}

/// Writes a notification beside the fact it is about, if it is new.
pub(super) fn first(
    operation: &'static str,
    one: &Notification,
    nonce: &[u8],
) -> Result<Write, StoreFailure> {
    let new = Notification {
        version: 0,
        ..one.clone()
    };
    write(operation, &new, nonce)
}

fn notification(operation: &'static str, item: Item) -> Result<Notification, StoreFailure> {
    let (pk, sk) = key_of(operation, &item)?;
    let (tenant, id) = notification_of(&pk, &sk).ok_or_else(|| corrupt(operation))?;
    let item: NotificationItem = read(operation, item)?;
    Ok(Notification {
        id,
        tenant,
        code: item.code,
        title: item.title,
        text: item.text,
        email: item.email,
        mail: item.mail,
        due: item.du.map(|When(at)| at),
        read_at: item.read.map(|When(at)| at),
        at: item.at.0,
        version: item.v,
    })
}

impl TenantTable<'_> {
    async fn notifications(
        &self,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Notification>, StoreFailure> {
        const OPERATION: &str = "notifications.list";
        let all = [self.keys().all_notifications()];
        let page = self
            .page_of(OPERATION, Form::Newest, &all, after, limit)
            .await?;
        each(page, |item| notification(OPERATION, item))
    }
}

impl Notifications for Store {
    async fn notification(
        &self,
        tenant: TenantId,
        id: NotificationId,
    ) -> Result<Option<Notification>, StoreFailure> {
        const OPERATION: &str = "notification.read";
        let table = self.tenant(tenant);
        let key = table.keys().notification(id);
        let item = table.item(OPERATION, &key, Read::Strong).await?;
        item.map(|item| notification(OPERATION, item)).transpose()
    }

    async fn notifications(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Notification>, StoreFailure> {
        self.tenant(tenant).notifications(after, limit).await
    }

    async fn save_notification(
        &self,
        notification: &mut Notification,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "notification.save";
        let write = write(OPERATION, notification, &nonce())?;
        let table = self.tenant(notification.tenant);
        let saved = table.save_at_version(OPERATION, &write).await?;
        if saved == Saved::Done {
            *notification = notification.next();
        }
        Ok(saved)
    }
}
