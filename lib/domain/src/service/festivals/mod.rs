//! A company's festivals: made, changed, taken away and read. Whatever is changed before the day counts
//! on it; who was greeted already stays greeted.

mod given;

use tracing::info;

use self::given::checked;
pub use self::given::{FestivalEdit, FestivalGiven, WordsGiven};
use crate::{
    failure::AppFailure,
    festival::Festival,
    ids::{FestivalId, TenantId},
    ports::{AuditEntry, Clock, Directory, Festivals, OwnTemplates, Page, Saved},
    principal::Principal,
    service::accept::IdempotencyKey,
};

/// How often a write is tried when others keep being first.
const TRIES: u8 = 6;

/// What working with festivals needs.
#[derive(Debug)]
pub struct FestivalDesk<'a, S, C> {
    /// Storage.
    pub store: &'a S,
    /// The time.
    pub clock: &'a C,
}

impl<S, C> FestivalDesk<'_, S, C>
where
    S: Directory + Festivals + OwnTemplates,
    C: Clock,
{
    /// Makes a festival. Asked for again under its idempotency key it is the same festival.
    ///
    /// # Errors
    /// VALIDATION with every wrong field; `NOT_FOUND` for a channel or template of somebody else; CONFLICT
    /// when the key made another festival.
    pub async fn make(
        &self,
        principal: &Principal,
        given: FestivalGiven,
        key: Option<&IdempotencyKey>,
    ) -> Result<Festival, AppFailure> {
        let (tenant, now) = (principal.tenant(), self.clock.now());
        let zone = self.zone(tenant).await?;
        let given = checked(self.store, tenant, given).await?;
        let mut festival = Festival {
            id: key.map_or_else(FestivalId::fresh, |key| {
                FestivalId::of_key(tenant, &key.key)
            }),
            tenant,
            name: given.name,
            date: given.date,
            yearly: given.yearly,
            time: given.time,
            words: given.words,
            audience: given.audience,
            channel: given.channel,
            active: given.active,
            version: 1,
            created_at: now,
            updated_at: now,
            created_by: principal.user().clone(),
            updated_by: principal.user().clone(),
            round: None,
            due: None,
            revision: 1,
        };
        festival.plan(&zone, now);
        let audit = self.entry(principal, "create", &festival);
        if self.store.make_festival(&festival, &audit).await? == Saved::Done {
            info!(tenant.id = %tenant, festival.id = %festival.id, "made festival `{}`", festival.id);
            return Ok(festival);
        }
        // Its key made one before, perhaps this one.
        let known = self.read(principal, festival.id).await?;
        if says(&known) == says(&festival) {
            return Ok(known);
        }
        Err(AppFailure::conflict(
            "This Idempotency-Key made another festival. Use a new key for a new festival.",
        )
        .with_detail("reason", "IDEMPOTENCY_KEY_REUSED"))
    }

    /// A festival.
    ///
    /// # Errors
    /// `NOT_FOUND`, also for another company's.
    pub async fn read(
        &self,
        principal: &Principal,
        id: FestivalId,
    ) -> Result<Festival, AppFailure> {
        let found = self.store.festival(principal.tenant(), id).await?;
        found.ok_or_else(|| AppFailure::not_found("There is no such festival."))
    }

    /// Festivals by name.
    ///
    /// # Errors
    /// Storage failures.
    pub async fn list(
        &self,
        principal: &Principal,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Festival>, AppFailure> {
        let tenant = principal.tenant();
        Ok(self.store.festivals(tenant, after, limit).await?)
    }

    /// Changes a festival. A change that changes nothing is no version. Greetings under way go on with
    /// the new words, and stop when their day is another one now.
    ///
    /// # Errors
    /// `NOT_FOUND`; VALIDATION with every wrong field; CONFLICT `FESTIVAL_CHANGED` when the caller saw
    /// another version.
    pub async fn edit(
        &self,
        principal: &Principal,
        id: FestivalId,
        edit: FestivalEdit,
    ) -> Result<Festival, AppFailure> {
        let tenant = principal.tenant();
        let zone = self.zone(tenant).await?;
        for _ in 0..TRIES {
            let before = self.read(principal, id).await?;
            if before.version != edit.version {
                return Err(changed_meanwhile());
            }
            let given = checked(self.store, tenant, edit.clone().over(&before)).await?;
            let now = self.clock.now();
            let mut after = Festival {
                name: given.name,
                date: given.date,
                yearly: given.yearly,
                time: given.time,
                words: given.words,
                audience: given.audience,
                channel: given.channel,
                active: given.active,
                ..before.clone()
            };
            if after == before {
                return Ok(before);
            }
            after.version = before.version.saturating_add(1);
            after.updated_at = now;
            after.updated_by = principal.user().clone();
            after.plan(&zone, now);
            let entry = self.entry(principal, "change", &after);
            let audit = differences(entry, &before, &after);
            // Greetings under way write the festival too: their progress is read again and kept.
            if self.store.change_festival(&mut after, &audit).await? == Saved::Done {
                info!(tenant.id = %tenant, festival.id = %id, "changed festival `{id}`");
                return Ok(after);
            }
        }
        Err(changed_meanwhile())
    }

    /// Takes a festival away: nobody is greeted any more.
    ///
    /// # Errors
    /// `NOT_FOUND`; CONFLICT when it keeps changing.
    pub async fn delete(&self, principal: &Principal, id: FestivalId) -> Result<(), AppFailure> {
        for _ in 0..TRIES {
            let festival = self.read(principal, id).await?;
            let audit = self.entry(principal, "delete", &festival);
            if self.store.delete_festival(&festival, &audit).await? == Saved::Done {
                info!(tenant.id = %festival.tenant, festival.id = %id, "deleted festival `{id}`");
                return Ok(());
            }
        }
        Err(changed_meanwhile())
    }

    async fn zone(&self, tenant: TenantId) -> Result<jiff::tz::TimeZone, AppFailure> {
        let found = self.store.tenant(tenant).await?;
        let found =
            found.ok_or_else(|| AppFailure::forbidden("This company has no account yet."))?;
        Ok(found.settings.time_zone())
    }

    fn entry(&self, principal: &Principal, action: &'static str, of: &Festival) -> AuditEntry {
        AuditEntry::new(
            principal.user(),
            "festivals",
            action,
            of.id,
            self.clock.now(),
        )
        .with("name", &of.name)
    }
}

/// What people say of a festival, as the audit log tells it.
fn said(festival: &Festival) -> [(&'static str, String); 7] {
    let audience = match &festival.audience {
        crate::festival::Audience::All => "all".to_owned(),
        crate::festival::Audience::Tag(tag) => format!("tag {tag}"),
    };
    [
        ("name", festival.name.clone()),
        ("date", festival.date.to_string()),
        ("yearly", festival.yearly.to_string()),
        ("time", festival.time.strftime("%H:%M").to_string()),
        ("words", festival.words.as_str().to_owned()),
        ("audience", audience),
        ("active", festival.active.to_string()),
    ]
}

fn differences(entry: AuditEntry, before: &Festival, after: &Festival) -> AuditEntry {
    let entry = entry.changed("version", before.version, after.version);
    said(before)
        .into_iter()
        .zip(said(after))
        .filter(|((_, was), (_, is))| was != is)
        .fold(entry, |entry, ((name, was), (_, is))| {
            entry.changed(name, was, is)
        })
}

/// What tells one request for a festival from another.
fn says(festival: &Festival) -> impl PartialEq {
    let of = festival.clone();
    (said(festival), of.words, of.channel, of.version)
}

fn changed_meanwhile() -> AppFailure {
    AppFailure::conflict(
        "Somebody changed this festival meanwhile. Read it again, then repeat your change.",
    )
    .with_detail("reason", "FESTIVAL_CHANGED")
}
