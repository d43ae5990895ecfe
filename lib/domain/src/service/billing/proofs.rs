//! Proofs of offline payments: a form for one file, and the look at what came (S3.40). What strangers
//! upload is untrusted: its size, its content and its type are checked here, whatever the form allowed.

use tracing::{info, warn};

use super::{
    Judge, MOST_BYTES, TRIES, busy, entry,
    proof_check::{
        announced, filename, hash, judged, kept_key, new_key, reference, sized, spoiled,
    },
    subscribe::no_such_subscription,
};
use crate::{
    billing::{
        Payment, PaymentMethod, PaymentState, Plan, Proof, ProofType, Subscription,
        SubscriptionState,
    },
    failure::AppFailure,
    ids::{PaymentId, SubscriptionId},
    ports::{Clock, Payments, Plans, ProofFiles, Saved, Subscriptions, UploadForm},
    principal::{Action, Principal},
    service::accept::IdempotencyKey,
};

/// What working with proofs needs.
#[derive(Debug)]
pub struct ProofDesk<'a, S, F, C> {
    /// Storage.
    pub store: &'a S,
    /// Where proofs lie.
    pub files: &'a F,
    /// The time.
    pub clock: &'a C,
    /// What a file is.
    pub judge: Judge,
}

impl<S, F, C> ProofDesk<'_, S, F, C>
where
    S: Plans + Subscriptions + Payments,
    F: ProofFiles,
    C: Clock,
{
    /// Gives out a form for the proof of a payment for a subscription: one file of this type, of 10 MB at
    /// most, to a place of the company's own. Asked again under its idempotency key it is another form for
    /// the same proof.
    ///
    /// # Errors
    /// `NOT_FOUND` for a subscription of somebody else; VALIDATION for a type that no proof has; CONFLICT
    /// for a subscription that is not paid so.
    pub async fn begin(
        &self,
        principal: &Principal,
        subscription: SubscriptionId,
        content_type: &str,
        key: Option<&IdempotencyKey>,
    ) -> Result<(Payment, UploadForm), AppFailure> {
        let expected = announced(content_type)?;
        let tenant = principal.tenant();
        let found = self.store.subscription(tenant, subscription).await?;
        let subscription = found.ok_or_else(no_such_subscription)?;
        payable(&subscription)?;
        let plan = self.store.plan(subscription.plan).await?;
        let plan = plan.filter(|plan| plan.active).ok_or_else(withdrawn)?;
        let id = key.map_or_else(PaymentId::fresh, |key| PaymentId::of_key(tenant, &key.key));
        let mut payment = self.new_payment(principal, id, (&subscription, &plan), expected);
        let audit = entry(self.clock, principal, "payments", "begin", id)
            .with("plan", &payment.plan_name)
            .with("subscription", subscription.id);
        if self.store.save_payment(&mut payment, &audit).await? == Saved::Stale {
            let known = self.store.payment(tenant, id).await?;
            let known = known.filter(|known| {
                known.subscription == subscription.id && known.expected == expected
            });
            payment = known.ok_or_else(|| super::key_reused("proof"))?;
            if payment.state != PaymentState::Uploading {
                return Err(handed_in(&payment));
            }
        }
        let key = new_key(tenant, id);
        let form = self.files.proof_form(&key, expected.mime(), MOST_BYTES);
        Ok((payment, form.await?))
    }

    /// Hands a payment in for review, after a look at its proof. A file that is no proof is refused and
    /// removed; the form may be used again while it lives. Handed in again with the same reference it is
    /// the same payment.
    ///
    /// # Errors
    /// `NOT_FOUND` for a proof of somebody else; VALIDATION naming what is wrong; CONFLICT for one that was
    /// handed in with another reference.
    pub async fn hand_in(
        &self,
        principal: &Principal,
        id: PaymentId,
        given: &str,
    ) -> Result<Payment, AppFailure> {
        let given = reference(given)?;
        let tenant = principal.tenant();
        for _ in 0..TRIES {
            let found = self.store.payment(tenant, id).await?;
            let mut payment =
                found.ok_or_else(|| AppFailure::not_found("There is no such proof."))?;
            match payment.state {
                PaymentState::Uploading => {}
                PaymentState::Pending if payment.reference == given => return Ok(payment),
                PaymentState::Pending | PaymentState::Approved | PaymentState::Rejected => {
                    return Err(handed_in(&payment));
                }
            }
            let proof = self.look_at(&payment).await?;
            let audit = entry(self.clock, principal, "payments", "hand_in", id)
                .with("reference", &given)
                .with("used_before", proof.used_before);
            payment.proof = Some(proof);
            payment.reference.clone_from(&given);
            payment.state = PaymentState::Pending;
            payment.updated_at = self.clock.now();
            if self.store.save_payment(&mut payment, &audit).await? == Saved::Done {
                info!(tenant.id = %tenant, payment.id = %id, "payment `{id}` waits for review");
                // It lies where it is kept; what is left here expires by itself.
                self.remove(&payment).await;
                return Ok(payment);
            }
        }
        Err(busy())
    }

    /// A link that shows a payment's proof for a few minutes: to its company's managers, and to the
    /// platform's people. None for everybody else, and while there is no proof.
    ///
    /// # Errors
    /// Storage failures.
    pub async fn preview(
        &self,
        principal: &Principal,
        payment: &Payment,
    ) -> Result<Option<String>, AppFailure> {
        let role = principal.role();
        let own = Action::ManageBilling.allows(role) && payment.tenant == principal.tenant();
        let Some(proof) = payment
            .proof
            .as_ref()
            .filter(|_| own || Action::ManagePlatform.allows(role))
        else {
            return Ok(None);
        };
        let key = kept_key(payment.tenant, payment.id, &proof.sha256);
        let name = filename(payment, proof.kind);
        let link = self.files.preview(&key, &name, proof.kind.mime()).await?;
        Ok(Some(link))
    }

    /// Looks at what was uploaded, keeps it, and says what it is.
    async fn look_at(&self, payment: &Payment) -> Result<Proof, AppFailure> {
        let key = new_key(payment.tenant, payment.id);
        let missing = || {
            spoiled(
                "NO_FILE",
                "no file was uploaded; post it to the form of `POST /v1/proofs`, or ask for a new form \
                 if its fifteen minutes are over",
            )
        };
        let Some(size) = self.files.proof_size(&key).await? else {
            return Err(missing());
        };
        if let Err(refused) = sized(size) {
            self.remove(payment).await;
            return Err(refused);
        }
        let Some(bytes) = self.files.proof(&key).await? else {
            return Err(missing());
        };
        // Whoever has the form may have put another file there meanwhile: what was read is what counts.
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let judged = sized(size).and_then(|()| judged(self.judge, &bytes, payment.expected));
        let kind = match judged {
            Ok(kind) => kind,
            Err(refused) => {
                self.remove(payment).await;
                return Err(refused);
            }
        };
        let sha256 = hash(&bytes);
        let kept = kept_key(payment.tenant, payment.id, &sha256);
        self.files.keep_proof(&kept, bytes, kind.mime()).await?;
        let first = self.store.claim_receipt(&sha256, payment).await?;
        Ok(Proof {
            kind,
            size,
            sha256,
            used_before: !first,
        })
    }

    async fn remove(&self, payment: &Payment) {
        let key = new_key(payment.tenant, payment.id);
        if let Err(failure) = self.files.remove_proof(&key).await {
            // Nobody links to it, and it expires by itself.
            warn!(payment.id = %payment.id, error = %failure, "an upload for `{}` stays", payment.id);
        }
    }

    fn new_payment(
        &self,
        principal: &Principal,
        id: PaymentId,
        (subscription, plan): (&Subscription, &Plan),
        expected: ProofType,
    ) -> Payment {
        let now = self.clock.now();
        Payment {
            id,
            tenant: principal.tenant(),
            user: principal.user().clone(),
            email: principal.email().map(str::to_owned),
            plan: plan.id,
            plan_name: plan.name.clone(),
            amount_fils: plan.price_fils,
            days: plan.period.days(),
            subscription: subscription.id,
            expected,
            proof: None,
            reference: String::new(),
            state: PaymentState::Uploading,
            reviewed_by: None,
            reviewed_at: None,
            reason: None,
            created_at: now,
            updated_at: now,
            version: 0,
        }
    }
}

