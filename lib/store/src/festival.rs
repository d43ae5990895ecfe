//! Festivals: one item each, listed by name, in the due index while it comes again.

use std::collections::BTreeMap;

use domain::{
    failure::StoreFailure,
    festival::{Audience, Festival, Round, Words},
    ids::{ChannelId, FestivalId, MessageId, TemplateId, TenantId, UserId},
    ports::{AuditEntry, Festivals, Page, Saved},
    template::{Slot, SlotNames, TemplateText},
};
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use crate::{
    Store, audit,
    keys::{Form, TenantKeys, due, festival_of},
    list::each,
    schema::LIST,
    shape::{Id, Item, Row, When, corrupt, number, read},
    table::{Read, TenantTable, key_of},
    write::{Held, Transacted, Write, Written},
};

#[derive(Serialize, Deserialize)]
struct FestivalItem {
    name: String,
    day: Date,
    yearly: bool,
    time: Time,
    words: WordsItem,
    who: Audience,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    c: Option<Id>,
    active: bool,
    /// Version that people see; revision of the item.
    v: u32,
    r: u32,
    created: When,
    updated: When,
    created_by: UserId,
    updated_by: UserId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    round: Option<Round>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    du: Option<When>,
}

#[derive(Serialize, Deserialize)]
enum WordsItem {
    #[serde(rename = "s")]
    Standard,
    #[serde(rename = "t")]
    Text {
        text: String,
        slots: Vec<String>,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        defaults: BTreeMap<String, String>,
    },
    #[serde(rename = "o")]
    Own { of: Id },
    #[serde(rename = "p")]
    Provider {
        name: String,
        lang: String,
        #[serde(default)]
        head: Vec<String>,
        #[serde(default)]
        body: Vec<String>,
        #[serde(default)]
        defaults: BTreeMap<String, String>,
    },
}

impl From<&Words> for WordsItem {
    fn from(words: &Words) -> Self {
        match words {
            Words::Standard => Self::Standard,
            Words::Text(text) => {
                let defaults = text.defaults().into_iter();
                Self::Text {
                    text: text.content().to_owned(),
                    slots: text.slots().iter().map(|slot| slot.name.clone()).collect(),
                    defaults: defaults
                        .map(|(name, default)| (name.to_owned(), default.to_owned()))
                        .collect(),
                }
            }
            Words::Own(id) => Self::Own { of: Id(id.uuid()) },
            Words::Provider {
                name,
                language,
                slots,
            } => Self::Provider {
                name: name.clone(),
                lang: language.clone(),
                head: slots.header.clone(),
                body: slots.body.clone(),
                defaults: slots.defaults.clone(),
            },
        }
    }
}

impl From<WordsItem> for Words {
    fn from(item: WordsItem) -> Self {
        match item {
            WordsItem::Standard => Self::Standard,
            WordsItem::Text {
                text,
                slots,
                mut defaults,
            } => {
                let slots = slots.into_iter().map(|name| Slot {
                    default: defaults.remove(&name),
                    name,
                });
                Self::Text(TemplateText::stored(text, slots.collect()))
            }
            WordsItem::Own { of } => Self::Own(TemplateId::from_uuid(of.0)),
            WordsItem::Provider {
                name,
                lang,
                head,
                body,
                defaults,
            } => Self::Provider {
                name,
                language: lang,
                slots: SlotNames {
                    header: head,
                    body,
                    defaults,
                },
            },
        }
    }
}

fn row(operation: &'static str, festival: &Festival) -> Result<Row, StoreFailure> {
    let keys = TenantKeys::new(festival.tenant);
    let item = FestivalItem {
        name: festival.name.clone(),
        day: festival.date,
        yearly: festival.yearly,
        time: festival.time,
        words: WordsItem::from(&festival.words),
        who: festival.audience.clone(),
        c: festival.channel.map(|id| Id(id.uuid())),
        active: festival.active,
        v: festival.version,
        r: festival.revision,
        created: When(festival.created_at),
        updated: When(festival.updated_at),
        created_by: festival.created_by.clone(),
        updated_by: festival.updated_by.clone(),
        round: festival.round.clone(),
        du: festival.due.map(When),
    };
    let id = MessageId::from_uuid(festival.id.uuid());
    let place = festival.due.map(|at| due(at, id));
    Ok(Row::new(operation, keys.festival(festival.id), &item)?
        .due(place.as_ref())
        .listed(LIST, &keys.festivals(&festival.name, festival.id)))
}

