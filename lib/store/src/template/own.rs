//! A company's own templates: the item as it is now, every version beside it, and a place that its name
//! takes.

use std::collections::BTreeMap;

use domain::{
    failure::StoreFailure,
    ids::{TemplateId, TenantId, UserId},
    message::MessageType,
    ports::{AuditEntry, Kept, OwnTemplates, Page, Saved, TemplateFilter},
    template::{OwnTemplate, Slot, TemplateText},
};
use serde::{Deserialize, Serialize};

use crate::{
    Store, audit,
    keys::{Form, Position, template_of},
    list::{each, page},
    schema::LIST,
    shape::{Id, Item, Row, When, corrupt, id, number, read, text},
    table::{Range, Read, TenantTable, key_of},
    write::{Held, Transacted, Write},
};

// Places in the transaction that changes a template.
const TEMPLATE: usize = 0;

#[derive(Serialize, Deserialize)]
struct OwnItem {
    name: String,
    #[serde(rename = "mt")]
    message_type: char,
    text: String,
    /// Placeholders in order.
    slots: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    defaults: BTreeMap<String, String>,
    active: bool,
    /// Version.
    v: u32,
    created: When,
    updated: When,
    created_by: UserId,
    updated_by: UserId,
}

/// What takes a name.
#[derive(Serialize)]
struct NameItem {
    of: Id,
}

impl From<&OwnTemplate> for OwnItem {
    fn from(template: &OwnTemplate) -> Self {
        let text = &template.text;
        let defaults = text.defaults().into_iter();
        Self {
            name: template.name.clone(),
            message_type: template.message_type.letter(),
            text: text.content().to_owned(),
            slots: text.slots().iter().map(|slot| slot.name.clone()).collect(),
            defaults: defaults
                .map(|(name, default)| (name.to_owned(), default.to_owned()))
                .collect(),
            active: template.active,
            v: template.version,
            created: When(template.created_at),
            updated: When(template.updated_at),
            created_by: template.created_by.clone(),
            updated_by: template.updated_by.clone(),
        }
    }
}

impl OwnItem {
    fn template(mut self, tenant: TenantId, id: TemplateId) -> Option<OwnTemplate> {
        let message_type = MessageType::from_letter(self.message_type)?;
        let slots = self.slots.into_iter().map(|name| Slot {
            default: self.defaults.remove(&name),
            name,
        });
        let slots = slots.collect();
        Some(OwnTemplate {
            id,
            tenant,
            name: self.name,
            message_type,
            text: TemplateText::stored(self.text, slots),
            active: self.active,
            version: self.v,
            created_at: self.created.0,
            updated_at: self.updated.0,
            created_by: self.created_by,
            updated_by: self.updated_by,
        })
    }
}

fn template(operation: &'static str, item: Item) -> Result<OwnTemplate, StoreFailure> {
    let damaged = || corrupt(operation);
    let (pk, _) = key_of(operation, &item)?;
    let (tenant, id) = template_of(&pk).ok_or_else(damaged)?;
    let item: OwnItem = read(operation, item)?;
    item.template(tenant, id).ok_or_else(damaged)
}

impl TenantTable<'_> {
    /// The item as it is now, listed, and its version beside it.
    fn written(
        &self,
        operation: &'static str,
        template: &OwnTemplate,
    ) -> Result<(Write, Write), StoreFailure> {
        let (keys, item) = (self.keys(), OwnItem::from(template));
        let place = keys.own_templates(
            template.message_type,
            template.active,
            &template.unique_name(),
            template.id,
        );
        let now = Row::new(operation, keys.own_template(template.id), &item)?;
        let version = keys.template_version(template.id, template.version);
        Ok((
            Write::put(now.listed(LIST, &place)),
            Write::put(Row::new(operation, version, &item)?),
        ))
    }

    /// Takes a name, unless another template has it.
    fn take_name(
        &self,
        operation: &'static str,
        template: &OwnTemplate,
    ) -> Result<Write, StoreFailure> {
        let key = self.keys().template_name(&template.unique_name());
        let owner = Id(template.id.uuid());
        let row = Row::new(operation, key, &NameItem { of: owner })?;
        // Our own earlier try, whose answer was lost, took it for this template.
        Ok(Write::put(row)
            .when("attribute_not_exists(pk) OR #of = :of")
            .name("#of", "of")
            .value(":of", id(template.id.uuid())))
    }
}

/// Only while the template is the version that was read.
fn at_version(write: Write, template: &OwnTemplate) -> Write {
    write
        .when("v = :seen")
        .value(":seen", number(template.version))
}

