//! What people say about being written to: by word, by Meta's own buttons, in whichever order it comes.

use domain::{
    contact::{Alias, Consent},
    failure::Code,
    service::send::FirstAttempt,
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::memory::FailWhen;

use super::{Cloud, MONA, MONA_USER, NOON, messages, notice, preferences, text, with};

/// A word, or a button of Meta's, with its time.
#[derive(Debug, Clone, Copy)]
enum Wish {
    Says(&'static str, i64),
    Marketing(bool, i64),
}

impl Wish {
    fn item(self, cloud: &Cloud) -> Value {
        match self {
            Self::Says(word, second) => {
                let id = format!("wamid.{word}.{second}");
                messages(&cloud.own, &[text(&id, MONA, second, word)])
            }
            Self::Marketing(wanted, second) => {
                let value = if wanted { "resume" } else { "stop" };
                let said = json!({"wa_id": MONA, "category": "marketing_messages", "value": value,
                    "timestamp": NOON + second});
                preferences(&cloud.own, &[said])
            }
        }
    }
}

fn orders<T: Copy>(of: &[T]) -> Vec<Vec<T>> {
    let Some((first, rest)) = of.split_first() else {
        return vec![Vec::new()];
    };
    let mut all = Vec::new();
    for order in orders(rest) {
        for place in 0..=order.len() {
            let mut longer = order.clone();
            longer.insert(place, *first);
            all.push(longer);
        }
    }
    all
}

/// S2.48, S2.49: the latest word counts, whenever it arrives and however often; a marketing wish neither
/// lifts a stop nor comes before one.
#[tokio::test]
async fn the_latest_word_counts_in_any_order() {
    use Consent::{Given, NoMarketing, Stopped, Unasked};
    use Wish::{Marketing, Says};
    for (wishes, expected) in [
        (&[Says("Hello", 1)][..], Unasked),
        (&[Says("STOP", 1)], Stopped),
        (&[Says("STOP", 2), Says("START", 1)], Stopped),
        (&[Says("STOP", 1), Says("START", 2)], Given),
        // Said again, it counts from then on.
        (
            &[Says("STOP", 1), Says("START", 2), Says("stop.", 3)],
            Stopped,
        ),
        (
            &[Says("START", 1), Says("STOP", 2), Says("Start", 3)],
            Given,
        ),
        // In one second the stricter counts.
        (&[Says("STOP", 1), Says("START", 1)], Stopped),
        (&[Marketing(false, 1), Marketing(true, 2)], Given),
        (&[Marketing(true, 1), Marketing(false, 2)], NoMarketing),
        (&[Says("Stop promotions", 2), Says("START", 1)], NoMarketing),
        (&[Says("STOP", 1), Marketing(false, 2)], Stopped),
        (&[Says("STOP", 2), Marketing(false, 1)], Stopped),
        (&[Says("STOP", 1), Says("Stop promotions", 2)], Stopped),
        (&[Says("STOP", 2), Marketing(true, 1)], Stopped),
    ] {
        for order in orders(wishes) {
            let cloud = Cloud::new();
            for wish in order.iter().chain(order.first()) {
                cloud.own(&[wish.item(&cloud)]).await;
            }
            assert_eq!(cloud.mona().consent, expected, "{order:?}");
        }
    }
}

/// Nothing is sent to who stopped, templates neither, until they start; Meta's marketing button does
/// not start anything.
#[tokio::test]
async fn a_stop_keeps_everything_back_until_they_start() {
    let cloud = Cloud::new();
    let hears = async |wish: Wish| cloud.own(&[wish.item(&cloud)]).await;
    let lane = FirstAttempt::InLane;
    let queued = cloud.world.send_with(notice(), None, lane).await.unwrap();
    hears(Wish::Says("STOP", 1)).await;
    let told = hears(Wish::Marketing(true, 2)).await;
    assert_eq!(told, ["preference:stopped"]);
    let refused = cloud.world.send(notice()).await.unwrap_err();
    assert_eq!(refused.code(), Code::Conflict);
    assert_eq!(refused.details()["reason"], "CONSENT_STOPPED");
    cloud.world.drain().await;
    let message = cloud.world.message(queued.message.id);
    assert_eq!(message.facts.failed[&1].code, "CONSENT_STOPPED");
    assert_eq!(cloud.world.sends(), 0);
    hears(Wish::Says("START", 3)).await;
    cloud.world.send(notice()).await.unwrap();
    assert_eq!(cloud.world.sends(), 1);
}

/// Of somebody never heard of: the wish makes the contact, and counts for the first message.
#[tokio::test]
async fn a_wish_of_a_stranger_is_kept() {
    let cloud = Cloud::new();
    cloud.own(&[Wish::Marketing(false, 1).item(&cloud)]).await;
    let mona = cloud.mona();
    assert_eq!((mona.consent, mona.version), (Consent::NoMarketing, 1));
    assert!(cloud.world.store.state().conversations.is_empty());
}

/// Two contacts that are one person: the stricter wish counts, and an old word that comes again lifts
/// nothing.
#[tokio::test]
async fn of_two_who_are_one_the_stricter_wish_counts() {
    for (by_number, by_name) in [("STOP", "START"), ("START", "STOP")] {
        let cloud = Cloud::new();
        let number = text("wamid.N", MONA, 5, by_number);
        let mut name = with(text("wamid.U", MONA, 6, by_name), "from_user_id", MONA_USER);
        name.as_object_mut().unwrap().remove("from");
        let said = [
            messages(&cloud.own, &[number]),
            messages(&cloud.own, &[name]),
        ];
        cloud.own(&said).await;
        let named = cloud.person(&Alias::provider_user(MONA_USER)).unwrap();
        assert_ne!(
            (cloud.mona().id, cloud.mona().consent),
            (named.id, named.consent)
        );
        let both = with(
            text("wamid.B", MONA, 7, "Me again"),
            "from_user_id",
            MONA_USER,
        );
        cloud.own(&[messages(&cloud.own, &[both])]).await;
        assert_eq!(cloud.mona().consent, Consent::Stopped);
        assert_eq!(cloud.own(&said).await, ["duplicate", "duplicate"]);
        assert_eq!(cloud.mona().consent, Consent::Stopped, "{by_number}");
        cloud.own(&[Wish::Says("START", 8).item(&cloud)]).await;
        assert_eq!(cloud.mona().consent, Consent::Given);
    }
}

/// The process died between storing the message and noting the wish, or others wrote the contact.
#[tokio::test]
async fn a_stop_is_not_lost() {
    for when in [FailWhen::Before, FailWhen::After] {
        let cloud = Cloud::new();
        cloud.world.store.fail("contacts.save", 1, when);
        let stop = Wish::Says("STOP", 1).item(&cloud);
        assert_eq!(cloud.own(&[stop]).await, ["failed"]);
        cloud.world.minutes(2).await;
        assert_eq!(cloud.mona().consent, Consent::Stopped, "{when:?}");
        assert_eq!(cloud.world.store.state().inbound.len(), 1);
    }
    let cloud = Cloud::new();
    cloud.own(&[Wish::Says("Hello", 1).item(&cloud)]).await;
    let key = (cloud.own.tenant, cloud.mona().id);
    cloud.world.store.meanwhile("contacts.save", move |state| {
        let mona = state.contacts.get_mut(&key).unwrap();
        mona.name = Some("Mona Example".into());
        mona.version += 1;
    });
    cloud.own(&[Wish::Says("STOP", 2).item(&cloud)]).await;
    let mona = cloud.mona();
    assert_eq!(mona.consent, Consent::Stopped);
    assert_eq!(mona.name.as_deref(), Some("Mona Example"));
}

/// An agent's note counts from then on: the same old word, delivered once more, does not undo it.
#[tokio::test]
async fn what_an_agent_noted_is_not_undone_by_an_old_word() {
    let cloud = Cloud::new();
    let stop = Wish::Says("STOP", 300).item(&cloud);
    cloud.own(std::slice::from_ref(&stop)).await;
    cloud.world.clock.advance(SignedDuration::from_secs(1));
    let agent = cloud.world.acme.user(domain::principal::Role::Agent);
    let edit = domain::service::contacts::ContactEdit {
        consent: Some("given".into()),
        ..Default::default()
    };
    let desk = cloud.world.contacts();
    desk.edit(&agent, cloud.mona().id, &edit).await.unwrap();
    assert_eq!(cloud.own(&[stop]).await, ["duplicate"]);
    assert_eq!(cloud.mona().consent, Consent::Given);
}