fn festival(operation: &'static str, item: Item) -> Result<Festival, StoreFailure> {
    let (pk, sk) = key_of(operation, &item)?;
    let (tenant, id) = festival_of(&pk, &sk).ok_or_else(|| corrupt(operation))?;
    let item: FestivalItem = read(operation, item)?;
    Ok(Festival {
        id,
        tenant,
        name: item.name,
        date: item.day,
        yearly: item.yearly,
        time: item.time,
        words: item.words.into(),
        audience: item.who,
        channel: item.c.map(|Id(uuid)| ChannelId::from_uuid(uuid)),
        active: item.active,
        version: item.v,
        created_at: item.created.0,
        updated_at: item.updated.0,
        created_by: item.created_by,
        updated_by: item.updated_by,
        round: item.round,
        due: item.du.map(|When(at)| at),
        revision: item.r,
    })
}

/// The festival as its next revision.
fn next(of: &Festival) -> Festival {
    Festival {
        revision: of.revision.saturating_add(1),
        ..of.clone()
    }
}

/// Only while the festival is what was read.
fn at_revision(write: Write, festival: &Festival) -> Write {
    write
        .when("r = :seen")
        .value(":seen", number(festival.revision))
}

impl TenantTable<'_> {
    async fn festivals(
        &self,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Festival>, StoreFailure> {
        const OPERATION: &str = "festivals.list";
        let all = [self.keys().all_festivals()];
        let page = self
            .page_of(OPERATION, Form::Name, &all, after, limit)
            .await?;
        each(page, |item| festival(OPERATION, item))
    }
}

impl Festivals for Store {
    async fn make_festival(
        &self,
        made: &Festival,
        entry: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "festival.make";
        let table = self.tenant(made.tenant);
        let writes = [
            Write::put(row(OPERATION, made)?).when_new(),
            audit::note(OPERATION, made.tenant, entry)?,
        ];
        Ok(match table.transact(OPERATION, &writes).await? {
            Transacted::Applied => Saved::Done,
            Transacted::Held(mut reasons) => match Held::item(&mut reasons, 0) {
                // Our own earlier try, whose answer was lost.
                Some(Some(item)) if festival(OPERATION, item.clone())? == *made => Saved::Done,
                Some(_) | None => Saved::Stale,
            },
        })
    }

    async fn festival(
        &self,
        tenant: TenantId,
        id: FestivalId,
    ) -> Result<Option<Festival>, StoreFailure> {
        const OPERATION: &str = "festival.read";
        let table = self.tenant(tenant);
        let key = table.keys().festival(id);
        let item = table.item(OPERATION, &key, Read::Strong).await?;
        item.map(|item| festival(OPERATION, item)).transpose()
    }

    async fn festivals(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Festival>, StoreFailure> {
        self.tenant(tenant).festivals(after, limit).await
    }

    async fn change_festival(
        &self,
        changed: &mut Festival,
        entry: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "festival.change";
        let table = self.tenant(changed.tenant);
        let next = next(changed);
        let writes = [
            at_revision(Write::put(row(OPERATION, &next)?), changed),
            audit::note(OPERATION, changed.tenant, entry)?,
        ];
        Ok(match table.transact(OPERATION, &writes).await? {
            Transacted::Applied => {
                changed.revision = next.revision;
                Saved::Done
            }
            Transacted::Held(mut reasons) => match Held::item(&mut reasons, 0) {
                Some(Some(item)) if festival(OPERATION, item.clone())? == next => {
                    changed.revision = next.revision;
                    Saved::Done
                }
                Some(_) | None => Saved::Stale,
            },
        })
    }

    async fn save_festival(&self, changed: &mut Festival) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "festival.save";
        let table = self.tenant(changed.tenant);
        let next = next(changed);
        let write = at_revision(Write::put(row(OPERATION, &next)?), changed);
        let saved = match table.write(OPERATION, &write).await? {
            Written::Applied(_) => Saved::Done,
            // Our own write, whose answer was lost, or another's that came to the same.
            Written::Held(Some(item)) if festival(OPERATION, item.clone())? == next => Saved::Done,
            Written::Held(_) => Saved::Stale,
        };
        if saved == Saved::Done {
            changed.revision = next.revision;
        }
        Ok(saved)
    }

    async fn delete_festival(
        &self,
        gone: &Festival,
        entry: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "festival.delete";
        let table = self.tenant(gone.tenant);
        let writes = [
            at_revision(Write::delete(table.keys().festival(gone.id)), gone),
            audit::note(OPERATION, gone.tenant, entry)?,
        ];
        Ok(match table.transact(OPERATION, &writes).await? {
            Transacted::Applied => Saved::Done,
            Transacted::Held(_) => Saved::Stale,
        })
    }
}