impl OwnTemplates for Store {
    async fn make_template(
        &self,
        template: &OwnTemplate,
        entry: &AuditEntry,
    ) -> Result<Kept, StoreFailure> {
        const OPERATION: &str = "own_template.make";
        let table = self.tenant(template.tenant);
        let (now, version) = table.written(OPERATION, template)?;
        let writes = [
            now.when_new(),
            version,
            audit::note(OPERATION, template.tenant, entry)?,
            table.take_name(OPERATION, template)?,
        ];
        match table.transact(OPERATION, &writes).await? {
            Transacted::Applied => Ok(Kept::Done),
            // An id is made for one template: our own earlier try, whose answer was lost.
            Transacted::Held(mut reasons) => match Held::item(&mut reasons, TEMPLATE) {
                Some(_) => Ok(Kept::Done),
                None => Ok(Kept::NameTaken),
            },
        }
    }

    async fn change_template(
        &self,
        before: &OwnTemplate,
        after: &OwnTemplate,
        entry: &AuditEntry,
    ) -> Result<Kept, StoreFailure> {
        const OPERATION: &str = "own_template.change";
        let table = self.tenant(before.tenant);
        let (now, version) = table.written(OPERATION, after)?;
        let mut writes = vec![
            at_version(now, before),
            version,
            audit::note(OPERATION, before.tenant, entry)?,
        ];
        if before.unique_name() != after.unique_name() {
            let old = table.keys().template_name(&before.unique_name());
            writes.push(table.take_name(OPERATION, after)?);
            writes.push(Write::delete(old));
        }
        match table.transact(OPERATION, &writes).await? {
            Transacted::Applied => Ok(Kept::Done),
            Transacted::Held(mut reasons) => match Held::item(&mut reasons, TEMPLATE) {
                Some(_) => Ok(Kept::Stale),
                None => Ok(Kept::NameTaken),
            },
        }
    }

    async fn delete_template(
        &self,
        template: &OwnTemplate,
        entry: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "own_template.delete";
        let table = self.tenant(template.tenant);
        let keys = table.keys();
        let writes = [
            at_version(Write::delete(keys.own_template(template.id)), template),
            audit::note(OPERATION, template.tenant, entry)?,
            Write::delete(keys.template_name(&template.unique_name())),
        ];
        Ok(match table.transact(OPERATION, &writes).await? {
            Transacted::Applied => Saved::Done,
            Transacted::Held(_) => Saved::Stale,
        })
    }

    async fn own_template(
        &self,
        tenant: TenantId,
        id: TemplateId,
    ) -> Result<Option<OwnTemplate>, StoreFailure> {
        const OPERATION: &str = "own_template.read";
        let table = self.tenant(tenant);
        let key = table.keys().own_template(id);
        let item = table.item(OPERATION, &key, Read::Strong).await?;
        item.map(|item| template(OPERATION, item)).transpose()
    }

    async fn own_templates(
        &self,
        tenant: TenantId,
        filter: TemplateFilter,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<OwnTemplate>, StoreFailure> {
        const OPERATION: &str = "own_templates.list";
        let table = self.tenant(tenant);
        let types = MessageType::ALL.into_iter();
        let types = types.filter(|one| filter.message_type.is_none_or(|wanted| *one == wanted));
        let both = [true, false].into_iter();
        let switches: Vec<bool> = both
            .filter(|one| filter.active.is_none_or(|wanted| *one == wanted))
            .collect();
        let partitions: Vec<String> = types
            .flat_map(|one| switches.iter().map(move |active| (one, *active)))
            .map(|(one, active)| table.keys().own_templates_of(one, active))
            .collect();
        let page = table
            .page_of(OPERATION, Form::Name, &partitions, after, limit)
            .await?;
        each(page, |item| template(OPERATION, item))
    }

    async fn template_versions(
        &self,
        tenant: TenantId,
        id: TemplateId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<OwnTemplate>, StoreFailure> {
        const OPERATION: &str = "own_template.versions";
        let table = self.tenant(tenant);
        let newest = table.keys().template_version(id, u32::MAX);
        let after = table.position(OPERATION, Form::Version, after)?;
        let limit = page(limit);
        let range = Range {
            index: None,
            partition: &newest.pk,
            // Whatever else is in the partition sorts before.
            sort: Some("#s > :after"),
            filter: None,
            values: vec![(
                ":after",
                text(after.map_or("V#", |position| position.sort())),
            )],
            read: Read::Eventual,
            limit: limit + 1,
        };
        let mut items = table.query(OPERATION, &range).await?;
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next = last
            .map(|item| key_of(OPERATION, item))
            .transpose()?
            .map(|(_, sk)| Position::write(table.id(), &sk));
        let items = items.into_iter().map(|item| template(OPERATION, item));
        Ok(Page {
            items: items.collect::<Result<_, _>>()?,
            next,
        })
    }
}
