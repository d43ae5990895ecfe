//! What must hold of channels and days when nothing is open any more: WHAPI's side against ours, and the
//! ledger against its sums.

use domain::{
    billing::{Balances, Entry, Side},
    managed::{ManagedChannel, Stage},
    ports::{ManagedChannels, Money},
};
use sandbox::whapi::partner::DeedKind;

use crate::{
    checks::{Check, Findings},
    manager::NAME,
    recovery::Left,
    world::World,
};

/// Looks at channels and days.
pub async fn check(world: &World, left: &Left<'_>, found: &mut Findings) {
    let tenant = world.place.tenant;
    let records = world.store.managed_channels(tenant).await.unwrap();
    let shown = left.provider.partner_shown(NAME).unwrap();
    let count = |kind| shown.deeds.iter().filter(|deed| deed.kind == kind).count();
    if count(DeedKind::Create) > records.len() {
        let what = format!(
            "{} made, {} ordered",
            count(DeedKind::Create),
            records.len()
        );
        found.add(Check::CreatedTwice, what);
    }
    for record in &records {
        let own = shown.deeds.iter().filter(|deed| {
            deed.kind == DeedKind::Extend && Some(&deed.channel) == record.provider_ref.as_ref()
        });
        let given: i64 = own.map(|deed| deed.days).sum();
        if given != i64::from(record.spent) {
            let what = format!("{given} days given at WHAPI, {} spent", record.spent);
            found.add(Check::SpentTwice, what);
        }
    }
    ledger(world, &records, found).await;
}

/// How far days have come.
const fn step(side: Side) -> u8 {
    match side {
        Side::Granted => 0,
        Side::Free => 1,
        Side::Held(_) => 2,
        Side::Channel(_) => 3,
    }
}

async fn ledger(world: &World, records: &[ManagedChannel], found: &mut Findings) {
    let tenant = world.place.tenant;
    let account = world.store.account(tenant).await.unwrap();
    let page = world.store.entries(tenant, None, 100).await.unwrap();
    let mut entries: Vec<Entry> = page.items;
    // The scenario's clock stands: what is of one moment is folded as days go.
    entries.sort_by_key(|entry| (entry.at, step(entry.from)));
    let sums = Balances::of(&entries);
    if sums != Some(account.balances) {
        let what = format!(
            "{:?} on the account, {sums:?} in the ledger",
            account.balances
        );
        found.add(Check::LedgerDrift, what);
    }
    if account.balances.held != 0 {
        let what = format!("{} days are still set aside", account.balances.held);
        found.add(Check::LedgerDrift, what);
    }
    let open = records
        .iter()
        .filter(|record| !matches!(record.stage, Stage::Deleted | Stage::Failed));
    let open = open.count();
    if account.channels as usize != open {
        let what = format!("{} slots are taken by {open} channels", account.channels);
        found.add(Check::LedgerDrift, what);
    }
}
