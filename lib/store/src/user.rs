//! Users of companies: one item each, listed by address, and what leads from an address to its user, so
//! that an address is one user's in the whole table.

mod gone;
mod request;
mod tenants;

use domain::{
    failure::StoreFailure,
    ids::{InvitationId, TenantId, UserId},
    ports::{AuditEntry, Begun, Changed, InvitationKey, Page, Saved, Standings, UserBook},
    principal::Role,
    user::{Email, Standing, User, UserState},
};
use serde::{Deserialize, Serialize};

use crate::{
    Store, audit,
    keys::{Form, TenantKeys, email_pointer, tenant_of, user_of},
    list::each,
    schema::LIST,
    shape::{Id, Item, Row, When, corrupt, id, number, read, text},
    table::{Read, TenantTable, key_of},
    tenant,
    write::{Held, Transacted, Write, Written},
};

#[derive(Serialize, Deserialize)]
struct UserItem {
    email: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    role: String,
    st: String,
    /// Whether the identity service knows.
    ok: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    first: bool,
    inv: Id,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rq: Option<String>,
    at: When,
    by: UserId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ma: Option<When>,
    ca: When,
    v: u32,
}

/// Where an address leads.
#[derive(Deserialize)]
struct AddressItem {
    t: Id,
    u: UserId,
}

fn row(operation: &'static str, user: &User) -> Result<Row, StoreFailure> {
    let keys = TenantKeys::new(user.tenant);
    let item = UserItem {
        email: user.email.as_str().to_owned(),
        name: user.name.clone(),
        role: user.role.as_str().to_owned(),
        st: user.state.as_str().to_owned(),
        ok: user.settled,
        first: user.founder,
        inv: Id(user.invitation.uuid()),
        since: user.since.map(When),
        rq: user.request.clone(),
        at: When(user.invited_at),
        by: user.invited_by.clone(),
        ma: user.mailed_at.map(When),
        ca: When(user.changed_at),
        v: user.version,
    };
    let place = keys.users(&user.email, &user.id);
    Ok(Row::new(operation, keys.user(&user.id), &item)?.listed(LIST, &place))
}

fn user(operation: &'static str, item: Item) -> Result<User, StoreFailure> {
    let damaged = || corrupt(operation);
    let (pk, sk) = key_of(operation, &item)?;
    let (tenant, id) = user_of(&pk, &sk).ok_or_else(damaged)?;
    let item: UserItem = read(operation, item)?;
    Ok(User {
        tenant,
        id,
        invitation: InvitationId::from_uuid(item.inv.0),
        email: Email::parse(&item.email).map_err(|_| damaged())?,
        name: item.name,
        role: Role::from_group(&item.role).ok_or_else(damaged)?,
        state: UserState::parse(&item.st).ok_or_else(damaged)?,
        settled: item.ok,
        founder: item.first,
        since: item.since.map(|When(at)| at),
        request: item.rq,
        invited_at: item.at.0,
        invited_by: item.by,
        mailed_at: item.ma.map(|When(at)| at),
        changed_at: item.ca.0,
        version: item.v,
    })
}

/// The address leads to this user.
fn address(user: &User) -> Write {
    let item = Item::from([
        ("t".into(), id(user.tenant.uuid())),
        ("u".into(), text(user.id.as_str())),
    ]);
    Write::put_shared(email_pointer(&user.email), item)
}

/// Only while the user is what was read.
fn at_version(write: Write, version: u32) -> Write {
    write.when("v = :seen").value(":seen", number(version))
}

/// The user as its next version.
fn next(of: &User) -> User {
    User {
        version: of.version.saturating_add(1),
        ..of.clone()
    }
}

impl TenantTable<'_> {
    async fn user(
        &self,
        operation: &'static str,
        id: &UserId,
    ) -> Result<Option<User>, StoreFailure> {
        let key = self.keys().user(id);
        let item = self.item(operation, &key, Read::Strong).await?;
        let item = item.filter(|item| !gone::is_so(item));
        item.map(|item| user(operation, item)).transpose()
    }

    async fn users(&self, after: Option<&str>, limit: u16) -> Result<Page<User>, StoreFailure> {
        const OPERATION: &str = "users.list";
        let all = [self.keys().all_users()];
        let mut page = self
            .page_of(OPERATION, Form::Name, &all, after, limit)
            .await?;
        // The index may lag behind somebody's end.
        page.items.retain(|item| !gone::is_so(item));
        each(page, |item| user(OPERATION, item))
    }
}

impl Store {
    /// The user that an address leads to, of whatever tenant.
    async fn led_by(
        &self,
        operation: &'static str,
        address: Item,
    ) -> Result<Option<User>, StoreFailure> {
        let AddressItem { t, u } = read(operation, address)?;
        let tenant = TenantId::from_uuid(t.0);
        self.tenant(tenant).user(operation, &u).await
    }
}

