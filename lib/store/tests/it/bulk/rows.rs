//! Messages of a bulk job's rows, and what all of it costs.

use domain::{
    message::Content,
    ports::{Acceptances, Conversations, Messages, Outbox, Rows, Runs, Saved, ThreadItem},
};
use testkit::meter::Meter;

use super::some_rows;
use crate::world::{World, audit, later};

/// Made once whatever comes again; read in its thread although nothing stands beside it.
#[tokio::test]
async fn a_row_has_one_message() {
    let world = World::start().await;
    let run = world.opened(5).await;
    let message = world.row_of(&run, 3);
    assert_eq!(world.store.add_row(&message).await.unwrap(), Saved::Done);
    assert_eq!(world.store.add_row(&message).await.unwrap(), Saved::Stale);
    let mut about = world.row_of(&run, 4);
    about.context.clone_from(&run.context);
    assert_eq!(world.store.add_row(&about).await.unwrap(), Saved::Done);
    assert_eq!(world.store.add_row(&about).await.unwrap(), Saved::Stale);
    let context = run.context.clone().unwrap();
    let listed = world
        .store
        .by_context(world.tenant, &context, None, 9)
        .await;
    assert_eq!(listed.unwrap().items.len(), 1);
    let thread = world
        .store
        .thread(world.tenant, &[world.conversation()], None, 9)
        .await;
    let said: Vec<_> = thread
        .unwrap()
        .items
        .into_iter()
        .map(|item| match item {
            ThreadItem::Outbound(own) => own.1,
            ThreadItem::Inbound(_) => panic!("nobody wrote"),
        })
        .collect();
    assert_eq!(said.len(), 2);
    let text = Content::Text {
        body: "Dear Person 3, we open in Town 3.".into(),
    };
    assert!(said.contains(&text), "{said:?}");
    assert_eq!(
        world.store.payload(world.tenant, message.id).await.unwrap(),
        None
    );
}

/// Cancelled rows give both places back, whether their message was made before or not.
#[tokio::test]
async fn a_withdrawn_row_gives_its_places_back() {
    let world = World::start().await;
    let run = world.opened(5).await;
    let mut made = world.row_of(&run, 0);
    world.store.add_row(&made).await.unwrap();
    made.version = 1;
    let mut never = world.row_of(&run, 1);
    for message in [&mut made, &mut never] {
        message.cancel(later(9)).unwrap();
        let mut again = message.clone();
        let saved = world.store.withdraw_row(message, run.cycle).await;
        assert_eq!(saved.unwrap(), Saved::Done);
        let saved = world.store.withdraw_row(&mut again, run.cycle).await;
        assert_eq!(saved.unwrap(), Saved::Stale);
    }
    assert_eq!(
        world.store.used(world.tenant, run.usage_day).await.unwrap(),
        3
    );
    assert_eq!(
        world
            .store
            .used_bulk(world.tenant, run.cycle)
            .await
            .unwrap(),
        3
    );
}

/// design.md §14: what each operation costs; README.md repeats these numbers.
#[tokio::test]
async fn a_bulk_job_costs_what_we_promise() {
    let world = World::start().await;
    let meter = Meter::start(&world.database);
    let store = meter.store(&world.database);
    let mut opening = world.opening(100);
    opening.run.context = None;
    let mut run = opening.run.clone();
    meter.step("keep rows");
    store
        .keep_rows(world.tenant, run.job, 0, &some_rows(0, 100), later(60))
        .await
        .unwrap();
    meter.step("open");
    store.open(&opening).await.unwrap();
    run.version = 1;
    meter.step("adopt rows");
    store.adopt_rows(world.tenant, run.job, 0).await.unwrap();
    meter.step("pass");
    run.next = 50;
    run.settle(0, 0, later(1));
    store.save_run(&mut run).await.unwrap();
    meter.step("add row");
    let mut message = world.row_of(&run, 0);
    store.add_row(&message).await.unwrap();
    message.version = 1;
    meter.step("add row, there already");
    store.add_row(&message).await.unwrap();
    meter.step("claim");
    message.claim(later(2)).unwrap();
    store.save(&mut message, None).await.unwrap();
    meter.step("withdraw row");
    let mut other = world.row_of(&run, 1);
    store.add_row(&other).await.unwrap();
    other.version = 1;
    other.cancel(later(3)).unwrap();
    let added = meter.of("withdraw row").writes();
    store.withdraw_row(&mut other, run.cycle).await.unwrap();
    let withdrawn = meter.of("withdraw row").writes() - added;
    meter.step("pause");
    run.pause(later(4)).unwrap();
    store
        .change_run(&mut run, 0, &audit(later(4)))
        .await
        .unwrap();
    meter.step("cancel");
    run.cancel(later(5)).unwrap();
    store
        .change_run(&mut run, 50, &audit(later(5)))
        .await
        .unwrap();
    meter.step("frozen");
    store.frozen(world.tenant, run.job, 17).await.unwrap();
    println!("{}", meter.table());
    let costs = [
        ("keep rows", 1),
        ("open", 15),
        ("adopt rows", 1),
        ("pass", 3),
        ("add row", 3),
        ("add row, there already", 1),
        ("claim", 1),
        ("pause", 6),
        ("cancel", 11),
    ];
    for (step, writes) in costs {
        assert_eq!(meter.of(step).writes(), writes, "{step}");
    }
    assert_eq!(withdrawn, 8);
    assert!(
        meter.of("frozen").reads <= 2.5,
        "{}",
        meter.of("frozen").reads
    );
    assert_eq!(meter.disagreements(), Vec::<String>::new());
}
