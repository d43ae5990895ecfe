//! Subscriptions, and what leads to one from PayPal.

use domain::{
    billing::{PayPalLink, PayPalTimes, PaymentMethod, Subscription, SubscriptionState},
    failure::StoreFailure,
    ids::{PlanId, SubscriptionId, TenantId, UserId},
    ports::{Page, Saved, Subscriptions},
};
use serde::{Deserialize, Serialize};

use super::at_version;
use crate::{
    Store,
    keys::{Form, TenantKeys, due_of, paypal_pointer, subscription_of},
    list::each,
    schema::LIST,
    shape::{Id, Item, Row, When, corrupt, id as id_value, read},
    table::{Read, TenantTable, key_of},
    write::{Write, Written},
};

#[derive(Serialize, Deserialize)]
struct SubscriptionItem {
    user: UserId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    plan: Id,
    plan_name: String,
    s: SubscriptionState,
    method: PaymentMethod,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<When>,
    paid: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paypal: Option<PayPalItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    approved_by: Option<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    approved: Option<When>,
    created: When,
    updated: When,
    /// Version.
    v: u32,
}

#[derive(Serialize, Deserialize)]
struct PayPalItem {
    id: String,
    url: String,
    /// When it was last activated, paid and ended.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    activated: Option<When>,
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    paid: Option<When>,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    ended: Option<When>,
}

/// What leads to a subscription.
#[derive(Deserialize)]
struct PointerItem {
    t: Id,
    s: Id,
}

/// Writes the next version of a subscription.
pub(super) fn write(
    operation: &'static str,
    one: &Subscription,
    nonce: &[u8],
) -> Result<Write, StoreFailure> {
    let keys = TenantKeys::new(one.tenant);
    let next = one.next();
    let item = SubscriptionItem {
        user: next.user,
        email: next.email,
        plan: Id(next.plan.uuid()),
        plan_name: next.plan_name,
        s: next.state,
        method: next.method,
        start: next.start_at.map(When),
        end: next.end_at.map(When),
        paid: next.paid,
        reference: next.reference,
        paypal: next.paypal.map(|link| PayPalItem {
            id: link.id,
            url: link.approve_url,
            activated: link.times.activated_at.map(When),
            paid: link.times.paid_at.map(When),
            ended: link.times.ended_at.map(When),
        }),
        approved_by: next.approved_by,
        approved: next.approved_at.map(When),
        created: When(next.created_at),
        updated: When(next.updated_at),
        v: next.version,
    };
    let due = one.due().map(|at| due_of(at, one.id.uuid()));
    let row = Row::new(operation, keys.subscription(one.id), &item)?
        .due(due.as_ref())
        .listed(LIST, &keys.subscriptions(one.created_at, one.id));
    Ok(at_version(row, one.version, nonce))
}

fn subscription(operation: &'static str, item: Item) -> Result<Subscription, StoreFailure> {
    let (pk, sk) = key_of(operation, &item)?;
    let (tenant, id) = subscription_of(&pk, &sk).ok_or_else(|| corrupt(operation))?;
    let item: SubscriptionItem = read(operation, item)?;
    Ok(Subscription {
        id,
        tenant,
        user: item.user,
        email: item.email,
        plan: PlanId::from_uuid(item.plan.0),
        plan_name: item.plan_name,
        state: item.s,
        method: item.method,
        start_at: item.start.map(|When(at)| at),
        end_at: item.end.map(|When(at)| at),
        paid: item.paid,
        reference: item.reference,
        paypal: item.paypal.map(|link| PayPalLink {
            id: link.id,
            approve_url: link.url,
            times: PayPalTimes {
                activated_at: link.activated.map(|When(at)| at),
                paid_at: link.paid.map(|When(at)| at),
                ended_at: link.ended.map(|When(at)| at),
            },
        }),
        approved_by: item.approved_by,
        approved_at: item.approved.map(|When(at)| at),
        created_at: item.created.0,
        updated_at: item.updated.0,
        version: item.v,
    })
}

impl TenantTable<'_> {
    async fn subscription(&self, id: SubscriptionId) -> Result<Option<Subscription>, StoreFailure> {
        const OPERATION: &str = "subscription.read";
        let key = self.keys().subscription(id);
        let item = self.item(OPERATION, &key, Read::Strong).await?;
        item.map(|item| subscription(OPERATION, item)).transpose()
    }

    async fn subscriptions(
        &self,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Subscription>, StoreFailure> {
        const OPERATION: &str = "subscriptions.list";
        let all = [self.keys().all_subscriptions()];
        let page = self
            .page_of(OPERATION, Form::Newest, &all, after, limit)
            .await?;
        each(page, |item| subscription(OPERATION, item))
    }
}

impl Subscriptions for Store {
    async fn subscription(
        &self,
        tenant: TenantId,
        id: SubscriptionId,
    ) -> Result<Option<Subscription>, StoreFailure> {
        self.tenant(tenant).subscription(id).await
    }

    async fn subscriptions(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Subscription>, StoreFailure> {
        self.tenant(tenant).subscriptions(after, limit).await
    }

    async fn point_paypal(
        &self,
        paypal: &str,
        tenant: TenantId,
        id: SubscriptionId,
    ) -> Result<Saved, StoreFailure> {
        let item = Item::from([
            ("t".into(), id_value(tenant.uuid())),
            ("s".into(), id_value(id.uuid())),
        ]);
        let write = Write::put_shared(paypal_pointer(paypal), item)
            .when("attribute_not_exists(pk) OR (t = :t AND s = :s)")
            .value(":t", id_value(tenant.uuid()))
            .value(":s", id_value(id.uuid()));
        let written = self.tenant(tenant).write("paypal.point", &write).await?;
        Ok(match written {
            Written::Applied(_) => Saved::Done,
            Written::Held(_) => Saved::Stale,
        })
    }

    async fn subscription_of_paypal(
        &self,
        paypal: &str,
    ) -> Result<Option<Subscription>, StoreFailure> {
        const OPERATION: &str = "paypal.pointer";
        let (pk, sk) = paypal_pointer(paypal);
        let Some(item) = self.item(OPERATION, &pk, &sk, Read::Strong).await? else {
            return Ok(None);
        };
        let PointerItem { t, s } = read(OPERATION, item)?;
        let table = self.tenant(TenantId::from_uuid(t.0));
        table.subscription(SubscriptionId::from_uuid(s.0)).await
    }
}
