//! Payment reminders: a company's unpaid invoices are gone through every morning, and each is recalled
//! once for every reminder day it has, whatever stops in between, is done twice, or was missed.

use jiff::{SignedDuration, Timestamp, civil::Date};
use tracing::{info, warn};

use super::{
    accept::{Accept, Draft, IdempotencyKey},
    calendar, check,
    phrasing::{self, Phrasing, Wordless},
    preflight,
};
use crate::{
    business::{Bill, Invoice, Workflow, written},
    channel::Channel,
    failure::{AppFailure, StoreFailure},
    ids::TenantId,
    message::{MessageType, Trigger},
    ports::{
        Acceptances, AuditEntry, Audits, Clock, Contacts, Days, Directory, HandOver, Inbox,
        Invoices, Lanes, Messages, OwnTemplates, ProviderTemplates, Saved, Workflows,
    },
    principal::Principal,
    reminder::{self, DayWork},
    settings::LAST_REMINDER,
    template::TemplateText,
    tenant::Tenant,
};

/// Invoices of one pass.
const PAGE: u16 = 50;

/// How long a reminder is remembered: longer than any reminder day lies after its base.
const REMEMBERED: SignedDuration =
    SignedDuration::from_hours(24 * (LAST_REMINDER as i64 + 2 * reminder::CATCH_UP_DAYS as i64));

/// What reminding needs.
#[derive(Debug)]
pub struct Reminding<'a, S, L, C> {
    /// For the reminders; its store is that of the invoices.
    pub accept: &'a Accept<'a, S, L, C>,
}

/// What every reminder of a pass needs.
struct Kit {
    principal: Principal,
    channel: Channel,
    phrasing: Phrasing,
    /// The text for invoices that are not overdue, where the usual one counts days.
    not_overdue: Option<Phrasing>,
}

/// What became of one invoice's turn.
enum Turn {
    /// Its reminder was accepted, now or before.
    Recalled,
    /// It wants none today.
    Nothing,
    /// It could not be: a machine code.
    Refused(String),
}

