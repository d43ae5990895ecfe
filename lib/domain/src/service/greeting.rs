//! A festival's greetings: its contacts are gone through page by page, and each is greeted once a year,
//! whatever stops in between or is done twice.

use jiff::{SignedDuration, Timestamp, civil::Date};
use tracing::{info, warn};

use super::{
    accept::{Accept, Draft, IdempotencyKey},
    calendar, check,
    phrasing::{self, Phrasing, Wordless},
    preflight,
};
use crate::{
    channel::Channel,
    contact::{Consent, Contact},
    failure::{AppFailure, StoreFailure},
    festival::{Audience, Festival, Round, RoundEnd, Wanted},
    ids::{FestivalId, TenantId},
    message::{MessageType, Trigger},
    ports::{
        Acceptances, Clock, ContactBook, Contacts, Directory, Festivals, HandOver, Inbox, Lanes,
        Messages, OwnTemplates, ProviderTemplates, Saved,
    },
    principal::Principal,
    template::Value,
    tenant::Tenant,
};

/// Contacts of one pass.
const PAGE: u16 = 50;

/// How long a greeting is remembered: longer than the day lasts anywhere, and into the next year.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(400 * 24);

/// After how long it is tried again while nobody can be greeted.
const AGAIN: SignedDuration = SignedDuration::from_mins(30);

/// What greeting needs.
#[derive(Debug)]
pub struct Greeting<'a, S, L, C> {
    /// For the greetings; its store is that of the festivals.
    pub accept: &'a Accept<'a, S, L, C>,
}

/// What became of one contact's turn.
enum Turn {
    /// Their greeting was accepted, now or before.
    Greeted,
    /// It could not be: a machine code.
    Refused(String),
    /// The plan's limit of the day is reached.
    Limit,
}

/// Everything a pass needs besides the contacts.
struct Kit {
    principal: Principal,
    channel: Channel,
    phrasing: Phrasing,
}

