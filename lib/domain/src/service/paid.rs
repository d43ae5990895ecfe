//! Reminders whose invoice was paid meanwhile are not sent any more (S1.128).

use super::{
    attempt::{Attempt, Worked},
    happening::INVOICE_PAID,
};
use crate::{
    failure::StoreFailure,
    ids::{InvoiceId, UserId},
    message::{Message, MessageType, Outcome, Refused},
    ports::{AuditEntry, Clock, Invoices, Messages, Saved},
};

impl<S, V, G, L, C> Attempt<'_, S, V, G, L, C>
where
    S: Messages + Invoices,
    C: Clock,
{
    /// Whether it recalls an invoice that was paid. It may have been queued a moment before the payment
    /// was told, or waited for a morning.
    pub(super) async fn is_paid(&self, message: &Message) -> Result<bool, StoreFailure> {
        let about = message.context.as_ref();
        let Some(about) = about.filter(|about| {
            message.message_type == MessageType::PaymentReminder && about.kind == "invoice"
        }) else {
            return Ok(false);
        };
        let id = InvoiceId::of(message.tenant, &about.id);
        let invoice = self.store.invoice(message.tenant, id).await?;
        Ok(invoice.is_some_and(|invoice| invoice.paid_at.is_some()))
    }

    /// Withdraws a reminder whose invoice was paid. One that was attempted cannot be withdrawn any more:
    /// it ends as it is, and nobody is mailed about it.
    pub(super) async fn paid(&self, mut message: Message) -> Result<Worked, StoreFailure> {
        let now = self.clock.now();
        if message.cancel(now).is_ok() {
            let user = UserId::new("waypost");
            let audit = AuditEntry::new(&user, "messages", "cancel", message.id, now)
                .with("reason", INVOICE_PAID);
            return Ok(match self.store.withdraw(&mut message, &audit).await? {
                Saved::Done => Worked::Nothing(Refused::Cancelled),
                Saved::Stale => Worked::Raced,
            });
        }
        let attempt = match message.claim(now) {
            Ok(attempt) => attempt,
            Err(refused) => return Ok(Worked::Nothing(refused)),
        };
        let outcome = Outcome::Refused {
            code: INVOICE_PAID.to_owned(),
            reason: "The invoice was paid meanwhile, so nobody is reminded of it any more.".into(),
        };
        message.record(attempt, outcome, now);
        Ok(match self.store.save(&mut message, None).await? {
            Saved::Done => Worked::Attempted(Box::new(message)),
            Saved::Stale => Worked::Raced,
        })
    }
}
