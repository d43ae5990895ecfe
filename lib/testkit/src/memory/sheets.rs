//! The days of analytics.

use domain::{
    analytics::Sheet,
    failure::StoreFailure,
    ids::TenantId,
    ports::{Saved, Sheets},
};
use jiff::civil::Date;

use super::MemoryStore;

impl Sheets for MemoryStore {
    async fn sheets(&self, tenant: TenantId, days: &[Date]) -> Result<Vec<Sheet>, StoreFailure> {
        self.run("sheets.read", |s| {
            let known = days.iter().filter_map(|day| s.sheets.get(&(tenant, *day)));
            known.cloned().collect()
        })
    }

    async fn save_sheet(&self, tenant: TenantId, sheet: &mut Sheet) -> Result<Saved, StoreFailure> {
        self.run("sheet.save", |s| {
            let key = (tenant, sheet.day);
            let stands = s.sheets.get(&key).map_or(0, |sheet| sheet.version);
            if stands != sheet.version {
                return Saved::Stale;
            }
            sheet.version += 1;
            s.sheets.insert(key, sheet.clone());
            Saved::Done
        })
    }
}
