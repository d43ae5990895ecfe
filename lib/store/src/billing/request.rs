//! Requests for quotes and demos. The platform's people read and change those of all companies.

use domain::{
    billing::{PlanRequest, RequestState, RequestType},
    failure::StoreFailure,
    ids::{PlanId, RequestId, TenantId, UserId},
    ports::{AuditEntry, Page, PlanRequests, Saved},
};
use serde::{Deserialize, Serialize};

use super::{across::pointer, at_version};
use crate::{
    CrossTenant, Store, audit,
    keys::{Form, TenantKeys, every_request, every_requests, request_of, request_pointer},
    list::each,
    schema::{LIST, LOG},
    shape::{Id, Item, Row, When, corrupt, read},
    table::{Read, TenantTable, key_of},
    write::{Write, nonce},
};

#[derive(Serialize, Deserialize)]
struct RequestItem {
    user: UserId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    plan: Id,
    plan_name: String,
    kind: RequestType,
    message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    s: RequestState,
    created: When,
    updated: When,
    /// Version.
    v: u32,
}

fn write(operation: &'static str, one: &PlanRequest, nonce: &[u8]) -> Result<Write, StoreFailure> {
    let keys = TenantKeys::new(one.tenant);
    let next = one.next();
    let item = RequestItem {
        user: next.user,
        email: next.email,
        plan: Id(next.plan.uuid()),
        plan_name: next.plan_name,
        kind: next.kind,
        message: next.message,
        phone: next.phone,
        s: next.state,
        created: When(next.created_at),
        updated: When(next.updated_at),
        v: next.version,
    };
    let row = Row::new(operation, keys.request(one.id), &item)?
        .listed(LIST, &keys.requests(one.created_at, one.id))
        .listed(LOG, &every_request(one.created_at, one.id));
    Ok(at_version(row, one.version, nonce))
}

fn request(operation: &'static str, item: Item) -> Result<PlanRequest, StoreFailure> {
    let (pk, sk) = key_of(operation, &item)?;
    let (tenant, id) = request_of(&pk, &sk).ok_or_else(|| corrupt(operation))?;
    let item: RequestItem = read(operation, item)?;
    Ok(PlanRequest {
        id,
        tenant,
        user: item.user,
        email: item.email,
        plan: PlanId::from_uuid(item.plan.0),
        plan_name: item.plan_name,
        kind: item.kind,
        message: item.message,
        phone: item.phone,
        state: item.s,
        created_at: item.created.0,
        updated_at: item.updated.0,
        version: item.v,
    })
}

impl TenantTable<'_> {
    async fn requests(
        &self,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<PlanRequest>, StoreFailure> {
        const OPERATION: &str = "requests.own";
        let all = [self.keys().all_requests()];
        let page = self
            .page_of(OPERATION, Form::Newest, &all, after, limit)
            .await?;
        each(page, |item| request(OPERATION, item))
    }
}

impl CrossTenant<'_> {
    /// Requests of all companies, newest first.
    ///
    /// # Errors
    /// Refused for a position that is none of this list; [`StoreFailure`] when the table does not answer.
    pub async fn requests(
        &self,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<PlanRequest>, StoreFailure> {
        const OPERATION: &str = "requests.list";
        let partition = every_requests();
        let page = self.page_of(OPERATION, &partition, after, limit).await?;
        each(page, |item| request(OPERATION, item))
    }

    /// A request of any company.
    ///
    /// # Errors
    /// [`StoreFailure`] when the table does not answer.
    pub async fn any_request(&self, id: RequestId) -> Result<Option<PlanRequest>, StoreFailure> {
        const OPERATION: &str = "request.read";
        let tenant = self.led_to_tenant(OPERATION, request_pointer(id)).await?;
        let Some(tenant) = tenant else {
            return Ok(None);
        };
        let table = self.store().tenant(tenant);
        let key = table.keys().request(id);
        let item = table.item(OPERATION, &key, Read::Strong).await?;
        item.map(|item| request(OPERATION, item)).transpose()
    }
}

impl PlanRequests for Store {
    async fn save_request(
        &self,
        request: &mut PlanRequest,
        by: TenantId,
        entry: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "request.save";
        let mut writes = vec![
            write(OPERATION, request, &nonce())?,
            audit::note(OPERATION, by, entry)?.across(),
        ];
        if request.version == 0 {
            writes.push(pointer(request_pointer(request.id), request.tenant));
        }
        let table = self.tenant(request.tenant);
        let saved = table.save_with(OPERATION, &writes).await?;
        if saved == Saved::Done {
            *request = request.next();
        }
        Ok(saved)
    }

    async fn any_request(&self, id: RequestId) -> Result<Option<PlanRequest>, StoreFailure> {
        self.cross_tenant().any_request(id).await
    }

    async fn requests(
        &self,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<PlanRequest>, StoreFailure> {
        self.cross_tenant().requests(after, limit).await
    }

    async fn own_requests(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<PlanRequest>, StoreFailure> {
        self.tenant(tenant).requests(after, limit).await
    }
}
