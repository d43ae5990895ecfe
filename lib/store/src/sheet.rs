//! The days of analytics, packed.

use domain::{
    analytics::Sheet,
    failure::{StoreFailure, StoreFailureKind},
    ids::TenantId,
    ports::{Saved, Sheets},
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    compress::{pack, unpack},
    keys::Key,
    shape::{Blob, Item, Row, corrupt, number, read},
    table::Read,
    write::{Write, Written},
};

#[derive(Serialize, Deserialize)]
struct SheetItem {
    /// Version.
    v: u32,
    /// JSON, packed.
    z: Blob,
}

fn sheet(operation: &'static str, item: Item) -> Result<Sheet, StoreFailure> {
    let item: SheetItem = read(operation, item)?;
    let json = unpack(&item.z.0).ok_or_else(|| corrupt(operation))?;
    let sheet: Sheet = serde_json::from_slice(&json).map_err(|_| corrupt(operation))?;
    Ok(Sheet {
        version: item.v,
        ..sheet
    })
}

impl Sheets for Store {
    async fn sheets(&self, tenant: TenantId, days: &[Date]) -> Result<Vec<Sheet>, StoreFailure> {
        const OPERATION: &str = "sheets.read";
        let table = self.tenant(tenant);
        let keys: Vec<Key> = days.iter().map(|day| table.keys().sheet(*day)).collect();
        // An older one than there is only has a write refused.
        let items = table.get_all(OPERATION, &keys, Read::Eventual).await?;
        items
            .into_iter()
            .map(|item| sheet(OPERATION, item))
            .collect()
    }

    async fn save_sheet(&self, tenant: TenantId, sheet: &mut Sheet) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "sheet.save";
        let refused = || StoreFailure::new(OPERATION, StoreFailureKind::Refused);
        let table = self.tenant(tenant);
        let json = serde_json::to_vec(sheet).map_err(|_| refused().because("no JSON"))?;
        let item = SheetItem {
            v: sheet.version.saturating_add(1),
            z: Blob(pack(&json).map_err(|cause| refused().because(cause))?),
        };
        let write = Write::put(Row::new(OPERATION, table.keys().sheet(sheet.day), &item)?);
        let write = match sheet.version {
            0 => write.when_new(),
            version => write.when("v = :v").value(":v", number(version)),
        };
        Ok(match table.write(OPERATION, &write).await? {
            Written::Applied(_) => {
                sheet.version = item.v;
                Saved::Done
            }
            // Also our own write whose answer was lost: whoever wrote, the day was read.
            Written::Held(_) => Saved::Stale,
        })
    }
}