impl<S, L, C> Reminding<'_, S, L, C>
where
    S: Directory
        + Contacts
        + Acceptances
        + Messages
        + Inbox
        + ProviderTemplates
        + OwnTemplates
        + Invoices
        + Workflows
        + Audits
        + Days,
    L: Lanes,
    C: Clock,
{
    /// Goes through the next invoices of a company's day, if its time has come. Calling it again, or
    /// twice at once, recalls nothing twice.
    ///
    /// # Errors
    /// Storage failures; the day is then found again by its due time.
    pub async fn run(&self, id: TenantId) -> Result<(), StoreFailure> {
        let (store, now) = (self.accept.store, self.accept.clock.now());
        let Some(mut work) = store.day_work(id).await? else {
            return Ok(());
        };
        if work.due.is_none_or(|due| due > now) {
            return Ok(());
        }
        let Some(tenant) = store.tenant(id).await? else {
            return Ok(());
        };
        let zone = tenant.settings.time_zone();
        let more = match work.today(&zone, now) {
            // Its zone is another one since: the next morning is still to come.
            None => {
                work.plan(&zone);
                false
            }
            Some(day) => {
                if work.day != Some(day) {
                    work.day = Some(day);
                    work.after = None;
                }
                match self.pass(&tenant, &mut work, day, now).await? {
                    Some(more) => more,
                    None => return Ok(()),
                }
            }
        };
        if store.save_day_work(&mut work).await? == Saved::Stale {
            // Another one goes through the day too, or an invoice came in: it is still due.
            return Ok(());
        }
        if more {
            let hand_over = HandOver::day(&work, now);
            if let Err(failure) = self.accept.lanes.hand_over(&hand_over).await {
                warn!(tenant.id = %id, error = %failure, "no hand-over of the day of tenant `{id}`; the sweep makes up for it");
            }
        }
        Ok(())
    }

    /// One pass: a page of invoices. Answers whether more are to come; none when it has to be done again
    /// as it is.
    async fn pass(
        &self,
        tenant: &Tenant,
        work: &mut DayWork,
        day: Date,
        now: Timestamp,
    ) -> Result<Option<bool>, StoreFailure> {
        let kit = match self.kit(tenant, now).await {
            Ok(kit) => kit,
            Err(Wordless::Store(failure)) => return Err(failure),
            Err(Wordless::Reason(code)) => {
                info!(tenant.id = %tenant.id, code, "no reminders of tenant `{}` today: {code}", tenant.id);
                self.finish(tenant, work, day).await?;
                return Ok(Some(false));
            }
        };
        let ranges = reminder::bases(&tenant.settings.reminder_days, day);
        let begun = work.after.clone();
        let from = begun.as_ref().map_or(Date::MIN, |(first, _)| *first);
        let mut left = ranges.into_iter().filter(|(_, last)| *last >= from);
        let Some(range) = left.next() else {
            self.finish(tenant, work, day).await?;
            return Ok(Some(false));
        };
        let after = begun.and_then(|(first, after)| after.filter(|_| first == range.0));
        let page = self
            .accept
            .store
            .open_invoices(
                tenant.id,
                tenant.settings.reminder_basis,
                range,
                after.as_deref(),
                PAGE,
            )
            .await?;
        for invoice in &page.items {
            match self.turn(&kit, tenant, invoice, day).await {
                Ok(Turn::Recalled | Turn::Nothing) => {}
                Ok(Turn::Refused(code)) => {
                    self.refused(&kit, tenant, invoice, &code, day, now).await?;
                    if code == "DAILY_LIMIT" {
                        // What is left over is made up for tomorrow.
                        self.finish(tenant, work, day).await?;
                        return Ok(Some(false));
                    }
                }
                Err(failure) => {
                    // The whole page comes again; what was recalled is recalled.
                    warn!(tenant.id = %tenant.id, error = %failure, "reminders of tenant `{}` wait", tenant.id);
                    return Ok(None);
                }
            }
        }
        work.after = match page.next {
            Some(next) => Some((range.0, Some(next))),
            None => left.next().map(|(first, _)| (first, None)),
        };
        if work.after.is_none() {
            self.finish(tenant, work, day).await?;
            return Ok(Some(false));
        }
        Ok(Some(true))
    }

    /// The day is through; while invoices are open that may want a reminder, the next one follows.
    async fn finish(
        &self,
        tenant: &Tenant,
        work: &mut DayWork,
        day: Date,
    ) -> Result<(), StoreFailure> {
        let settings = &tenant.settings;
        let any = match reminder::earliest(&settings.reminder_days, day) {
            None => false,
            Some(first) => {
                let days = (first, Date::MAX);
                let page = self
                    .accept
                    .store
                    .open_invoices(tenant.id, settings.reminder_basis, days, None, 1)
                    .await?;
                !page.items.is_empty() || page.next.is_some()
            }
        };
        work.finish(day, any, &settings.time_zone());
        Ok(())
    }

    /// What a pass needs, or why nobody is reminded today.
    async fn kit(&self, tenant: &Tenant, now: Timestamp) -> Result<Kit, Wordless> {
        const TYPE: MessageType = MessageType::PaymentReminder;
        let store = self.accept.store;
        let known = store.workflow(tenant.id, TYPE).await?;
        let workflow = known.unwrap_or_else(|| Workflow::standard(tenant.id, TYPE));
        if !workflow.enabled {
            return Err(Wordless::Reason("WORKFLOW_OFF"));
        }
        let channel = match workflow.channel.or(tenant.settings.default_channel) {
            Some(id) => store.channel(tenant.id, id).await?,
            None => None,
        };
        let channel = channel.ok_or(Wordless::Reason("CHANNEL_GONE"))?;
        let cause = preflight::Cause {
            message_type: TYPE,
            trigger: Trigger::Scheduled,
        };
        let reasons = preflight::standing(tenant, &channel, None, cause, now);
        if let Some(preflight::Reason::State { code, .. }) = reasons.into_iter().next() {
            return Err(Wordless::Reason(code));
        }
        if tenant.active_plan(now).is_none() {
            return Err(Wordless::Reason("NO_PLAN"));
        }
        let words = phrasing::words_of(&workflow.template);
        let phrasing = phrasing::of(store, tenant.id, TYPE, &words, &channel).await?;
        let due_on = phrasing
            .holds("daysOverdue")
            .then(|| TemplateText::check(TYPE, reminder::DUE_ON).ok())
            .flatten();
        Ok(Kit {
            principal: calendar::principal(tenant),
            channel,
            phrasing,
            not_overdue: due_on.map(Phrasing::Text),
        })
    }

    async fn turn(
        &self,
        kit: &Kit,
        tenant: &Tenant,
        invoice: &Invoice,
        day: Date,
    ) -> Result<Turn, AppFailure> {
        let (Some(bill), true) = (&invoice.bill, invoice.is_open()) else {
            return Ok(Turn::Nothing);
        };
        let base = reminder::base(&tenant.settings, bill.date, bill.due_date);
        let Some(offset) = reminder::wanted(&tenant.settings.reminder_days, base, day) else {
            return Ok(Turn::Nothing);
        };
        // The number and the name that count today.
        let contact = self
            .accept
            .store
            .contact_by_id(tenant.id, bill.contact)
            .await?;
        let phone = contact.as_ref().and_then(|contact| contact.phone.as_ref());
        let to = phone.map_or_else(|| bill.phone.clone(), |phone| phone.as_str().to_owned());
        let name = contact.and_then(|contact| contact.name);
        let name = name.or_else(|| bill.customer_name.clone());
        let content = match content(kit, bill, name.as_deref(), day) {
            Ok(content) => content,
            Err(failure) => return Ok(Turn::Refused(check::code(&failure))),
        };
        let draft = Draft {
            template: None,
            to,
            name,
            channel: Some(kit.channel.id.to_string()),
            content,
            scheduled_for: None,
            message_type: MessageType::PaymentReminder,
            trigger: Trigger::Scheduled,
            retry: true,
            context: Some(("invoice".into(), invoice.id.clone())),
        };
        let of = format!("{}\u{0}{offset}", invoice.key().key());
        let key = IdempotencyKey::internal("reminder", &of, REMEMBERED);
        match self.accept.run(&kit.principal, draft, Some(&key)).await {
            Ok(accepted) => {
                if accepted.wants_attempt() {
                    self.accept.hand_over(&accepted.message).await;
                }
                Ok(Turn::Recalled)
            }
            Err(failure) if failure.retryable() => Err(failure),
            Err(failure) => Ok(Turn::Refused(check::code(&failure))),
        }
    }

    /// A reminder that cannot be accepted is told in the audit log, on its own day; it is tried again
    /// while it may be made up for.
    async fn refused(
        &self,
        kit: &Kit,
        tenant: &Tenant,
        invoice: &Invoice,
        code: &str,
        day: Date,
        now: Timestamp,
    ) -> Result<(), StoreFailure> {
        let bill = invoice.bill.as_ref();
        let base = bill.map(|bill| reminder::base(&tenant.settings, bill.date, bill.due_date));
        let days = base.and_then(|base| base.until((jiff::Unit::Day, day)).ok());
        let offset = days.and_then(|days| u16::try_from(days.get_days()).ok());
        info!(tenant.id = %tenant.id, code, "a reminder of tenant `{}` was refused", tenant.id);
        if !offset.is_some_and(|offset| tenant.settings.reminder_days.contains(&offset)) {
            return Ok(());
        }
        let line = AuditEntry::new(
            kit.principal.user(),
            "invoices",
            "refuse_reminder",
            &invoice.id,
            now,
        )
        .with("reason", code);
        self.accept.store.note(tenant.id, &line).await
    }
}

/// What a reminder says: with the days that have passed, or, while it is not overdue, the day it is due.
fn content(
    kit: &Kit,
    bill: &Bill,
    name: Option<&str>,
    day: Date,
) -> Result<super::accept::DraftContent, AppFailure> {
    let overdue = reminder::days_overdue(bill.due_date, day);
    let due = written(bill.due_date);
    let variables = reminder::variables(&bill.number, bill.amount.as_str(), &due, overdue);
    let phrasing = match (&kit.not_overdue, overdue) {
        (Some(due_on), None) => due_on,
        (Some(_) | None, _) => &kit.phrasing,
    };
    phrasing.told(variables, name)
}
