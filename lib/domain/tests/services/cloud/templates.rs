//! What Meta says of templates, and what of it keeps them back.

use domain::{
    channel::Channel,
    contact::Consent,
    failure::AppFailure,
    message::Status,
    service::{
        accept::{Draft, DraftContent},
        send::FirstAttempt,
    },
};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Cloud, MONA, NASR, NOON, change, notice, preferences, status, statuses, wamid, with};

fn state(channel: &Channel, event: &str, language: &str) -> Value {
    let value = json!({"message_template_name": "order_ready", "message_template_language": language,
        "event": event, "reason": "NONE"});
    change(channel, "message_template_status_update", &value)
}

fn category(channel: &Channel, category: &str) -> Value {
    let value = json!({"message_template_name": "order_ready", "message_template_language": "en_US",
        "new_category": category});
    change(channel, "template_category_update", &value)
}

fn wish(cloud: &Cloud, value: &str, second: i64) -> Value {
    let said = json!({"wa_id": MONA, "category": "marketing_messages", "value": value,
        "timestamp": NOON + second});
    preferences(&cloud.own, &[said])
}

async fn hears(cloud: &Cloud, news: Value) {
    cloud.world.clock.advance(SignedDuration::from_secs(1));
    let verdicts = cloud.own(&[news]).await;
    assert!(!verdicts[0].starts_with("un"), "{verdicts:?}");
}

async fn reason(cloud: &Cloud, draft: Draft) -> Result<Status, String> {
    let sent = cloud.world.send(draft).await;
    let told = |failure: AppFailure| failure.details()["reason"].clone();
    sent.map(|sent| sent.message.status()).map_err(told)
}

/// X17, S2.6: a template that Meta holds back is refused with its state; approved again, it goes.
/// What was never heard of may be sent: Meta decides.
#[tokio::test]
async fn a_template_goes_while_meta_lets_it() {
    let cloud = Cloud::new();
    let refused = Err("TEMPLATE_NOT_APPROVED".to_owned());
    assert_eq!(reason(&cloud, notice()).await, Ok(Status::Sent));
    for (event, expected) in [
        ("PENDING", refused.clone()),
        ("APPROVED", Ok(Status::Sent)),
        ("PAUSED", refused.clone()),
        ("REINSTATED", Ok(Status::Sent)),
        ("DISABLED", refused.clone()),
        ("FLAGGED", Ok(Status::Sent)),
        ("REJECTED", refused.clone()),
        ("NEVER_SEEN", refused.clone()),
        ("APPROVED", Ok(Status::Sent)),
    ] {
        hears(&cloud, state(&cloud.own, event, "en_US")).await;
        assert_eq!(reason(&cloud, notice()).await, expected, "{event}");
    }
    assert_eq!(cloud.world.sends(), 5);
}

/// X16: of another language, another account and another company nothing is said.
#[tokio::test]
async fn a_state_is_of_one_language_and_one_account() {
    let cloud = Cloud::new();
    hears(&cloud, state(&cloud.own, "PAUSED", "ar")).await;
    cloud
        .platform(&[
            state(&cloud.shared, "PAUSED", "en_US"),
            state(&cloud.theirs, "PAUSED", "en_US"),
        ])
        .await;
    assert_eq!(reason(&cloud, notice()).await, Ok(Status::Sent));
    let tenants: Vec<_> = {
        let state = cloud.world.store.state();
        state.templates.keys().map(|key| key.0).collect()
    };
    assert_eq!(tenants.len(), 3);
    assert!(tenants.contains(&cloud.theirs.tenant));
    let mut arabic = notice();
    if let DraftContent::Template(template) = &mut arabic.content {
        template.language = "ar".into();
    }
    let refused = Err("TEMPLATE_NOT_APPROVED".to_owned());
    assert_eq!(reason(&cloud, arabic).await, refused);
    let mut elsewhere = notice();
    elsewhere.channel = Some(cloud.shared.id.to_string());
    assert_eq!(reason(&cloud, elsewhere).await, refused);
}

