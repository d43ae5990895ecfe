//! PayPal as our port knows it: keeps subscriptions, loses answers, and believes who holds its proof.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use domain::{
    failure::ProviderFailure,
    ids::SubscriptionId,
    ports::{PayPal, PayPalOrder, PayPalSubscription},
};

/// The header of a webhook that PayPal says is its own.
pub const PAYPAL_PROOF: &str = "paypal-transmission-sig";

/// PayPal in memory.
#[derive(Debug, Default)]
pub struct FakePayPal(Mutex<Inside>);

#[derive(Debug, Default)]
struct Inside {
    begun: BTreeMap<SubscriptionId, PayPalSubscription>,
    orders: Vec<PayPalOrder>,
    cancelled: Vec<String>,
    lost: u32,
    down: bool,
}

impl FakePayPal {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap()
    }

    /// Loses the answers to the next calls that change something.
    pub fn lose_answers(&self, times: u32) {
        self.inside().lost = times;
    }

    /// Whether PayPal can be reached.
    pub fn set_down(&self, down: bool) {
        self.inside().down = down;
    }

    /// Moves a subscription, as its buyer does.
    pub fn set_status(&self, id: &str, status: &str) {
        let mut inside = self.inside();
        let known = inside.begun.values_mut().find(|known| known.id == id);
        let known = known.unwrap();
        status.clone_into(&mut known.status);
        if status != "APPROVAL_PENDING" {
            known.approve_url = None;
        }
    }

    /// The subscriptions there are.
    pub fn subscriptions(&self) -> Vec<PayPalSubscription> {
        self.inside().begun.values().cloned().collect()
    }

    /// What was asked for, repeats included.
    pub fn orders(&self) -> Vec<PayPalOrder> {
        self.inside().orders.clone()
    }

    /// What was ended, in order.
    pub fn cancelled(&self) -> Vec<String> {
        self.inside().cancelled.clone()
    }
}

impl Inside {
    fn reach(&self) -> Result<(), ProviderFailure> {
        if self.down {
            return Err(ProviderFailure::NotSent { what: "connect" });
        }
        Ok(())
    }

    fn answer<T>(&mut self, answer: T) -> Result<T, ProviderFailure> {
        if self.lost == 0 {
            return Ok(answer);
        }
        self.lost -= 1;
        Err(ProviderFailure::OutcomeUnknown {
            what: "timeout".into(),
        })
    }
}

impl PayPal for FakePayPal {
    async fn begin(&self, order: &PayPalOrder) -> Result<PayPalSubscription, ProviderFailure> {
        let mut inside = self.inside();
        inside.reach()?;
        inside.orders.push(order.clone());
        let fresh = PayPalSubscription {
            id: format!("I-{}", order.subscription.key().to_uppercase()),
            status: "APPROVAL_PENDING".into(),
            approve_url: Some(format!(
                "https://paypal.example/approve/{}",
                order.subscription
            )),
            custom_id: Some(order.subscription.to_string()),
        };
        let begun = inside.begun.entry(order.subscription);
        let begun = begun.or_insert(fresh).clone();
        inside.answer(begun)
    }

    async fn paypal_subscription(
        &self,
        id: &str,
    ) -> Result<Option<PayPalSubscription>, ProviderFailure> {
        let inside = self.inside();
        inside.reach()?;
        Ok(inside.begun.values().find(|known| known.id == id).cloned())
    }

    async fn cancel(&self, id: &str, _reason: &str) -> Result<(), ProviderFailure> {
        let mut inside = self.inside();
        inside.reach()?;
        let known = inside.begun.values_mut().find(|known| known.id == id);
        let known = known.filter(|known| known.status != "APPROVAL_PENDING");
        let Some(known) = known else {
            return Err(ProviderFailure::Rejected {
                code: "PAYPAL_REFUSED".into(),
                reason: "PayPal refused the request (SUBSCRIPTION_STATUS_INVALID).".into(),
            });
        };
        if known.status != "CANCELLED" {
            known.status = "CANCELLED".into();
            inside.cancelled.push(id.to_owned());
        }
        inside.answer(())
    }

    async fn verify(
        &self,
        headers: &[(String, Vec<u8>)],
        _body: &[u8],
    ) -> Result<(), ProviderFailure> {
        self.inside().reach()?;
        let proven = headers.iter().any(|(name, _)| name == PAYPAL_PROOF);
        proven.then_some(()).ok_or(ProviderFailure::Unverified)
    }
}
