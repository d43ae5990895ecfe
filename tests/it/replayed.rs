//! After all tests: the journal of every company, folded again, tells exactly what is stored.

use domain::service::replay::replay;
use files::S3Files;
use jiff::{SignedDuration, Timestamp};

use crate::world::World;

/// Folds every journal of the run; prints every difference.
pub fn are_equal(world: &World) -> bool {
    let files = S3Files::new(
        &world.worlds.config,
        world.http.clone(),
        &world.stack.outputs().bucket_name,
    )
    .unwrap();
    let tenants = world.tenants.lock().unwrap().clone();
    let (mut webhooks, mut messages, mut different) = (0, 0, 0);
    for tenant in tenants {
        // Everything that came in this run: nothing is under way any more.
        let to = Timestamp::now() + SignedDuration::from_mins(2);
        let from = to - SignedDuration::from_hours(24);
        let report = world.block_on(replay(
            &world.worlds.store,
            &files,
            providers::adapter,
            tenant,
            from,
            to,
        ));
        let report = report.unwrap();
        for difference in &report.differences {
            eprintln!("replay of {tenant}: {difference}");
        }
        webhooks += report.entries;
        messages += report.messages + report.inbound;
        different += report.differences.len();
    }
    eprintln!("replay: {webhooks} webhooks, {messages} messages, {different} differences");
    different == 0
}
