//! The work of a company's days: one item, in the due index while there is any.

use domain::{
    failure::StoreFailure,
    ids::{MessageId, TenantId},
    ports::{Days, Saved},
    reminder::DayWork,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    keys::{TenantKeys, due},
    shape::{Item, Row, When, number, read},
    table::Read,
    write::{Write, Written},
};

#[derive(Serialize, Deserialize)]
struct DayItem {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    day: Option<Date>,
    /// Up to which invoice: base date of its range, and position within it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nx: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    cl: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    du: Option<When>,
    v: u32,
}

fn row(operation: &'static str, work: &DayWork) -> Result<Row, StoreFailure> {
    let keys = TenantKeys::new(work.tenant);
    let after = work.after.clone();
    let item = DayItem {
        day: work.day,
        at: after.as_ref().map(|(at, _)| *at),
        nx: after.and_then(|(_, next)| next),
        cl: work.closing,
        du: work.due.map(When),
        v: work.version,
    };
    let id = MessageId::from_uuid(work.tenant.uuid());
    let place = work.due.map(|at| due(at, id));
    Ok(Row::new(operation, keys.day_work(), &item)?.due(place.as_ref()))
}

fn work(operation: &'static str, tenant: TenantId, item: Item) -> Result<DayWork, StoreFailure> {
    let item: DayItem = read(operation, item)?;
    Ok(DayWork {
        tenant,
        day: item.day,
        after: item.at.map(|at| (at, item.nx)),
        closing: item.cl,
        due: item.du.map(|When(at)| at),
        version: item.v,
    })
}

impl Days for Store {
    async fn day_work(&self, tenant: TenantId) -> Result<Option<DayWork>, StoreFailure> {
        const OPERATION: &str = "day.read";
        let table = self.tenant(tenant);
        let key = table.keys().day_work();
        let item = table.item(OPERATION, &key, Read::Strong).await?;
        item.map(|item| work(OPERATION, tenant, item)).transpose()
    }

    async fn save_day_work(&self, changed: &mut DayWork) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "day.save";
        let table = self.tenant(changed.tenant);
        let next = DayWork {
            version: changed.version.saturating_add(1),
            ..changed.clone()
        };
        let write = Write::put(row(OPERATION, &next)?);
        let write = if changed.version == 0 {
            write.when_new()
        } else {
            write
                .when("v = :seen")
                .value(":seen", number(changed.version))
        };
        let saved = match table.write(OPERATION, &write).await? {
            Written::Applied(_) => Saved::Done,
            // Our own write, whose answer was lost, or another's that came to the same.
            Written::Held(Some(item)) if work(OPERATION, next.tenant, item.clone())? == next => {
                Saved::Done
            }
            Written::Held(_) => Saved::Stale,
        };
        if saved == Saved::Done {
            changed.version = next.version;
        }
        Ok(saved)
    }
}
