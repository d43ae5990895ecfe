//! Subscriptions, payments, requests, and what companies are told.

use domain::{
    billing::{Notification, Payment, PaymentState, PlanRequest, Subscription},
    failure::StoreFailure,
    ids::{NotificationId, PaymentId, RequestId, SubscriptionId, TenantId},
    ports::{AuditEntry, Notifications, Page, Payments, PlanRequests, Saved, Subscriptions},
};

use super::{
    MemoryStore, State,
    page::{newest_first, page},
};

impl Subscriptions for MemoryStore {
    async fn subscription(
        &self,
        tenant: TenantId,
        id: SubscriptionId,
    ) -> Result<Option<Subscription>, StoreFailure> {
        self.run("subscriptions.subscription", |s| {
            s.subscriptions.get(&(tenant, id)).cloned()
        })
    }

    async fn subscriptions(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Subscription>, StoreFailure> {
        let rows = self.run("subscriptions.list", |s| {
            let own = s.subscriptions.values().filter(|one| one.tenant == tenant);
            own.map(|one| (newest_first(one.created_at, one.id.uuid()), one.clone()))
                .collect()
        })?;
        page("subscriptions.list", tenant, rows, after, limit)
    }

    async fn point_paypal(
        &self,
        paypal: &str,
        tenant: TenantId,
        id: SubscriptionId,
    ) -> Result<Saved, StoreFailure> {
        self.run("subscriptions.point_paypal", |s| {
            let to = s.paypal.entry(paypal.to_owned()).or_insert((tenant, id));
            if *to == (tenant, id) {
                Saved::Done
            } else {
                Saved::Stale
            }
        })
    }

    async fn subscription_of_paypal(
        &self,
        paypal: &str,
    ) -> Result<Option<Subscription>, StoreFailure> {
        self.run("subscriptions.of_paypal", |s| {
            let to = s.paypal.get(paypal)?;
            s.subscriptions.get(to).cloned()
        })
    }
}

impl Payments for MemoryStore {
    async fn payment(
        &self,
        tenant: TenantId,
        id: PaymentId,
    ) -> Result<Option<Payment>, StoreFailure> {
        self.run("payments.payment", |s| {
            s.payments.get(&(tenant, id)).cloned()
        })
    }

    async fn payments(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Payment>, StoreFailure> {
        let rows = self.run("payments.list", |s| {
            s.payments_where(|one| one.tenant == tenant)
        })?;
        page("payments.list", tenant, rows, after, limit)
    }

    async fn save_payment(
        &self,
        payment: &mut Payment,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.run("payments.save", |s| {
            let key = (payment.tenant, payment.id);
            let stored = s.payments.get(&key);
            if stored.map_or(0, |known| known.version) != payment.version {
                return Saved::Stale;
            }
            payment.version += 1;
            s.payments.insert(key, payment.clone());
            s.audit.push((payment.tenant, audit.clone()));
            Saved::Done
        })
    }

    async fn claim_receipt(&self, sha256: &str, payment: &Payment) -> Result<bool, StoreFailure> {
        self.run("payments.claim_receipt", |s| {
            let own = (payment.tenant, payment.id);
            *s.receipts.entry(sha256.to_owned()).or_insert(own) == own
        })
    }

    async fn payments_in(
        &self,
        state: PaymentState,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Payment>, StoreFailure> {
        let rows = self.run("payments.in_state", |s| {
            s.payments_where(|one| one.state == state)
        })?;
        page("payments.in_state", TenantId::PLATFORM, rows, after, limit)
    }

    async fn any_payment(&self, id: PaymentId) -> Result<Option<Payment>, StoreFailure> {
        self.run("payments.any", |s| {
            s.payments.values().find(|one| one.id == id).cloned()
        })
    }
}

impl PlanRequests for MemoryStore {
    async fn save_request(
        &self,
        request: &mut PlanRequest,
        by: TenantId,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.run("requests.save", |s| {
            let key = (request.tenant, request.id);
            let stored = s.plan_requests.get(&key);
            if stored.map_or(0, |known| known.version) != request.version {
                return Saved::Stale;
            }
            request.version += 1;
            s.plan_requests.insert(key, request.clone());
            s.audit.push((by, audit.clone()));
            Saved::Done
        })
    }

    async fn any_request(&self, id: RequestId) -> Result<Option<PlanRequest>, StoreFailure> {
        self.run("requests.any", |s| {
            s.plan_requests.values().find(|one| one.id == id).cloned()
        })
    }

    async fn requests(
        &self,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<PlanRequest>, StoreFailure> {
        let rows = self.run("requests.list", |s| s.requests_where(|_| true))?;
        page("requests.list", TenantId::PLATFORM, rows, after, limit)
    }

    async fn own_requests(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<PlanRequest>, StoreFailure> {
        let rows = self.run("requests.own", |s| {
            s.requests_where(|one| one.tenant == tenant)
        })?;
        page("requests.own", tenant, rows, after, limit)
    }
}

impl Notifications for MemoryStore {
    async fn notification(
        &self,
        tenant: TenantId,
        id: NotificationId,
    ) -> Result<Option<Notification>, StoreFailure> {
        self.run("notifications.notification", |s| {
            s.notifications.get(&(tenant, id)).cloned()
        })
    }

    async fn notifications(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Notification>, StoreFailure> {
        let rows = self.run("notifications.list", |s| {
            let own = s.notifications.values().filter(|one| one.tenant == tenant);
            own.map(|one| (newest_first(one.at, one.id.uuid()), one.clone()))
                .collect()
        })?;
        page("notifications.list", tenant, rows, after, limit)
    }

    async fn save_notification(
        &self,
        notification: &mut Notification,
    ) -> Result<Saved, StoreFailure> {
        self.run("notifications.save", |s| {
            let key = (notification.tenant, notification.id);
            let stored = s.notifications.get(&key);
            if stored.map_or(0, |known| known.version) != notification.version {
                return Saved::Stale;
            }
            notification.version += 1;
            s.notifications.insert(key, notification.clone());
            Saved::Done
        })
    }
}

impl State {
    fn payments_where(&self, wanted: impl Fn(&Payment) -> bool) -> Vec<(String, Payment)> {
        let wanted = self.payments.values().filter(|one| wanted(one));
        wanted
            .map(|one| (newest_first(one.created_at, one.id.uuid()), one.clone()))
            .collect()
    }

    fn requests_where(&self, wanted: impl Fn(&PlanRequest) -> bool) -> Vec<(String, PlanRequest)> {
        let wanted = self.plan_requests.values().filter(|one| wanted(one));
        wanted
            .map(|one| (newest_first(one.created_at, one.id.uuid()), one.clone()))
            .collect()
    }
}
