//! What a proof of payment may be, judged by its content.

use sha2::{Digest, Sha256};

use crate::{
    billing::{Payment, ProofType},
    failure::{AppFailure, FieldProblem},
    ids::{PaymentId, TenantId},
};

/// The largest proof: 10 MB.
pub const MOST_BYTES: u64 = 10 * 1024 * 1024;

const LONGEST_REFERENCE: usize = 100;

/// Says what a file is by its content: the MIME type, or none for what nobody should open.
pub type Judge = fn(&[u8]) -> Option<&'static str>;

/// Where a stranger's file lies until it is looked at.
pub(super) fn new_key(tenant: TenantId, id: PaymentId) -> String {
    format!("proofs/new/{}/{}", tenant.key(), id.key())
}

/// Where a file lies that was looked at. Its content is part of the name: whoever still has the form may
/// put another file to the first place, and changes nothing here.
pub(super) fn kept_key(tenant: TenantId, id: PaymentId, sha256: &str) -> String {
    format!("proofs/kept/{}/{}/{sha256}", tenant.key(), id.key())
}

/// The name under which a proof is shown.
pub(super) fn filename(payment: &Payment, kind: ProofType) -> String {
    let ending = match kind {
        ProofType::Pdf => "pdf",
        ProofType::Jpeg => "jpg",
        ProofType::Png => "png",
    };
    format!("proof-{}.{ending}", payment.id)
}

/// A content type as a caller announces it.
///
/// # Errors
/// VALIDATION for one that no proof has.
pub(super) fn announced(content_type: &str) -> Result<ProofType, AppFailure> {
    ProofType::of_mime(content_type).ok_or_else(|| {
        refused(
            "content_type",
            "UNKNOWN_VALUE",
            format!(
                "use one of {}",
                ProofType::ALL.map(ProofType::mime).join(", ")
            ),
        )
    })
}

/// A reference without spaces around it.
///
/// # Errors
/// VALIDATION when it is empty, too long or no line of text.
pub(super) fn reference(given: &str) -> Result<String, AppFailure> {
    let given = given.trim();
    if super::plan_given::fits(given, LONGEST_REFERENCE) {
        return Ok(given.to_owned());
    }
    let form = "give the reference of your transfer, 1 to 100 characters on one line";
    Err(refused("reference", "FORMAT", form))
}

/// Whether a file of this size may be a proof.
///
/// # Errors
/// VALIDATION with what to do instead.
pub(super) fn sized(size: u64) -> Result<(), AppFailure> {
    match size {
        0 => Err(spoiled(
            "EMPTY",
            "the file is empty; upload the proof once more",
        )),
        1..=MOST_BYTES => Ok(()),
        _ => Err(spoiled(
            "TOO_LARGE",
            "the file is larger than 10 MB; upload a smaller copy",
        )),
    }
}

/// Whether a file is what it was announced as.
///
/// # Errors
/// VALIDATION with what to do instead.
pub(super) fn judged(
    judge: Judge,
    bytes: &[u8],
    announced: ProofType,
) -> Result<ProofType, AppFailure> {
    let found = judge(bytes).and_then(ProofType::of_mime);
    let Some(found) = found else {
        return Err(spoiled(
            "WRONG_TYPE",
            "the file is no PDF, JPEG or PNG, whatever it is called; upload one of these",
        ));
    };
    if found == announced {
        return Ok(found);
    }
    Err(spoiled(
        "OTHER_TYPE",
        &format!(
            "the file was announced as {} and is {}; ask for a new form with that content_type",
            announced.mime(),
            found.mime()
        ),
    ))
}

/// The SHA-256 of a file, as hexadecimal digits.
pub(super) fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

pub(super) fn spoiled(code: &'static str, message: &str) -> AppFailure {
    refused("proof_id", code, message)
}

fn refused(field: &'static str, code: &'static str, message: impl Into<String>) -> AppFailure {
    AppFailure::wrong(FieldProblem::new(field, code, message))
}
