//! Proofs on the real conditions of S3: every attack on one, and what has expired.

use std::sync::Arc;

use domain::{ids::PaymentId, ports::ProofFiles};
use files::{FORM_LIFE, LINK_LIFE, S3Files};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{PDF, hand_in, order, plan, post};
use crate::{users, world::World};

/// Wrong type, too large, script in an SVG, another's place and proof, a receipt used twice.
pub fn attacks(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("proofs", json!([])).await;
        let stranger = world.company("forger", json!([])).await;
        let operator = users::operator(&world);
        let (subscription, form) = order(&acme, &plan(&operator).await).await;

        let missing = hand_in(&acme, &form, "TRX-1").await;
        assert_eq!(
            missing.body["error"]["details"]["fields"][0]["code"],
            "NO_FILE"
        );
        // S3 itself refuses another place, another type, nothing at all and too much.
        let place = form["fields"]["key"].as_str().unwrap();
        let other = place.replace(
            &acme.seeded.tenant.id.key(),
            &stranger.seeded.tenant.id.key(),
        );
        assert_ne!(other, place);
        let large = vec![b'%'; 10 * 1024 * 1024 + 1];
        for (instead, file) in [
            (&[("key", other.as_str())][..], PDF),
            (&[("Content-Type", "text/html")], PDF),
            (&[], b""),
            (&[], &large),
        ] {
            let refused = post(&world, &form, instead, file).await;
            assert!((400..500).contains(&refused), "{instead:?}: {refused}");
        }
        // What it lets through is looked at: its name and its announced type say nothing.
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
        for (file, code) in [
            (&svg[..], "WRONG_TYPE"),
            (b"<!doctype html><script>alert(1)</script>", "WRONG_TYPE"),
            (
                b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06",
                "OTHER_TYPE",
            ),
        ] {
            assert!(post(&world, &form, &[], file).await < 300);
            let refused = hand_in(&acme, &form, "TRX-1").await;
            let problem = &refused.body["error"]["details"]["fields"][0];
            assert_eq!(
                (refused.status, &problem["field"]),
                (422, &json!("proof_id"))
            );
            assert_eq!(problem["code"], code);
            let gone = hand_in(&acme, &form, "TRX-1").await;
            assert_eq!(
                gone.body["error"]["details"]["fields"][0]["code"],
                "NO_FILE"
            );
        }
        assert!(post(&world, &form, &[], PDF).await < 300);
        let theirs = hand_in(&stranger, &form, "TRX-1").await;
        assert_eq!(
            (theirs.status, &theirs.body["error"]["code"]),
            (404, &json!("NOT_FOUND"))
        );
        let paid = hand_in(&acme, &form, "TRX-1").await;
        assert_eq!(paid.status, 201, "{}", paid.body);
        let again = hand_in(&acme, &form, "TRX-1").await;
        assert_eq!(again.data().unwrap(), paid.data().unwrap());
        let id = paid.data().unwrap()["id"].as_str().unwrap();
        let seen = stranger
            .api
            .get(&format!("/v1/payments/{id}"))
            .await
            .unwrap();
        assert_eq!(seen.status, 404);

        // The form still lives: another file changes nothing that is reviewed.
        assert!(post(&world, &form, &[], svg).await < 300);
        let shown = operator.get(&format!("/v1/payments/{id}")).await.unwrap();
        let link = shown.data().unwrap()["preview_url"]
            .as_str()
            .unwrap()
            .to_owned();
        world.plant(&link);
        let file = world.http.get(&link).send().await.unwrap();
        assert_eq!(file.bytes().await.unwrap(), PDF);

        // The same receipt, once more and by another company: flagged for those who review.
        let twice = super::form(&acme, &subscription, "application/pdf").await;
        assert!(post(&world, &twice, &[], PDF).await < 300);
        let twice = hand_in(&acme, &twice, "TRX-2").await;
        assert_eq!(twice.status, 201, "{}", twice.body);
        let second = twice.data().unwrap()["id"].as_str().unwrap();
        let shown = operator
            .get(&format!("/v1/payments/{second}"))
            .await
            .unwrap();
        assert_eq!(shown.data().unwrap()["proof"]["used_before"], true);
        let own = acme.get(&format!("/v1/payments/{second}")).await;
        assert_eq!(
            own["proof"]["used_before"],
            Value::Null,
            "the platform's knowledge"
        );
        assert_eq!(acme.get("/v1/billing").await["days"]["total"], 0);
    });
}

/// The bucket, as functions reach it, by a clock.
fn bucket(world: &World, now: fn() -> Timestamp) -> S3Files {
    let bucket = &world.stack.outputs().bucket_name;
    let files = S3Files::new(&world.worlds.config, world.http.clone(), bucket);
    files.unwrap().with_clock(now)
}

fn ago(seconds: u64) -> Timestamp {
    Timestamp::now() - SignedDuration::from_secs(i64::try_from(seconds).unwrap())
}

/// S3.42: S3 itself refuses a preview after its five minutes, and a form after its fifteen.
pub fn expired(world: Arc<World>) {
    world.clone().block_on(async {
        let fresh = bucket(&world, Timestamp::now);
        let key = format!("proofs/kept/expiry/{}", PaymentId::fresh().key());
        let kept = fresh.keep_proof(&key, PDF.to_vec(), "application/pdf");
        kept.await.unwrap();
        let spent = || ago(LINK_LIFE.as_secs() + 1);
        for (files, status) in [
            (&fresh, 200),
            (&bucket(&world, || ago(LINK_LIFE.as_secs() / 2)), 200),
            (&bucket(&world, spent), 403),
        ] {
            let link = files.preview(&key, "proof.pdf", "application/pdf").await;
            let shown = world.http.get(link.unwrap()).send().await.unwrap();
            assert_eq!(shown.status().as_u16(), status);
            let body = shown.text().await.unwrap();
            let told = if status == 200 {
                "%PDF"
            } else {
                "Request has expired"
            };
            assert!(body.contains(told), "{body}");
        }

        let spent = || ago(FORM_LIFE.as_secs() + 1);
        for (files, status) in [
            (&bucket(&world, spent), 403),
            (&bucket(&world, || ago(FORM_LIFE.as_secs() / 2)), 204),
            (&fresh, 204),
        ] {
            let key = format!("proofs/new/expiry/{}", PaymentId::fresh().key());
            let form = files.proof_form(&key, "application/pdf", 10_000).await;
            let form = form.unwrap();
            let form = json!({"url": form.url, "fields": form.fields});
            assert_eq!(post(&world, &form, &[], PDF).await, status);
            let stored = fresh.proof_size(&key).await.unwrap();
            assert_eq!(stored.is_some(), status == 204, "{stored:?}");
        }
    });
}
