//! Offline payments and the forms for their proofs as they are shown.

use std::collections::BTreeMap;

use domain::{
    billing::Payment,
    ports::UploadForm,
    principal::{Action, Principal},
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::plan_view::dinars;

/// Where a proof goes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProofForm {
    /// For `POST /v1/payments`.
    #[schema(format = Uuid)]
    proof_id: String,
    /// Post a form here.
    url: String,
    /// Its fields, which come before `file`.
    fields: BTreeMap<String, String>,
    /// Until then.
    expires_at: Timestamp,
}

impl ProofForm {
    pub fn new(payment: &Payment, form: UploadForm) -> Self {
        Self {
            proof_id: payment.id.to_string(),
            url: form.url,
            fields: form.fields,
            expires_at: form.expires_at,
        }
    }
}

/// An offline payment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Payment)]
pub struct PaymentShown {
    /// The proof's id too.
    #[schema(format = Uuid)]
    id: String,
    /// Which company paid; for the platform's people alone.
    #[schema(format = Uuid)]
    tenant_id: Option<String>,
    /// Who paid.
    user_id: String,
    #[schema(format = Uuid)]
    plan_id: String,
    plan_name: String,
    #[schema(format = Uuid)]
    subscription_id: String,
    amount_fils: u64,
    #[schema(example = "9.500")]
    amount_bhd: String,
    /// The days that approving it credits.
    days: u32,
    /// What the payer calls it.
    reference: String,
    /// `uploading`, `pending`, `approved` or `rejected`.
    status: &'static str,
    /// The proof, once it was looked at.
    proof: Option<ProofShown>,
    /// Shows the proof, for five minutes: to the company's managers and the platform's people, for one
    /// payment at a time.
    preview_url: Option<String>,
    reviewed_by: Option<String>,
    reviewed_at: Option<Timestamp>,
    /// Why it was rejected.
    reason: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A proof of payment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Proof)]
struct ProofShown {
    /// `application/pdf`, `image/jpeg` or `image/png`, by its content.
    content_type: &'static str,
    /// Bytes.
    size: u64,
    /// SHA-256, as hexadecimal digits.
    sha256: String,
    /// Whether the very same file came with an earlier payment, of whichever company; for the platform's
    /// people alone.
    used_before: Option<bool>,
}

/// A page of payments.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentList {
    pub items: Vec<PaymentShown>,
    pub next_cursor: Option<String>,
}

impl PaymentShown {
    /// The payment as this caller may see it.
    pub fn new(payment: Payment, principal: &Principal) -> Self {
        let platform = Action::ManagePlatform.allows(principal.role());
        let proof = payment.proof.map(|proof| ProofShown {
            content_type: proof.kind.mime(),
            size: proof.size,
            sha256: proof.sha256,
            used_before: platform.then_some(proof.used_before),
        });
        Self {
            id: payment.id.to_string(),
            tenant_id: platform.then(|| payment.tenant.to_string()),
            user_id: payment.user.to_string(),
            plan_id: payment.plan.to_string(),
            plan_name: payment.plan_name,
            subscription_id: payment.subscription.to_string(),
            amount_fils: payment.amount_fils,
            amount_bhd: dinars(payment.amount_fils),
            days: payment.days,
            reference: payment.reference,
            status: payment.state.as_str(),
            proof,
            preview_url: None,
            reviewed_by: payment.reviewed_by.map(|user| user.to_string()),
            reviewed_at: payment.reviewed_at,
            reason: payment.reason,
            created_at: payment.created_at,
            updated_at: payment.updated_at,
        }
    }

    /// The same with a link that shows its proof.
    pub fn with_preview(mut self, link: Option<String>) -> Self {
        self.preview_url = link;
        self
    }
}
