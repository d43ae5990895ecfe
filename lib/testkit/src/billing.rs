//! Plans, subscriptions, payments and managed channels for tests. All names are invented.

use domain::{
    billing::{
        BillingPeriod, Change, Entry, EntryName, Notification, Payment, PaymentMethod,
        PaymentState, Plan, PlanRequest, ProofType, RequestState, RequestType, Subscription,
        SubscriptionState,
    },
    channel::ChannelKey,
    ids::{ChannelId, PaymentId, PlanId, RequestId, SubscriptionId, TenantId, UserId},
    managed::ManagedChannel,
    ports::AuditEntry,
};
use jiff::Timestamp;

fn user() -> UserId {
    UserId::new("user-1")
}

/// A paid plan of 30 days with one channel.
#[must_use]
pub fn plan(name: &str, at: Timestamp) -> Plan {
    Plan {
        id: PlanId::fresh(),
        name: name.into(),
        price_fils: 12_500,
        period: BillingPeriod::Monthly,
        channels: 1,
        daily_messages: 1_000,
        bulk_per_cycle: 5_000,
        features: vec!["Inbox".into()],
        paypal_plan: Some("P-ACMESTARTER0000000000001".into()),
        request: RequestType::Paid,
        active: true,
        created_at: at,
        updated_at: at,
        version: 0,
    }
}

/// A pending subscription to a plan, to be paid offline.
#[must_use]
pub fn subscription(tenant: TenantId, plan: &Plan, at: Timestamp) -> Subscription {
    Subscription {
        id: SubscriptionId::fresh(),
        tenant,
        user: user(),
        email: Some("owner@falcon-freight.example".into()),
        plan: plan.id,
        plan_name: plan.name.clone(),
        state: SubscriptionState::Pending,
        method: PaymentMethod::Offline,
        start_at: None,
        end_at: None,
        paid: 0,
        reference: None,
        paypal: None,
        approved_by: None,
        approved_at: None,
        created_at: at,
        updated_at: at,
        version: 0,
    }
}

/// A payment for a subscription, whose form was just given out.
#[must_use]
pub fn payment(of: &Subscription, plan: &Plan, at: Timestamp) -> Payment {
    Payment {
        id: PaymentId::fresh(),
        tenant: of.tenant,
        user: of.user.clone(),
        email: of.email.clone(),
        plan: plan.id,
        plan_name: plan.name.clone(),
        amount_fils: plan.price_fils,
        days: plan.period.days(),
        subscription: of.id,
        expected: ProofType::Pdf,
        proof: None,
        reference: "TRX-0001".into(),
        state: PaymentState::Uploading,
        reviewed_by: None,
        reviewed_at: None,
        reason: None,
        created_at: at,
        updated_at: at,
        version: 0,
    }
}

/// A request for a quote.
#[must_use]
pub fn request(tenant: TenantId, plan: &Plan, at: Timestamp) -> PlanRequest {
    PlanRequest {
        id: RequestId::fresh(),
        tenant,
        user: user(),
        email: Some("owner@falcon-freight.example".into()),
        plan: plan.id,
        plan_name: plan.name.clone(),
        kind: RequestType::RequestQuote,
        message: "What do ten channels cost?".into(),
        phone: None,
        state: RequestState::Open,
        created_at: at,
        updated_at: at,
        version: 0,
    }
}

/// A managed channel that was just ordered.
#[must_use]
pub fn managed(tenant: TenantId, at: Timestamp) -> ManagedChannel {
    let id = ChannelId::fresh();
    let key = ChannelKey::parse(&format!("{}m", id.key())).unwrap();
    ManagedChannel {
        wanted_days: 30,
        ..ManagedChannel::ordered((tenant, id), "Sales".into(), key, user(), at)
    }
}

/// What a company is told about a fact.
#[must_use]
pub fn notification(tenant: TenantId, fact: &str, at: Timestamp) -> Notification {
    let words = ("Your plan is active", "You can add your first channel.");
    let email = Some("owner@falcon-freight.example");
    Notification::new(tenant, fact, "PLAN_ACTIVE", words, email, at)
}

/// A change of nothing yet, by the one user there is.
#[must_use]
pub fn change(tenant: TenantId, at: Timestamp) -> Change {
    let line = AuditEntry::new(&user(), "ledger", "apply", tenant, at);
    Change::of(tenant, line)
}

/// A change that does nothing but book an entry.
#[must_use]
pub fn booking(tenant: TenantId, name: &EntryName, days: u32, at: Timestamp) -> Change {
    let mut change = change(tenant, at);
    change.entries = vec![Entry::new(tenant, name, days, at, &user())];
    change
}

/// Days that were paid for, by the id of the sale.
#[must_use]
pub fn credit(tenant: TenantId, sale: &str, days: u32, at: Timestamp) -> Change {
    booking(tenant, &EntryName::PayPal(sale.into()), days, at)
}