impl<S, L, C> Greeting<'_, S, L, C>
where
    S: Directory
        + Contacts
        + ContactBook
        + Acceptances
        + Messages
        + Inbox
        + ProviderTemplates
        + OwnTemplates
        + Festivals,
    L: Lanes,
    C: Clock,
{
    /// Greets the next contacts of a festival, if greetings are wanted now, and plans what comes after.
    /// Calling it again, or twice at once, greets nobody twice.
    ///
    /// # Errors
    /// Storage failures; the festival is then found again by its due time.
    pub async fn run(&self, tenant: TenantId, id: FestivalId) -> Result<(), StoreFailure> {
        let (store, now) = (self.accept.store, self.accept.clock.now());
        let Some(mut festival) = store.festival(tenant, id).await? else {
            return Ok(());
        };
        if festival.due.is_none_or(|due| due > now) {
            return Ok(());
        }
        let Some(tenant) = store.tenant(tenant).await? else {
            return Ok(());
        };
        let zone = tenant.settings.time_zone();
        let more = match festival.wanted(&zone, now) {
            Wanted::Nothing => {
                festival.plan(&zone, now);
                false
            }
            Wanted::Greet(day) => {
                let Some(more) = self.pass(&tenant, &mut festival, day, now).await? else {
                    return Ok(());
                };
                more
            }
        };
        if store.save_festival(&mut festival).await? == Saved::Stale {
            // Somebody changed it, or greets too: it is still due.
            return Ok(());
        }
        if more {
            let hand_over = HandOver::festival(&festival, now);
            if let Err(failure) = self.accept.lanes.hand_over(&hand_over).await {
                warn!(festival.id = %id, error = %failure, "no hand-over of festival `{id}`; the sweep makes up for it");
            }
        }
        Ok(())
    }

    /// One pass: a page of contacts. Answers whether more are to come; none when it has to be done again
    /// as it is.
    async fn pass(
        &self,
        tenant: &Tenant,
        festival: &mut Festival,
        day: Date,
        now: Timestamp,
    ) -> Result<Option<bool>, StoreFailure> {
        let store = self.accept.store;
        let mut round = festival.round_of(day);
        let kit = match self.kit(tenant, festival, now).await {
            Ok(kit) => kit,
            Err(Wordless::Store(failure)) => return Err(failure),
            Err(Wordless::Reason(code)) => {
                info!(tenant.id = %tenant.id, festival.id = %festival.id, code, "nobody can be greeted for festival `{}`", festival.id);
                round.reason = Some(code.to_owned());
                festival.round = Some(round);
                festival.due = Some(now + AGAIN);
                return Ok(Some(false));
            }
        };
        let page = store
            .contacts(tenant.id, round.after.as_deref(), PAGE)
            .await?;
        for contact in &page.items {
            if !belongs(contact, &festival.audience) {
                continue;
            }
            match self.turn(&kit, festival, contact, day).await {
                Ok(Turn::Greeted) => round.greeted += 1,
                Ok(Turn::Refused(code)) => {
                    round.refused += 1;
                    round.reason = Some(code);
                }
                Ok(Turn::Limit) => {
                    round.end = Some(RoundEnd::LimitReached);
                    round.reason = Some("DAILY_LIMIT".into());
                    break;
                }
                Err(failure) => {
                    // The whole page comes again; who was greeted is greeted.
                    warn!(festival.id = %festival.id, error = %failure, "greetings of festival `{}` wait", festival.id);
                    return Ok(None);
                }
            }
        }
        let more = round.end.is_none() && page.next.is_some();
        if !more && round.end.is_none() {
            round.end = Some(RoundEnd::Done);
        }
        if let Some(end) = round.end {
            told(festival, &round, end);
        }
        round.after = page.next.filter(|_| more);
        festival.round = Some(round);
        if !more {
            festival.plan(&tenant.settings.time_zone(), now);
        }
        Ok(Some(more))
    }

    /// What a pass needs, or why nobody can be greeted at all now.
    async fn kit(
        &self,
        tenant: &Tenant,
        festival: &Festival,
        now: Timestamp,
    ) -> Result<Kit, Wordless> {
        let store = self.accept.store;
        let named = festival.channel.or(tenant.settings.default_channel);
        let channel = match named {
            Some(id) => store.channel(tenant.id, id).await?,
            None => None,
        };
        let channel = channel.ok_or(Wordless::Reason("CHANNEL_GONE"))?;
        let cause = preflight::Cause {
            message_type: MessageType::Festival,
            trigger: Trigger::Scheduled,
        };
        let reasons = preflight::standing(tenant, &channel, None, cause, now);
        if let Some(preflight::Reason::State { code, .. }) = reasons.into_iter().next() {
            return Err(Wordless::Reason(code));
        }
        if tenant.active_plan(now).is_none() {
            return Err(Wordless::Reason("NO_PLAN"));
        }
        Ok(Kit {
            principal: calendar::principal(tenant),
            phrasing: phrasing::of(
                store,
                tenant.id,
                MessageType::Festival,
                &festival.words,
                &channel,
            )
            .await?,
            channel,
        })
    }

    async fn turn(
        &self,
        kit: &Kit,
        festival: &Festival,
        contact: &Contact,
        day: Date,
    ) -> Result<Turn, AppFailure> {
        let Some(phone) = &contact.phone else {
            return Ok(Turn::Refused("NO_NUMBER".into()));
        };
        let name = Value::from(festival.name.as_str());
        let variables = [("festivalName".to_owned(), name)].into();
        let content = match kit.phrasing.told(variables, contact.name.as_deref()) {
            Ok(content) => content,
            Err(failure) => return Ok(Turn::Refused(check::code(&failure))),
        };
        let draft = Draft {
            template: None,
            to: phone.as_str().to_owned(),
            name: contact.name.clone(),
            channel: Some(kit.channel.id.to_string()),
            content,
            scheduled_for: None,
            message_type: MessageType::Festival,
            trigger: Trigger::Scheduled,
            retry: true,
            context: Some(("festival".into(), festival.id.to_string())),
        };
        let of = format!(
            "{}\u{0}{}\u{0}{}",
            festival.id.key(),
            contact.id.key(),
            day.year()
        );
        let key = IdempotencyKey::internal("festival", &of, REMEMBERED);
        match self.accept.run(&kit.principal, draft, Some(&key)).await {
            Ok(accepted) => {
                if accepted.wants_attempt() {
                    self.accept.hand_over(&accepted.message).await;
                }
                Ok(Turn::Greeted)
            }
            Err(failure) if failure.retryable() => Err(failure),
            Err(failure) => match check::code(&failure).as_str() {
                "DAILY_LIMIT" => Ok(Turn::Limit),
                code => Ok(Turn::Refused(code.to_owned())),
            },
        }
    }
}

/// Whether a contact is among those who are greeted. Who stopped everything is left out quietly: a
/// refusal each year would tell nothing new.
fn belongs(contact: &Contact, audience: &Audience) -> bool {
    let within = match audience {
        Audience::All => true,
        Audience::Tag(tag) => contact.tags.contains(tag),
    };
    within && contact.phone.is_some() && contact.consent != Consent::Stopped
}

fn told(festival: &Festival, round: &Round, end: RoundEnd) {
    info!(
        tenant.id = %festival.tenant, festival.id = %festival.id, greeted = round.greeted, refused = round.refused,
        end = end.as_str(), "greetings of festival `{}` are over", festival.id
    );
}
