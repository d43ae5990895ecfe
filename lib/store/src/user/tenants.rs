//! Companies as the platform makes and sees them.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    failure::StoreFailure,
    ids::TenantId,
    ports::{AuditEntry, Begun, Page, Saved, TenantBook},
    tenant::Tenant,
    user::User,
};

use super::{address, row};
use crate::{
    Store, audit,
    keys::TenantKeys,
    shape::corrupt,
    tenant,
    update::Update,
    write::{Held, Transacted, Write},
};

impl TenantBook for Store {
    async fn found_tenant(
        &self,
        founded: &Tenant,
        founder: &User,
        entry: &AuditEntry,
    ) -> Result<Begun, StoreFailure> {
        const OPERATION: &str = "tenant.found";
        let writes = [
            address(founder).when_new(),
            Write::put(row(OPERATION, founder)?).when_new(),
            Write::put(tenant::row(OPERATION, founded)?).when_new(),
            audit::note(OPERATION, founded.id, entry)?,
        ];
        let mut reasons = match self.tenant(founded.id).transact(OPERATION, &writes).await? {
            Transacted::Applied => return Ok(Begun::Done),
            Transacted::Held(reasons) => reasons,
        };
        let Some(Some(stands)) = Held::item(&mut reasons, 0) else {
            return Err(corrupt(OPERATION));
        };
        let known = self.led_by(OPERATION, stands).await?;
        Ok(known.map_or(Begun::Taken, |known| Begun::Known(Box::new(known))))
    }

    async fn tenants(&self, after: Option<&str>, limit: u16) -> Result<Page<Tenant>, StoreFailure> {
        self.cross_tenant().tenants(after, limit).await
    }

    async fn switch_tenant(
        &self,
        id: TenantId,
        active: bool,
        entry: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "tenant.switch";
        let mut update = Update::of(TenantKeys::new(id).tenant());
        update.set("active", AttributeValue::Bool(active));
        update.when("#active = :before");
        update.value("before", AttributeValue::Bool(!active));
        let writes = [update.write(), audit::note(OPERATION, id, entry)?];
        Ok(match self.tenant(id).transact(OPERATION, &writes).await? {
            Transacted::Applied => Saved::Done,
            Transacted::Held(_) => Saved::Stale,
        })
    }
}