/// Paused while the message waited: it ends without a call.
#[tokio::test]
async fn a_template_paused_meanwhile_ends_the_message_without_a_call() {
    let cloud = Cloud::new();
    let lane = FirstAttempt::InLane;
    let queued = cloud.world.send_with(notice(), None, lane).await.unwrap();
    hears(&cloud, state(&cloud.own, "PAUSED", "en_US")).await;
    cloud.world.drain().await;
    let message = cloud.world.message(queued.message.id);
    let failure = &message.facts.failed[&1];
    assert_eq!(failure.code, "TEMPLATE_NOT_APPROVED");
    assert!(failure.reason.contains("PAUSED"), "{}", failure.reason);
    assert!(message.is_dead());
    assert_eq!(cloud.world.sends(), 0);
}

/// A company that does marketing.
fn praising() -> Cloud {
    let cloud = Cloud::new();
    let mut state = cloud.world.store.state();
    let company = state.tenants.get_mut(&cloud.own.tenant).unwrap();
    company.settings.marketing = true;
    drop(state);
    cloud
}

/// S2.49: a template that is marketing waits for the company's own word; before the call it is asked again.
#[tokio::test]
async fn marketing_is_off_until_the_company_wants_it() {
    let cloud = Cloud::new();
    let lane = FirstAttempt::InLane;
    let queued = cloud.world.send_with(notice(), None, lane).await.unwrap();
    hears(&cloud, category(&cloud.own, "MARKETING")).await;
    let refused = Err("MARKETING_OFF".to_owned());
    assert_eq!(reason(&cloud, notice()).await, refused);
    cloud.world.drain().await;
    let message = cloud.world.message(queued.message.id);
    assert_eq!(message.facts.failed[&1].code, "MARKETING_OFF");
    assert_eq!(cloud.world.sends(), 0);
}

/// Who wants no marketing gets none, and everything else; other people get it.
#[tokio::test]
async fn no_marketing_is_sent_to_who_wants_none() {
    let cloud = praising();
    hears(&cloud, category(&cloud.own, "MARKETING")).await;
    let lane = FirstAttempt::InLane;
    let queued = cloud.world.send_with(notice(), None, lane).await.unwrap();
    hears(&cloud, wish(&cloud, "stop", 1)).await;
    assert_eq!(cloud.mona().consent, Consent::NoMarketing);
    let refused = Err("NO_MARKETING".to_owned());
    assert_eq!(reason(&cloud, notice()).await, refused);
    cloud.world.drain().await;
    let message = cloud.world.message(queued.message.id);
    assert_eq!(message.facts.failed[&1].code, "NO_MARKETING");
    assert_eq!(cloud.world.sends(), 0);

    let mut to_nasr = notice();
    to_nasr.to = format!("+{NASR}");
    assert_eq!(reason(&cloud, to_nasr).await, Ok(Status::Sent));
    hears(&cloud, category(&cloud.own, "UTILITY")).await;
    assert_eq!(reason(&cloud, notice()).await, Ok(Status::Sent));
    hears(&cloud, category(&cloud.own, "MARKETING")).await;
    hears(&cloud, wish(&cloud, "resume", 9)).await;
    assert_eq!(reason(&cloud, notice()).await, Ok(Status::Sent));
}

/// Meta refuses a message because the person stopped marketing: that counts for the next ones.
#[tokio::test]
async fn metas_refusal_is_the_persons_wish() {
    let cloud = praising();
    hears(&cloud, category(&cloud.own, "MARKETING")).await;
    let id = cloud.world.send(notice()).await.unwrap().message.id;
    let errors = json!([{"code": 131_050, "title": "User stopped marketing"}]);
    let failed = with(status(&wamid(1), "failed", 5), "errors", errors);
    let verdicts = cloud.own(&[statuses(&cloud.own, &[failed])]).await;
    assert_eq!(verdicts, ["applied", "preference:no_marketing"]);
    assert_eq!(cloud.world.message(id).status(), Status::Failed);
    assert_eq!(reason(&cloud, notice()).await, Err("NO_MARKETING".into()));
}

/// A state that could not be noted and is tried again later does not come before what came after it.
#[tokio::test]
async fn a_state_noted_late_is_as_old_as_it_came() {
    let cloud = Cloud::new();
    let store = &cloud.world.store;
    store.fail("templates.note", 1, testkit::memory::FailWhen::Before);
    let verdicts = cloud.own(&[state(&cloud.own, "PAUSED", "en_US")]).await;
    assert_eq!(verdicts, ["failed"]);
    hears(&cloud, state(&cloud.own, "APPROVED", "en_US")).await;
    cloud.world.minutes(3).await;
    assert_eq!(reason(&cloud, notice()).await, Ok(Status::Sent));
}
