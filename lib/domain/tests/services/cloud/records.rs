//! What a caller gets of a message at Meta, from the request to the last status.

use domain::{failure::Code, message::Status, principal::Role, service::outbox};
use serde_json::json;

use super::{Cloud, MONA, hello, messages, notice, status, statuses, text, wamid, with};

/// S2.53, S2.55, S2.65, S2.113, S2.115: a number and a text or template; always stored, tried again by
/// its policy; the answer is the stored message with Meta's id, and its status follows the webhooks.
#[tokio::test]
async fn a_message_is_stored_answered_and_followed() {
    let cloud = Cloud::new();
    cloud
        .own(&[messages(&cloud.own, &[text("wamid.A", MONA, 0, "Hi")])])
        .await;
    for (place, draft) in [hello(), notice()].into_iter().enumerate() {
        let n = place + 1;
        let sent = cloud.world.send(draft).await.unwrap().message;
        assert_eq!(sent, cloud.world.message(sent.id));
        assert_eq!((sent.status(), sent.channel), (Status::Sent, cloud.own.id));
        assert_eq!(sent.facts.accepted[&1].provider_id, Some(wamid(n)));
        assert_eq!(sent.sending.policy.max, 3);
        for (word, second, shown) in [
            ("delivered", 20, Status::Delivered),
            ("read", 30, Status::Read),
        ] {
            let news = status(&wamid(n), word, second);
            cloud.own(&[statuses(&cloud.own, &[news])]).await;
            assert_eq!(cloud.world.message(sent.id).status(), shown);
        }
        let viewer = cloud.world.acme.user(Role::Viewer);
        let seen = outbox::message(&cloud.world.store, &viewer, sent.id).await;
        let moments = outbox::timeline(&seen.unwrap());
        let told: Vec<_> = moments.iter().map(|moment| moment.event).collect();
        assert_eq!(told, ["queued", "accepted", "delivered", "read"]);
    }
    assert_eq!(cloud.world.sends(), 2);
}

/// S2.64, S2.115: a number that is none is refused before anything; Meta's own no is told in its words.
#[tokio::test]
async fn what_cannot_be_sent_is_told_with_its_reason() {
    let cloud = Cloud::new();
    let mut draft = notice();
    draft.to = "whatsapp:12".into();
    let refused = cloud.world.send(draft).await.unwrap_err();
    assert_eq!(refused.code(), Code::Validation);
    assert_eq!(refused.fields()[0].field, "to");
    assert!(cloud.world.store.state().messages.is_empty());
    assert_eq!(cloud.world.sends(), 0);

    let no = json!({"error": {"code": 131_008, "message": "(#131008) A parameter is missing"}});
    cloud.world.gate.next(Ok(crate::world::answer(400, &no)));
    let failed = cloud.world.send(notice()).await.unwrap().message;
    assert_eq!(failed.status(), Status::Failed);
    let reason = &failed.facts.failed[&1].reason;
    assert!(reason.contains("A parameter is missing"), "{reason}");
    cloud.world.minutes(60).await;
    assert_eq!(cloud.world.sends(), 1);
}

/// S4.81: webhooks leave nothing in the audit log, whatever they bring.
#[tokio::test]
async fn webhooks_are_not_audited() {
    let cloud = Cloud::new();
    let id = cloud.world.send(notice()).await.unwrap().message.id;
    let before = cloud.world.store.state().audit.len();
    let named = with(
        text("wamid.B", MONA, 2, "STOP"),
        "from_user_id",
        "BH.7Heron1",
    );
    cloud
        .own(&[
            messages(&cloud.own, &[text("wamid.A", MONA, 1, "Hi"), named]),
            statuses(&cloud.own, &[status(&wamid(1), "read", 3)]),
        ])
        .await;
    assert_eq!(cloud.world.message(id).status(), Status::Read);
    assert_eq!(cloud.world.store.state().audit.len(), before);
}
