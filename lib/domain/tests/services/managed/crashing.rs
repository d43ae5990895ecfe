//! A process that ends before or after any call of an outside world, and another that goes on: nothing is
//! made twice, no day is spent twice, and the ledger is exact.

use domain::{
    managed::{ExtensionState, ManagedChannel, Stage},
    service::managed::wake,
};
use jiff::SignedDuration;
use testkit::fakes::Trouble;

use super::{Yard, key, order};

/// More points than any of these has.
const MOST: u32 = 200;

impl Yard {
    /// The schedule of half an hour after the process ended, in another one.
    async fn recovers(&self) {
        self.life.begins();
        self.rounds(40).await;
    }

    fn records(&self) -> Vec<ManagedChannel> {
        self.store.state().managed.values().cloned().collect()
    }
}

/// S3.66, S3.75: killed anywhere while a channel is made, with and without a lost answer.
#[tokio::test]
async fn wherever_a_process_ends_one_channel_is_made_and_extended_once() {
    for trouble in [
        None,
        Some(("create", Trouble::Lost)),
        Some(("extend", Trouble::Lost)),
    ] {
        let mut points = 0;
        for point in 1..MOST {
            let yard = Yard::with_days(60).await;
            if let Some((operation, trouble)) = trouble {
                yard.partner.meets(operation, trouble);
            }
            yard.life.ends_after(point);
            let again = key("order-1");
            let _ = yard
                .desk()
                .order(&yard.manager(), &order("Main"), Some(&again))
                .await;
            let over = yard.life.is_over();
            yard.recovers().await;
            let asked = yard
                .desk()
                .order(&yard.manager(), &order("Main"), Some(&again))
                .await;
            let id = asked.unwrap().id;
            yard.rounds(40).await;
            let record = yard.record(id).await;
            let at = format!("point {point}: {record:?} {:?}", yard.entries());
            assert_eq!(yard.partner.counts(), (1, 0), "{at}");
            assert_eq!(
                (record.stage, record.webhooks_set),
                (Stage::Live, true),
                "{at}"
            );
            assert_eq!(
                (record.extension.is_none(), record.lease),
                (true, None),
                "{at}"
            );
            // The call itself may have been the end of it: then the days are free again.
            let given = yard.only().extended.len();
            assert!(given <= 1, "{at}");
            let channel = yard.store.state().channels[&(record.tenant, id)].clone();
            assert_eq!(channel.paid_until, record.active_till, "{at}");
            let (_, secret) = yard.only().webhooks.unwrap();
            assert_eq!(secret, channel.webhook_secret, "{at}");
            let default = yard.store.state().tenants[&record.tenant]
                .settings
                .default_channel;
            assert_eq!(default, Some(id), "{at}");
            assert_eq!(yard.balances().held, 0, "{at}");
            yard.assert_exact();
            points = point;
            if !over {
                break;
            }
        }
        assert!((20..MOST - 1).contains(&points), "{points} points");
    }
}

/// S3.75: killed anywhere while a channel is extended: its days are spent once, or free again.
#[tokio::test]
async fn wherever_a_process_ends_days_are_spent_once_or_free_again() {
    for trouble in [None, Some(Trouble::Lost), Some(Trouble::Vanished)] {
        let mut points = 0;
        for point in 1..MOST {
            let yard = Yard::with_days(100).await;
            let live = yard.live().await;
            if let Some(trouble) = trouble {
                yard.partner.meets("extend", trouble);
            }
            yard.life.ends_after(point);
            let again = key("extend-1");
            let _ = yard
                .desk()
                .extend(&yard.manager(), live.id, 20, Some(&again))
                .await;
            let over = yard.life.is_over();
            yard.recovers().await;
            let record = yard.record(live.id).await;
            let at = format!("point {point}: {record:?} {:?}", yard.entries());
            assert!(
                record.extension.is_none() && yard.balances().held == 0,
                "{at}"
            );
            let given = yard.only().extended.len();
            assert!((1..=2).contains(&given), "{at}");
            let channel = yard.store.state().channels[&(live.tenant, live.id)].clone();
            assert_eq!(channel.paid_until, record.active_till, "{at}");
            assert_eq!(record.active_till, Some(yard.only().active_till), "{at}");
            yard.assert_exact();
            // Asked for again it is there, once: at the second time where the trouble still waited.
            let ask = async || {
                let (desk, manager) = (yard.desk(), yard.manager());
                desk.extend(&manager, live.id, 20, Some(&again)).await
            };
            if !ask().await.unwrap().confirmed {
                yard.rounds(30).await;
                assert!(ask().await.unwrap().confirmed, "{at}");
            }
            assert_eq!(yard.only().extended.len(), 2, "{at}");
            yard.assert_exact();
            points = point;
            if !over {
                break;
            }
        }
        assert!((10..MOST - 1).contains(&points), "{points} points");
    }
}

/// S3.67, S3.75: killed anywhere while a channel is deleted: gone once, credited once.
#[tokio::test]
async fn wherever_a_process_ends_a_deletion_credits_once() {
    for trouble in [None, Some(Trouble::Lost), Some(Trouble::Vanished)] {
        let mut points = 0;
        for point in 1..MOST {
            let yard = Yard::with_days(30).await;
            let live = yard.live().await;
            yard.clock.advance(SignedDuration::from_hours(24 * 19 + 20));
            if let Some(trouble) = trouble {
                yard.partner.meets("delete", trouble);
            }
            yard.life.ends_after(point);
            let _ = yard.desk().delete(&yard.manager(), live.id).await;
            let over = yard.life.is_over();
            yard.recovers().await;
            let mut removed = yard.desk().delete(&yard.manager(), live.id).await.unwrap();
            if removed.credited_days.is_none() {
                // The trouble still waited.
                yard.rounds(10).await;
                removed = yard.desk().delete(&yard.manager(), live.id).await.unwrap();
            }
            let at = format!("point {point}: {:?} {:?}", yard.records(), yard.entries());
            assert_eq!(removed.credited_days, Some(15), "{at}");
            assert_eq!((yard.partner.counts(), yard.slots()), ((1, 1), 0), "{at}");
            assert_eq!(yard.balances().free, 15, "{at}");
            assert!(yard.store.state().channels.is_empty(), "{at}");
            yard.assert_exact();
            points = point;
            if !over {
                break;
            }
        }
        assert!((10..MOST - 1).contains(&points), "{points} points");
    }
}

/// S3.17, S3.75: killed anywhere while a channel is extended by itself.
#[tokio::test]
async fn wherever_a_process_ends_a_channel_is_topped_up_once() {
    let mut points = 0;
    for point in 1..MOST {
        let yard = Yard::with_days(60).await;
        let live = yard.live().await;
        yard.clock
            .set(live.active_till.unwrap() - SignedDuration::from_hours(24));
        yard.life.ends_after(point);
        let _ = wake(&yard.store, live.tenant, yard.soon()).await;
        let _ = yard.desk().work_due(yard.soon()).await;
        let over = yard.life.is_over();
        yard.recovers().await;
        let record = yard.record(live.id).await;
        let at = format!("point {point}: {record:?} {:?}", yard.entries());
        let running = record.extension.as_ref().map(|extension| extension.state);
        assert_ne!(running, Some(ExtensionState::Held), "{at}");
        assert!(yard.only().extended.len() <= 2, "{at}");
        yard.assert_exact();
        points = point;
        if !over {
            break;
        }
    }
    assert!((10..MOST - 1).contains(&points), "{points} points");
}
