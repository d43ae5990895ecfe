//! What follows from a business event: the customer is known, the invoice is known, each message is
//! accepted once. Working through an event again, or twice at once, does nothing twice.

use jiff::{SignedDuration, Timestamp};
use tracing::{error, info, warn};

use super::{
    accept::{Accept, Draft, IdempotencyKey},
    calendar,
    change::Change,
    known,
    linked::folder,
    wording::{self, Enclosure, Worded},
};
use crate::{
    business::{BusinessEvent, EventRecord, Fact, Happened, Step, StepState, Workflow},
    contact::Contact,
    failure::{AppFailure, StoreFailure},
    ids::{EventId, TenantId},
    message::{MessageType, Trigger},
    ports::{
        Acceptances, Clock, Contacts, Days, Directory, DocumentGate, EventBook, Inbox, Invoices,
        Lanes, MediaFiles, Messages, NotFetched, Outbox, OwnTemplates, ProviderTemplates, Rows,
        Runs, Workflows,
    },
    principal::Principal,
};

/// Largest file that goes with a message (S1.91, S1.143).
pub const LARGEST_DOCUMENT: u64 = 10 * 1024 * 1024;

/// After how many tries an event is given up: two days of hours.
const MOST_TRIES: u16 = 48;

/// How long an event's messages are remembered by its id: as long as the event itself.
pub const EVENT_LIFETIME: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Why a reminder is withdrawn, as the audit log tells it.
pub(super) const INVOICE_PAID: &str = "INVOICE_PAID";

/// What working through events needs.
#[derive(Debug)]
pub struct Happening<'a, S, L, C, D, K> {
    /// For the messages that follow; its store is that of the events.
    pub accept: Accept<'a, S, L, C>,
    /// Fetches files that events name.
    pub documents: &'a D,
    /// Keeps them.
    pub files: &'a K,
}

