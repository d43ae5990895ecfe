//! Plans, orders, proofs of payment and their review, with the judge of files that production has.

mod looking;
mod plans;
mod proving;
mod requesting;
mod reviewing;
mod subscribing;

use domain::{
    billing::{BillingPeriod, Payment, PaymentMethod, Plan, RequestType, Subscription},
    failure::AppFailure,
    ids::{PaymentId, UserId},
    principal::{Principal, Role},
    service::{
        accept::IdempotencyKey,
        billing::{BillingDesk, PlanGiven, ProofDesk},
    },
};
use testkit::{builders::Company, fakes::FakeClock, memory::MemoryStore};

pub const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n%%EOF";
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";
pub const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";

/// Two companies that may pay, and the platform's people.
pub struct Shop {
    pub store: MemoryStore,
    pub clock: FakeClock,
    pub acme: Company,
    pub other: Company,
}

/// What a file is, as the function asks it.
fn judge(bytes: &[u8]) -> Option<&'static str> {
    fetch::judge(bytes, None).ok().map(|found| found.mime)
}

impl Shop {
    pub fn new() -> Self {
        let shop = Self {
            store: MemoryStore::new(),
            clock: FakeClock::at("2026-11-20T10:30:00Z"),
            acme: Company::named("acme"),
            other: Company::named("other"),
        };
        for company in [&shop.acme, &shop.other] {
            let mut tenant = company.tenant.clone();
            tenant.plan = None;
            shop.store.state().tenants.insert(tenant.id, tenant);
        }
        shop
    }

    pub fn desk(&self) -> BillingDesk<'_, MemoryStore, FakeClock> {
        BillingDesk {
            store: &self.store,
            clock: &self.clock,
        }
    }

    pub fn proofs(&self) -> ProofDesk<'_, MemoryStore, MemoryStore, FakeClock> {
        ProofDesk {
            store: &self.store,
            files: &self.store,
            clock: &self.clock,
            judge,
        }
    }

    /// The manager of acme, whose address is known.
    pub fn manager(&self) -> Principal {
        self.acme
            .user(Role::Manager)
            .known_as("owner@acme-freight.example")
    }

    /// The manager of the other company.
    pub fn stranger(&self) -> Principal {
        self.other.user(Role::Manager)
    }

    pub async fn plan(&self, given: PlanGiven) -> Plan {
        let made = self.desk().make_plan(&admin("admin-1"), given, None).await;
        made.unwrap()
    }

    /// Acme's order of a new plan.
    pub async fn ordered(&self, given: PlanGiven) -> Subscription {
        let plan = self.plan(given).await;
        let opened = self
            .desk()
            .subscribe(&self.manager(), plan.id, PaymentMethod::Offline, None)
            .await;
        opened.unwrap().subscription
    }

    /// A form for acme's proof, and this file posted to it.
    pub async fn uploaded(&self, of: &Subscription, mime: &str, bytes: &[u8]) -> PaymentId {
        let (proofs, manager) = (self.proofs(), self.manager());
        let begun = proofs.begin(&manager, of.id, mime, None).await;
        let (payment, form) = begun.unwrap();
        let key = form.fields["key"].clone();
        self.store.state().files.insert(key, bytes.to_vec());
        payment.id
    }

    /// A payment of acme's that waits for its review.
    pub async fn handed_in(&self, of: &Subscription, reference: &str) -> Payment {
        let receipt = [PDF, reference.as_bytes()].concat();
        let id = self.uploaded(of, "application/pdf", &receipt).await;
        let handed_in = self.proofs().hand_in(&self.manager(), id, reference).await;
        handed_in.unwrap()
    }
}

/// Somebody who runs the service; their own company is none of those that pay.
pub fn admin(name: &str) -> Principal {
    let platform = Company::named("platform");
    Principal::verified(platform.tenant.id, UserId::new(name), Role::PlatformAdmin)
}

/// A paid plan of 30 days with one channel.
pub fn starter() -> PlanGiven {
    PlanGiven {
        name: "Starter".into(),
        price_fils: 9_500,
        period: BillingPeriod::Monthly,
        channels: 1,
        daily_messages: 500,
        bulk_per_cycle: 2_000,
        features: vec!["One channel".into()],
        paypal_plan: None,
        request: RequestType::Paid,
        active: true,
    }
}

pub fn key(name: &str) -> IdempotencyKey {
    IdempotencyKey::parse("POST /v1/test", name, b"").unwrap()
}

/// The machine code of a conflict.
pub fn reason(failure: &AppFailure) -> &str {
    failure.details().get("reason").map_or("", String::as_str)
}
