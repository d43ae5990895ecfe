//! Proofs: what strangers upload, and what is made of it.

use domain::{
    billing::{PaymentMethod, PaymentState, ProofType},
    failure::Code,
    ids::{PaymentId, SubscriptionId},
    principal::Role,
};
use testkit::memory::FailWhen;

use super::{JPEG, PDF, PNG, Shop, admin, key, reason, starter};

/// S3.40, S3.41, S3.61: a proof with a reference waits for its review, with everything that was recorded.
#[tokio::test]
async fn a_proof_that_is_one_waits_for_its_review() {
    for (mime, bytes, kind) in [
        ("application/pdf", PDF, ProofType::Pdf),
        ("image/png", PNG, ProofType::Png),
        ("image/jpeg", JPEG, ProofType::Jpeg),
    ] {
        let shop = Shop::new();
        let order = shop.ordered(starter()).await;
        let id = shop.uploaded(&order, mime, bytes).await;
        let paid = shop.proofs().hand_in(&shop.manager(), id, "  TRX-7 ").await;
        let paid = paid.unwrap();
        assert_eq!(
            (paid.state, paid.reference.as_str()),
            (PaymentState::Pending, "TRX-7")
        );
        assert_eq!(
            (paid.plan, paid.days, paid.amount_fils),
            (order.plan, 30, 9_500)
        );
        assert_eq!((paid.reviewed_by, paid.reviewed_at), (None, None));
        let proof = paid.proof.unwrap();
        assert_eq!((proof.kind, proof.size), (kind, bytes.len() as u64));
        assert_eq!(proof.sha256.len(), 64);
        assert!(!proof.used_before);
        let state = shop.store.state();
        let kept: Vec<_> = state.files.iter().collect();
        let [(place, content)] = kept.as_slice() else {
            panic!("{kept:?}")
        };
        assert!(place.starts_with("proofs/kept/") && place.ends_with(&proof.sha256));
        assert_eq!(content.as_slice(), bytes);
        let pending = state
            .payments
            .values()
            .filter(|one| one.state == PaymentState::Pending);
        assert_eq!(pending.count(), 1);
    }
}

/// S3.40: the form is for one file of one type, of 10 MB at most, to a place of the company's own.
#[tokio::test]
async fn a_form_is_for_one_place_of_the_company() {
    let shop = Shop::new();
    let order = shop.ordered(starter()).await;
    let (proofs, manager) = (shop.proofs(), shop.manager());
    let named = key("form");
    let (one, form) = proofs
        .begin(&manager, order.id, "image/png", Some(&named))
        .await
        .unwrap();
    let place = format!("proofs/new/{}/{}", order.tenant.key(), one.id.key());
    assert_eq!(form.fields["key"], place);
    assert_eq!(form.fields["Content-Type"], "image/png");
    assert_eq!(form.fields["most"], "10485760");
    let again = proofs
        .begin(&manager, order.id, "image/png", Some(&named))
        .await;
    assert_eq!(
        again.unwrap().0.id,
        one.id,
        "another form for the same proof"
    );
    let other = proofs
        .begin(&manager, order.id, "image/jpeg", Some(&named))
        .await;
    assert_eq!(reason(&other.unwrap_err()), "IDEMPOTENCY_KEY_REUSED");
    for odd in [
        "image/svg+xml",
        "text/html",
        "",
        "application/pdf; x=1",
        "image/*",
    ] {
        let refused = proofs.begin(&manager, order.id, odd, None).await;
        assert_eq!(
            refused.unwrap_err().fields()[0].field,
            "content_type",
            "{odd}"
        );
    }
    for (who, id) in [
        (shop.stranger(), order.id),
        (shop.manager(), SubscriptionId::fresh()),
    ] {
        let refused = proofs.begin(&who, id, "image/png", None).await;
        assert_eq!(refused.unwrap_err().code(), Code::NotFound);
    }
    let id = order.id;
    let tenant = order.tenant;
    let at_paypal = |method| {
        let mut state = shop.store.state();
        state.subscriptions.get_mut(&(tenant, id)).unwrap().method = method;
    };
    at_paypal(PaymentMethod::PayPal);
    let refused = proofs.begin(&manager, id, "image/png", None).await;
    assert_eq!(reason(&refused.unwrap_err()), "PAID_AT_PAYPAL");
}