/// Why an event cannot be worked through now.
#[derive(Debug, thiserror::Error)]
enum Paused {
    #[error(transparent)]
    Store(#[from] StoreFailure),
    #[error("a message could not be accepted now: {0}")]
    Accept(AppFailure),
    #[error("its file could not be fetched now: {0}")]
    File(NotFetched),
}

impl<S, L, C, D, K> Happening<'_, S, L, C, D, K>
where
    S: Directory
        + Contacts
        + Acceptances
        + Messages
        + Inbox
        + ProviderTemplates
        + OwnTemplates
        + Rows
        + Runs
        + Outbox
        + EventBook
        + Invoices
        + Workflows
        + Days,
    L: Lanes,
    C: Clock,
    D: DocumentGate,
    K: MediaFiles,
{
    /// Works through an event, unless that was done.
    ///
    /// # Errors
    /// Storage failures of the event itself; it is then found again by its due time.
    pub async fn run(&self, tenant: TenantId, id: EventId) -> Result<(), StoreFailure> {
        let store = self.accept.store;
        let Some(mut record) = store.event(tenant, id).await? else {
            return Ok(());
        };
        if record.state != Happened::Accepted {
            return Ok(());
        }
        let kind = record.event.fact.kind().as_str();
        match self.through(&mut record).await {
            Ok(()) => {
                record.state = Happened::Done;
                record.due = None;
                info!(tenant.id = %tenant, event.kind = kind, "worked through an event `{kind}`");
            }
            Err(paused) => {
                record.tries += 1;
                record.due = Some(self.accept.clock.now() + pause(record.tries));
                warn!(tenant.id = %tenant, event.kind = kind, error = %paused, "an event `{kind}` has to wait");
                if record.tries >= MOST_TRIES {
                    error!(tenant.id = %tenant, event.kind = kind, "an event `{kind}` is given up after {MOST_TRIES} tries");
                    record.state = Happened::GivenUp;
                    record.due = None;
                }
            }
        }
        // Somebody else worked through it meanwhile: the same came of it.
        store.save_event(&mut record).await.map(|_saved| ())
    }

    async fn through(&self, record: &mut EventRecord) -> Result<(), Paused> {
        let event = record.event.clone();
        let at = event.at.unwrap_or(record.arrived_at);
        let contact = known::customer(self.accept.store, record.tenant, &event).await?;
        match &event.fact {
            Fact::InvoiceIssued(issued) => {
                if let Some(contact) = &contact {
                    let store = self.accept.store;
                    known::issue(store, record.tenant, issued, &event, contact, at).await?;
                    // Also when it was known already: the try before may have ended just here.
                    calendar::begin(self.accept.store, self.accept.clock, record.tenant).await?;
                }
            }
            Fact::InvoicePaid(paid) => self.pay(record, &paid.invoice_id, at).await?,
            Fact::OrderDelivered(_)
            | Fact::CustomerCreated(_)
            | Fact::BookingCreated(_)
            | Fact::InquiryCreated(_)
            | Fact::TourDetailsReady(_) => {}
        }
        let enclosed = match self.enclosure(record, &event).await? {
            Ok(enclosed) => enclosed,
            Err(refused) => {
                // Without its file the message is not what it should be (S1.27).
                for message_type in event.fact.messages() {
                    record.steps.push(Step {
                        message_type: *message_type,
                        state: refused.clone(),
                    });
                }
                return Ok(());
            }
        };
        for message_type in event.fact.messages() {
            if record.step(*message_type).is_some() {
                continue;
            }
            let state = self
                .message(
                    record,
                    &event,
                    contact.as_ref(),
                    *message_type,
                    enclosed.clone(),
                )
                .await?;
            record.steps.push(Step {
                message_type: *message_type,
                state,
            });
        }
        Ok(())
    }

    /// Notes that an invoice was paid, and withdraws the reminders that wait.
    async fn pay(&self, record: &EventRecord, id: &str, at: Timestamp) -> Result<(), Paused> {
        known::invoice(self.accept.store, record.tenant, id, |invoice| {
            invoice.pay(at)
        })
        .await?;
        let Some(context) = record.event.context() else {
            return Ok(());
        };
        let principal = Principal::of_event(record);
        let change = Change {
            store: self.accept.store,
            clock: self.accept.clock,
        };
        let mut after: Option<String> = None;
        loop {
            let page = self
                .accept
                .store
                .by_context(record.tenant, &context, after.as_deref(), 100)
                .await?;
            for message in page.items {
                let waits = message.message_type == MessageType::PaymentReminder
                    && message.next_attempt_at().is_some();
                if !waits {
                    continue;
                }
                match change
                    .cancel_because(&principal, message.id, INVOICE_PAID)
                    .await
                {
                    Ok(_) => {}
                    Err(failure) if failure.retryable() => return Err(Paused::Accept(failure)),
                    // It was attempted meanwhile.
                    Err(failure) => {
                        info!(message.id = %message.id, error = %failure, "a reminder of a paid invoice cannot be withdrawn");
                    }
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }

    /// The file that goes with the event's message, fetched and kept; or why there is none.
    async fn enclosure(
        &self,
        record: &EventRecord,
        event: &BusinessEvent,
    ) -> Result<Result<Option<Enclosure>, StepState>, Paused> {
        let Some(url) = event.fact.document_url() else {
            return Ok(Ok(None));
        };
        let file = match self.documents.fetch_document(url, LARGEST_DOCUMENT).await {
            Ok(file) => file,
            Err(failure) if failure.again && record.tries + 1 < MOST_TRIES => {
                return Err(Paused::File(failure));
            }
            Err(failure) => {
                return Ok(Err(StepState::Refused {
                    code: failure.code.to_owned(),
                    reason: failure.reason,
                }));
            }
        };
        let key = format!(
            "{}{}.{}",
            folder(record.tenant),
            record.id().key(),
            file.extension
        );
        self.files.keep(&key, file.bytes, &file.mime).await?;
        let filename = match &event.fact {
            Fact::InvoiceIssued(issued) => format!("{}.{}", issued.invoice_number, file.extension),
            Fact::OrderDelivered(order) => format!("{}.{}", order.order_number, file.extension),
            Fact::TourDetailsReady(tour) => format!("{}.{}", tour.booking_id, file.extension),
            Fact::InvoicePaid(_)
            | Fact::CustomerCreated(_)
            | Fact::BookingCreated(_)
            | Fact::InquiryCreated(_) => format!("document.{}", file.extension),
        };
        Ok(Ok(Some(Enclosure {
            key,
            mime: file.mime,
            filename,
        })))
    }

    /// Accepts one message of an event, once.
    async fn message(
        &self,
        record: &EventRecord,
        event: &BusinessEvent,
        contact: Option<&Contact>,
        message_type: MessageType,
        enclosed: Option<Enclosure>,
    ) -> Result<StepState, Paused> {
        let known = self
            .accept
            .store
            .workflow(record.tenant, message_type)
            .await?;
        let workflow = known.unwrap_or_else(|| Workflow::standard(record.tenant, message_type));
        let scheduled_for = match (message_type, &event.fact) {
            (MessageType::FollowUp, Fact::InquiryCreated(inquiry)) => {
                let days = inquiry.follow_up_days.unwrap_or(workflow.days);
                if days == 0 {
                    return Ok(StepState::Off);
                }
                let at = event.at.unwrap_or(record.arrived_at);
                Some(at + SignedDuration::from_hours(24 * i64::from(days)))
            }
            _ => None,
        };
        if !workflow.enabled {
            return Ok(StepState::Off);
        }
        let Some(tenant) = self.accept.store.tenant(record.tenant).await? else {
            return Ok(refused(&AppFailure::forbidden(
                "This company has no account.",
            )));
        };
        let mut variables = event.variables();
        // The event need not repeat a name that is known.
        if let (false, Some(name)) = (
            variables.contains_key("customerName"),
            contact.and_then(|contact| contact.name.as_deref()),
        ) {
            variables.insert("customerName".into(), name.into());
        }
        let words = wording::content(self.accept.store, &tenant, &workflow, &variables, enclosed);
        let Worded { content, template } = match words.await {
            Ok(worded) => worded,
            Err(failure) if failure.retryable() => return Err(Paused::Accept(failure)),
            Err(failure) => return Ok(refused(&failure)),
        };
        let customer = event.customer.as_ref();
        let draft = Draft {
            template,
            to: customer.map(|c| c.phone.clone()).unwrap_or_default(),
            name: customer.and_then(|c| c.name.clone()),
            channel: workflow.channel.map(|id| id.to_string()),
            content,
            scheduled_for: scheduled_for.map(|at| at.to_string()),
            message_type,
            trigger: Trigger::Auto,
            retry: true,
            context: event.context().map(|context| (context.kind, context.id)),
        };
        let of = format!("{}\u{0}{}", event.id, message_type.as_str());
        let key = IdempotencyKey::internal("event", &of, EVENT_LIFETIME);
        let principal = Principal::of_event(record);
        match self.accept.run(&principal, draft, Some(&key)).await {
            Ok(accepted) => {
                if accepted.wants_attempt() {
                    self.accept.hand_over(&accepted.message).await;
                }
                Ok(StepState::Accepted(accepted.message.id))
            }
            Err(failure) if failure.retryable() => Err(Paused::Accept(failure)),
            Err(failure) => Ok(refused(&failure)),
        }
    }
}

/// Why a message was not accepted, in the words the caller of the API would read.
fn refused(failure: &AppFailure) -> StepState {
    let of_field = failure.fields().first().map(|field| field.code);
    let code = failure.details().get("reason").map(String::as_str);
    let fields = failure
        .fields()
        .iter()
        .map(|field| format!("{}: {}", field.field, field.message));
    let reasons: Vec<_> = fields.collect();
    StepState::Refused {
        code: code
            .or(of_field)
            .unwrap_or(failure.code().as_str())
            .to_owned(),
        reason: if reasons.is_empty() {
            failure.message().to_owned()
        } else {
            reasons.join("; ")
        },
    }
}

/// How long an event waits after so many tries: minutes at first, hours later.
fn pause(tries: u16) -> SignedDuration {
    SignedDuration::from_mins(1 << tries.min(6))
}