/// Whether a payment by proof is for this subscription.
fn payable(subscription: &Subscription) -> Result<(), AppFailure> {
    let failure = match (subscription.method, subscription.state) {
        (PaymentMethod::PayPal, _) => AppFailure::conflict(
            "This subscription is paid at PayPal. To pay by transfer, subscribe with `\"method\": \"offline\"`.",
        )
        .with_detail("reason", "PAID_AT_PAYPAL"),
        (PaymentMethod::Offline, SubscriptionState::Canceled) => AppFailure::conflict(
            "This subscription was canceled. Subscribe anew, then pay for that one.",
        )
        .with_detail("reason", "CANCELED"),
        (
            PaymentMethod::Offline,
            SubscriptionState::Pending | SubscriptionState::Active | SubscriptionState::Expired,
        ) => return Ok(()),
    };
    Err(failure)
}

fn withdrawn() -> AppFailure {
    AppFailure::conflict(
        "This plan is not on offer any more. `GET /v1/plans` lists those that are; subscribe to one of them.",
    )
    .with_detail("reason", "PLAN_WITHDRAWN")
}

fn handed_in(payment: &Payment) -> AppFailure {
    AppFailure::conflict(
        "This proof was handed in already. For another payment, ask for a new form: `POST /v1/proofs`.",
    )
    .with_detail("reason", "HANDED_IN")
    .with_detail("status", payment.state.as_str())
}