/// What is no proof by its content is refused with its field and what to do, removed, and may be replaced;
/// whatever it was called.
#[tokio::test]
async fn a_file_that_is_no_proof_is_refused_and_removed() {
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    let large = vec![b'%'; 10 * 1024 * 1024 + 1];
    for (bytes, code) in [
        (&b""[..], "EMPTY"),
        (&large, "TOO_LARGE"),
        (svg, "WRONG_TYPE"),
        (b"<?xml version=\"1.0\"?><svg><script/></svg>", "WRONG_TYPE"),
        (b"<!doctype html><script>alert(1)</script>", "WRONG_TYPE"),
        (b"#!/bin/sh\nrm -rf /", "WRONG_TYPE"),
        (b"MZ\x90\0\x03\0\0\0", "WRONG_TYPE"),
        (b"GIF89a\x01\0\x01\0\0\0\0", "WRONG_TYPE"),
        (b"just text", "WRONG_TYPE"),
        (b"%PD", "WRONG_TYPE"),
        (PNG, "OTHER_TYPE"),
    ] {
        let shop = Shop::new();
        let order = shop.ordered(starter()).await;
        let id = shop.uploaded(&order, "application/pdf", bytes).await;
        let (proofs, manager) = (shop.proofs(), shop.manager());
        let refused = proofs.hand_in(&manager, id, "TRX-1").await.unwrap_err();
        let problem = &refused.fields()[0];
        assert_eq!((problem.field.as_str(), problem.code), ("proof_id", code));
        assert!(shop.store.state().files.is_empty(), "{code}: it is gone");
        assert!(shop.store.state().receipts.is_empty());
        let stored = shop.store.state().payments[&(order.tenant, id)].clone();
        assert_eq!(
            (stored.state, stored.proof),
            (PaymentState::Uploading, None)
        );

        let missing = proofs.hand_in(&manager, id, "TRX-1").await.unwrap_err();
        assert_eq!(missing.fields()[0].code, "NO_FILE");
        let place = format!("proofs/new/{}/{}", order.tenant.key(), id.key());
        shop.store.state().files.insert(place, PDF.to_vec());
        let taken = proofs.hand_in(&manager, id, "TRX-1").await.unwrap();
        assert_eq!(taken.state, PaymentState::Pending);
    }
}

/// Another company's proof does not exist, whatever was uploaded; a reference is one line of text.
#[tokio::test]
async fn another_companys_proof_is_not_found() {
    let shop = Shop::new();
    let order = shop.ordered(starter()).await;
    let id = shop.uploaded(&order, "application/pdf", PDF).await;
    let proofs = shop.proofs();
    for (who, id) in [(shop.stranger(), id), (shop.manager(), PaymentId::fresh())] {
        let refused = proofs.hand_in(&who, id, "TRX-1").await.unwrap_err();
        assert_eq!(refused.code(), Code::NotFound);
    }
    assert_eq!(shop.store.state().files.len(), 1, "nobody else's to remove");
    for odd in ["", "  ", "a\nb", &"x".repeat(101)] {
        let refused = proofs.hand_in(&shop.manager(), id, odd).await.unwrap_err();
        assert_eq!(refused.fields()[0].field, "reference");
    }
}

/// The same receipt twice, of whichever company, is flagged for those who review, and not refused.
#[tokio::test]
async fn a_receipt_that_was_used_before_is_flagged() {
    let shop = Shop::new();
    let order = shop.ordered(starter()).await;
    let (proofs, manager) = (shop.proofs(), shop.manager());
    let first = shop.uploaded(&order, "application/pdf", PDF).await;
    let first = proofs.hand_in(&manager, first, "TRX-1").await.unwrap();
    assert!(!first.proof.unwrap().used_before);
    let second = shop.uploaded(&order, "application/pdf", PDF).await;
    let second = proofs.hand_in(&manager, second, "TRX-2").await.unwrap();
    assert!(second.proof.unwrap().used_before);

    let theirs = shop
        .desk()
        .subscribe(&shop.stranger(), order.plan, PaymentMethod::Offline, None)
        .await
        .unwrap()
        .subscription;
    let begun = proofs
        .begin(&shop.stranger(), theirs.id, "application/pdf", None)
        .await;
    let (payment, form) = begun.unwrap();
    let place = form.fields["key"].clone();
    shop.store.state().files.insert(place, PDF.to_vec());
    let third = proofs.hand_in(&shop.stranger(), payment.id, "TRX-3").await;
    assert!(third.unwrap().proof.unwrap().used_before);
}

