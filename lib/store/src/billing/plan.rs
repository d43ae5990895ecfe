//! Plans: few, of no company, in one partition.

use domain::{
    billing::{BillingPeriod, Plan, RequestType},
    failure::StoreFailure,
    ids::{PlanId, TenantId},
    ports::{AuditEntry, Plans, Saved},
};
use serde::{Deserialize, Serialize};

use crate::{
    Store, audit,
    keys::{plan as plan_key, plans},
    shape::{Item, When, bytes, corrupt, number, read, to_item},
    table::{Range, Read, key_of},
    write::{Write, nonce},
};

/// More plans than there ever are.
const MOST: usize = 1_000;

#[derive(Serialize, Deserialize)]
struct PlanItem {
    name: String,
    price: u64,
    period: BillingPeriod,
    channels: u32,
    daily: u32,
    bulk: u32,
    features: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paypal: Option<String>,
    request: RequestType,
    active: bool,
    created: When,
    updated: When,
    /// Version.
    v: u32,
}

fn item(operation: &'static str, plan: &Plan) -> Result<Item, StoreFailure> {
    let item = PlanItem {
        name: plan.name.clone(),
        price: plan.price_fils,
        period: plan.period,
        channels: plan.channels,
        daily: plan.daily_messages,
        bulk: plan.bulk_per_cycle,
        features: plan.features.clone(),
        paypal: plan.paypal_plan.clone(),
        request: plan.request,
        active: plan.active,
        created: When(plan.created_at),
        updated: When(plan.updated_at),
        v: plan.version,
    };
    to_item(operation, &item)
}

fn plan(operation: &'static str, item: Item) -> Result<Plan, StoreFailure> {
    let (_, id) = key_of(operation, &item)?;
    let id = PlanId::parse(&id).map_err(|_not_an_id| corrupt(operation))?;
    let item: PlanItem = read(operation, item)?;
    Ok(Plan {
        id,
        name: item.name,
        price_fils: item.price,
        period: item.period,
        channels: item.channels,
        daily_messages: item.daily,
        bulk_per_cycle: item.bulk,
        features: item.features,
        paypal_plan: item.paypal,
        request: item.request,
        active: item.active,
        created_at: item.created.0,
        updated_at: item.updated.0,
        version: item.v,
    })
}

impl Plans for Store {
    async fn plan(&self, id: PlanId) -> Result<Option<Plan>, StoreFailure> {
        const OPERATION: &str = "plan.read";
        let (pk, sk) = plan_key(id);
        let item = self.item(OPERATION, &pk, &sk, Read::Strong).await?;
        item.map(|item| plan(OPERATION, item)).transpose()
    }

    async fn plans(&self) -> Result<Vec<Plan>, StoreFailure> {
        const OPERATION: &str = "plans.list";
        let range = Range {
            index: None,
            partition: &plans(),
            sort: None,
            filter: None,
            values: Vec::new(),
            read: Read::Strong,
            limit: MOST,
        };
        let items = self.query(OPERATION, &range).await?.into_iter();
        let plans: Result<Vec<Plan>, _> = items.map(|item| plan(OPERATION, item)).collect();
        let mut plans = plans?;
        plans.sort_by_key(|plan| (plan.created_at, plan.id));
        Ok(plans)
    }

    async fn save_plan(
        &self,
        plan: &mut Plan,
        by: TenantId,
        entry: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "plan.save";
        let next = plan.next();
        let mut item = item(OPERATION, &next)?;
        item.insert("n".into(), bytes(&nonce()));
        let write = Write::put_shared(plan_key(plan.id), item);
        let write = if plan.version == 0 {
            write.when_new()
        } else {
            write.when("v = :seen").value(":seen", number(plan.version))
        };
        let writes = [write, audit::note(OPERATION, by, entry)?];
        let saved = self.tenant(by).save_with(OPERATION, &writes).await?;
        if saved == Saved::Done {
            *plan = next;
        }
        Ok(saved)
    }
}
