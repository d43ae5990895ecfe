//! Offline payments, what leads to one, and whose receipts are known.

use domain::{
    billing::{Payment, PaymentState, Proof, ProofType},
    failure::StoreFailure,
    ids::{PaymentId, PlanId, SubscriptionId, TenantId, UserId},
    ports::{AuditEntry, Page, Payments, Saved},
};
use serde::{Deserialize, Serialize};

use super::{across::pointer, at_version};
use crate::{
    CrossTenant, Store, audit,
    keys::{Form, TenantKeys, all_payments_in, payment_of, payment_pointer, payments_in, receipt},
    list::each,
    schema::{LIST, LOG},
    shape::{Id, Item, Row, When, corrupt, id as id_value, read},
    table::{Read, TenantTable, key_of},
    write::{Write, Written, nonce},
};

#[derive(Serialize, Deserialize)]
struct PaymentItem {
    user: UserId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    plan: Id,
    plan_name: String,
    fils: u64,
    days: u32,
    sub: Id,
    expected: ProofType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    proof: Option<ProofItem>,
    reference: String,
    s: PaymentState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reviewed_by: Option<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reviewed: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    created: When,
    updated: When,
    /// Version.
    v: u32,
}

#[derive(Serialize, Deserialize)]
struct ProofItem {
    kind: ProofType,
    size: u64,
    sha256: String,
    used_before: bool,
}

/// Writes the next version of a payment.
pub(super) fn write(
    operation: &'static str,
    one: &Payment,
    nonce: &[u8],
) -> Result<Write, StoreFailure> {
    let keys = TenantKeys::new(one.tenant);
    let next = one.next();
    let item = PaymentItem {
        user: next.user,
        email: next.email,
        plan: Id(next.plan.uuid()),
        plan_name: next.plan_name,
        fils: next.amount_fils,
        days: next.days,
        sub: Id(next.subscription.uuid()),
        expected: next.expected,
        proof: next.proof.map(|proof| ProofItem {
            kind: proof.kind,
            size: proof.size,
            sha256: proof.sha256,
            used_before: proof.used_before,
        }),
        reference: next.reference,
        s: next.state,
        reviewed_by: next.reviewed_by,
        reviewed: next.reviewed_at.map(When),
        reason: next.reason,
        created: When(next.created_at),
        updated: When(next.updated_at),
        v: next.version,
    };
    let row = Row::new(operation, keys.payment(one.id), &item)?
        .listed(LIST, &keys.payments(one.created_at, one.id))
        .listed(LOG, &payments_in(one.state, one.created_at, one.id));
    Ok(at_version(row, one.version, nonce))
}

fn payment(operation: &'static str, item: Item) -> Result<Payment, StoreFailure> {
    let (pk, sk) = key_of(operation, &item)?;
    let (tenant, id) = payment_of(&pk, &sk).ok_or_else(|| corrupt(operation))?;
    let item: PaymentItem = read(operation, item)?;
    Ok(Payment {
        id,
        tenant,
        user: item.user,
        email: item.email,
        plan: PlanId::from_uuid(item.plan.0),
        plan_name: item.plan_name,
        amount_fils: item.fils,
        days: item.days,
        subscription: SubscriptionId::from_uuid(item.sub.0),
        expected: item.expected,
        proof: item.proof.map(|proof| Proof {
            kind: proof.kind,
            size: proof.size,
            sha256: proof.sha256,
            used_before: proof.used_before,
        }),
        reference: item.reference,
        state: item.s,
        reviewed_by: item.reviewed_by,
        reviewed_at: item.reviewed.map(|When(at)| at),
        reason: item.reason,
        created_at: item.created.0,
        updated_at: item.updated.0,
        version: item.v,
    })
}

impl TenantTable<'_> {
    async fn payment(&self, id: PaymentId) -> Result<Option<Payment>, StoreFailure> {
        const OPERATION: &str = "payment.read";
        let key = self.keys().payment(id);
        let item = self.item(OPERATION, &key, Read::Strong).await?;
        item.map(|item| payment(OPERATION, item)).transpose()
    }

    async fn payments(
        &self,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Payment>, StoreFailure> {
        const OPERATION: &str = "payments.list";
        let all = [self.keys().all_payments()];
        let page = self
            .page_of(OPERATION, Form::Newest, &all, after, limit)
            .await?;
        each(page, |item| payment(OPERATION, item))
    }
}

impl CrossTenant<'_> {
    /// Payments of all companies in a state, newest first.
    ///
    /// # Errors
    /// Refused for a position that is none of this list; [`StoreFailure`] when the table does not answer.
    pub async fn payments_in(
        &self,
        state: PaymentState,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Payment>, StoreFailure> {
        const OPERATION: &str = "payments.in_state";
        let partition = all_payments_in(state);
        let page = self.page_of(OPERATION, &partition, after, limit).await?;
        let mut page = each(page, |item| payment(OPERATION, item))?;
        // The index may lag: the payment itself says where it stands.
        page.items.retain(|one| one.state == state);
        Ok(page)
    }

    /// A payment of any company.
    ///
    /// # Errors
    /// [`StoreFailure`] when the table does not answer.
    pub async fn any_payment(&self, id: PaymentId) -> Result<Option<Payment>, StoreFailure> {
        const OPERATION: &str = "payment.pointer";
        let tenant = self.led_to_tenant(OPERATION, payment_pointer(id)).await?;
        let Some(tenant) = tenant else {
            return Ok(None);
        };
        self.store().tenant(tenant).payment(id).await
    }
}

impl Payments for Store {
    async fn payment(
        &self,
        tenant: TenantId,
        id: PaymentId,
    ) -> Result<Option<Payment>, StoreFailure> {
        self.tenant(tenant).payment(id).await
    }

    async fn payments(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Payment>, StoreFailure> {
        self.tenant(tenant).payments(after, limit).await
    }

    async fn save_payment(
        &self,
        payment: &mut Payment,
        entry: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "payment.save";
        let mut writes = vec![
            write(OPERATION, payment, &nonce())?,
            audit::note(OPERATION, payment.tenant, entry)?,
        ];
        if payment.version == 0 {
            writes.push(pointer(payment_pointer(payment.id), payment.tenant));
        }
        let table = self.tenant(payment.tenant);
        let saved = table.save_with(OPERATION, &writes).await?;
        if saved == Saved::Done {
            *payment = payment.next();
        }
        Ok(saved)
    }

    async fn claim_receipt(&self, sha256: &str, payment: &Payment) -> Result<bool, StoreFailure> {
        let (tenant, id) = (payment.tenant, payment.id);
        let item = Item::from([
            ("t".into(), id_value(tenant.uuid())),
            ("p".into(), id_value(id.uuid())),
        ]);
        let write = Write::put_shared(receipt(sha256), item)
            .when("attribute_not_exists(pk) OR (t = :t AND p = :p)")
            .value(":t", id_value(tenant.uuid()))
            .value(":p", id_value(id.uuid()));
        let written = self.tenant(tenant).write("receipt.claim", &write).await?;
        Ok(match written {
            Written::Applied(_) => true,
            Written::Held(_) => false,
        })
    }

    async fn payments_in(
        &self,
        state: PaymentState,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Payment>, StoreFailure> {
        self.cross_tenant().payments_in(state, after, limit).await
    }

    async fn any_payment(&self, id: PaymentId) -> Result<Option<Payment>, StoreFailure> {
        self.cross_tenant().any_payment(id).await
    }
}