impl UserBook for Store {
    async fn begin_invitation(
        &self,
        invited: &User,
        key: Option<&InvitationKey>,
    ) -> Result<Begun, StoreFailure> {
        const OPERATION: &str = "user.begin";
        let mut writes = vec![
            address(invited).when_new(),
            Write::put(row(OPERATION, invited)?).when_new(),
        ];
        if let Some(key) = key {
            writes.push(request::claim(OPERATION, invited, key)?);
        }
        let table = self.tenant(invited.tenant);
        let mut reasons = match table.transact(OPERATION, &writes).await? {
            Transacted::Applied => return Ok(Begun::Done),
            Transacted::Held(reasons) => reasons,
        };
        let address = Held::item(&mut reasons, 0);
        if let Some(key) = key
            && let Some(Some(stands)) = Held::item(&mut reasons, 2)
        {
            if !request::is_same(OPERATION, stands, key)? {
                return Ok(Begun::KeyReused);
            }
            if address.is_none() {
                return Ok(Begun::Over);
            }
        }
        let Some(Some(stands)) = address else {
            return Err(corrupt(OPERATION));
        };
        let known = self.led_by(OPERATION, stands).await?;
        let own = known.filter(|known| known.tenant == invited.tenant);
        Ok(own.map_or(Begun::Taken, |known| Begun::Known(Box::new(known))))
    }

    async fn adopt_user(
        &self,
        invited: &User,
        adopted: &User,
        entry: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "user.adopt";
        let table = self.tenant(invited.tenant);
        let writes = [
            at_version(
                Write::delete(table.keys().user(&invited.id)),
                invited.version,
            ),
            Write::put(row(OPERATION, adopted)?).when_new(),
            address(adopted),
            audit::note(OPERATION, invited.tenant, entry)?,
        ];
        Ok(match table.transact(OPERATION, &writes).await? {
            Transacted::Applied => Saved::Done,
            Transacted::Held(_) => Saved::Stale,
        })
    }

    async fn withdraw_invitation(&self, invited: &User) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "user.withdraw";
        let table = self.tenant(invited.tenant);
        let key = table.keys().user(&invited.id);
        let end = if invited.is_made() {
            Write::put(gone::row(OPERATION, key)?)
        } else {
            Write::delete(key)
        };
        let writes = [
            at_version(end, invited.version),
            Write::delete_shared(email_pointer(&invited.email))
                .when("u = :u")
                .value(":u", text(invited.id.as_str())),
        ];
        Ok(match table.transact(OPERATION, &writes).await? {
            Transacted::Applied => Saved::Done,
            Transacted::Held(_) => Saved::Stale,
        })
    }

    async fn user(&self, tenant: TenantId, id: &UserId) -> Result<Option<User>, StoreFailure> {
        self.tenant(tenant).user("user.read", id).await
    }

    async fn users(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<User>, StoreFailure> {
        self.tenant(tenant).users(after, limit).await
    }

    async fn change_user(
        &self,
        by: &UserId,
        changed: &mut User,
        entry: &AuditEntry,
    ) -> Result<Changed, StoreFailure> {
        const OPERATION: &str = "user.change";
        let table = self.tenant(changed.tenant);
        let next = next(changed);
        let still = "attribute_not_exists(pk) OR (st = :active AND #role = :manager)";
        let writes = [
            at_version(Write::put(row(OPERATION, &next)?), changed.version),
            Write::check(table.keys().user(by), still)
                .name("#role", "role")
                .value(":active", text(UserState::Active.as_str()))
                .value(":manager", text(Role::Manager.as_str())),
            audit::note(OPERATION, changed.tenant, entry)?,
        ];
        let mut reasons = match table.transact(OPERATION, &writes).await? {
            Transacted::Applied => {
                changed.version = next.version;
                return Ok(Changed::Done);
            }
            Transacted::Held(reasons) => reasons,
        };
        Ok(match Held::item(&mut reasons, 1) {
            Some(_) => Changed::NotByThem,
            None => Changed::Stale,
        })
    }

    async fn save_user(&self, changed: &mut User) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "user.save";
        let table = self.tenant(changed.tenant);
        let next = next(changed);
        let write = at_version(Write::put(row(OPERATION, &next)?), changed.version);
        let saved = match table.write(OPERATION, &write).await? {
            Written::Applied(_) => Saved::Done,
            // Our own write, whose answer was lost, or another's that came to the same.
            Written::Held(Some(item)) if user(OPERATION, item.clone())? == next => Saved::Done,
            Written::Held(_) => Saved::Stale,
        };
        if saved == Saved::Done {
            changed.version = next.version;
        }
        Ok(saved)
    }
}

impl Standings for Store {
    async fn standing(&self, of: TenantId, id: &UserId) -> Result<Standing, StoreFailure> {
        const OPERATION: &str = "user.standing";
        let table = self.tenant(of);
        let keys = [table.keys().tenant(), table.keys().user(id)];
        let mut standing = Standing::Unknown;
        for item in table.get_all(OPERATION, &keys, Read::Strong).await? {
            let (pk, sk) = key_of(OPERATION, &item)?;
            if tenant_of(&pk, &sk).is_some() {
                if !tenant::is_active(OPERATION, item)? {
                    return Ok(Standing::CompanyOff);
                }
            } else if gone::is_so(&item) {
                standing = Standing::Out;
            } else {
                standing = user(OPERATION, item)?.standing();
            }
        }
        Ok(standing)
    }
}
