//! What a company's calendar has in common: who acts on its dates, and what another zone moves.

use jiff::tz::TimeZone;
use tracing::info;

use crate::{
    failure::StoreFailure,
    ids::TenantId,
    ports::{Clock, Days, Directory, Festivals, Saved},
    principal::Principal,
    tenant::Tenant,
};

/// How often a write is tried when others keep being first.
const TRIES: u8 = 6;

/// Festivals read at a time.
const PAGE: u16 = 50;

/// Waypost itself, acting on a date of the company.
pub(super) fn principal(tenant: &Tenant) -> Principal {
    Principal::of_calendar(tenant)
}

/// An open invoice is there: the company's days have work from now on. One strong read; a write only when
/// they had none.
///
/// # Errors
/// Storage failures.
pub(super) async fn begin<S: Directory + Days, C: Clock>(
    store: &S,
    clock: &C,
    tenant: TenantId,
) -> Result<(), StoreFailure> {
    for _ in 0..TRIES {
        let known = store.day_work(tenant).await?;
        let mut work = known.unwrap_or_else(|| crate::reminder::DayWork::none(tenant));
        if work.due.is_some() && !work.closing {
            return Ok(());
        }
        let Some(tenant) = store.tenant(tenant).await? else {
            return Ok(());
        };
        work.begin(&tenant.settings.time_zone(), clock.now());
        if store.save_day_work(&mut work).await? == Saved::Done {
            return Ok(());
        }
    }
    Err(busy())
}

/// The company's zone is another one: its days and festivals begin at other moments. What could not be
/// moved is put right when its old time comes.
///
/// # Errors
/// Storage failures.
pub(super) async fn moved<S: Days + Festivals, C: Clock>(
    store: &S,
    clock: &C,
    tenant: TenantId,
    zone: &TimeZone,
) -> Result<(), StoreFailure> {
    for _ in 0..TRIES {
        let Some(mut work) = store.day_work(tenant).await? else {
            break;
        };
        if !work.plan(zone) || store.save_day_work(&mut work).await? == Saved::Done {
            break;
        }
    }
    let mut after: Option<String> = None;
    loop {
        let page = store.festivals(tenant, after.as_deref(), PAGE).await?;
        for mut festival in page.items {
            let before = festival.due;
            festival.plan(zone, clock.now());
            // Somebody who changed it meanwhile planned it anew.
            if festival.due != before {
                store.save_festival(&mut festival).await?;
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    info!(tenant.id = %tenant, "moved the days of tenant `{tenant}` to its new zone");
    Ok(())
}

fn busy() -> StoreFailure {
    StoreFailure::new("calendar.begin", crate::failure::StoreFailureKind::Conflict)
}