/// Handed in again it is the same payment; with another reference it is refused. Who still has the form and
/// posts another file changes nothing that is reviewed.
#[tokio::test]
async fn what_was_handed_in_stays_as_it_is() {
    let shop = Shop::new();
    let order = shop.ordered(starter()).await;
    let payment = shop.handed_in(&order, "TRX-1").await;
    let (proofs, manager) = (shop.proofs(), shop.manager());
    let place = format!("proofs/new/{}/{}", order.tenant.key(), payment.id.key());
    shop.store.state().files.insert(place, b"<script>".to_vec());
    let again = proofs.hand_in(&manager, payment.id, "TRX-1").await.unwrap();
    assert_eq!(again, payment);
    let other = proofs.hand_in(&manager, payment.id, "TRX-2").await;
    assert_eq!(reason(&other.unwrap_err()), "HANDED_IN");
    let link = proofs
        .preview(&admin("a"), &payment)
        .await
        .unwrap()
        .unwrap();
    let kept = payment.proof.unwrap().sha256;
    assert!(link.contains(&kept), "the link leads to what was looked at");
}

/// A process that ends at any step of handing in: once more, and it is handed in once, not flagged by itself.
#[tokio::test]
async fn handing_in_may_be_interrupted_anywhere() {
    for (operation, when) in [
        ("proofs.size", FailWhen::Before),
        ("proofs.read", FailWhen::Before),
        ("proofs.keep", FailWhen::Before),
        ("proofs.keep", FailWhen::After),
        ("payments.claim_receipt", FailWhen::Before),
        ("payments.claim_receipt", FailWhen::After),
        ("payments.save", FailWhen::Before),
        ("payments.save", FailWhen::After),
        ("proofs.remove", FailWhen::Before),
    ] {
        let shop = Shop::new();
        let order = shop.ordered(starter()).await;
        let id = shop.uploaded(&order, "application/pdf", PDF).await;
        shop.store.fail(operation, 1, when);
        let (proofs, manager) = (shop.proofs(), shop.manager());
        let first = proofs.hand_in(&manager, id, "TRX-1").await;
        assert_eq!(first.is_err(), operation != "proofs.remove", "{operation}");
        let again = proofs.hand_in(&manager, id, "TRX-1").await.unwrap();
        assert_eq!(again.state, PaymentState::Pending, "{operation} {when:?}");
        assert!(!again.proof.unwrap().used_before, "{operation} {when:?}");
        assert_eq!(shop.store.state().payments.len(), 1);
    }
}

/// S3.42: a proof is shown to the company's managers and the platform's people, as what it is.
#[tokio::test]
async fn a_preview_is_for_those_who_pay_and_those_who_review() {
    let shop = Shop::new();
    let order = shop.ordered(starter()).await;
    let payment = shop.handed_in(&order, "TRX-1").await;
    let proofs = shop.proofs();
    for who in [shop.manager(), admin("a")] {
        assert!(proofs.preview(&who, &payment).await.unwrap().is_some());
    }
    let link = shop.store.state().links[0].clone();
    assert_eq!(link.mime, "application/pdf");
    assert_eq!(link.filename, format!("proof-{}.pdf", payment.id));
    let viewer = shop.acme.user(Role::Viewer);
    for who in [viewer, shop.stranger()] {
        assert_eq!(proofs.preview(&who, &payment).await.unwrap(), None);
    }
    let seen = shop.desk().payment(&shop.stranger(), payment.id).await;
    assert_eq!(seen.unwrap_err().code(), Code::NotFound);
}
