//! Accepting a send of any provider: the message is kept, its webhooks begin, and the
//! answer is given in the way the faults want it.

use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;

use crate::{
    answer::Answer,
    dialect::Dialect,
    fault_book::Subject,
    faults::{Fault, Moment},
    messages::{MessageEntry, SendAnswer},
    orders::StatusSpec,
    state::{Handle, Memory},
};

/// How long an early status may take to be received before the answer goes out anyway.
const EARLY_LIMIT: Duration = Duration::from_secs(20);

/// A message that may be accepted, and the success its sender would be told.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) message: MessageEntry,
    pub(crate) status: u16,
    pub(crate) success: Value,
}

/// Accepts what `draft` makes, unless it refuses. It is called with the memory locked, so
/// nothing changes between its checks and the acceptance.
pub(crate) async fn accept(
    handle: &Handle,
    subject: &Subject,
    draft: impl FnOnce(&mut Memory) -> Result<Draft, Answer> + Send,
) -> Answer {
    let (draft, fault, early) = {
        let mut guard = handle.memory();
        let memory = &mut *guard;
        let mut draft = match draft(memory) {
            Ok(draft) => draft,
            Err(refusal) => return refusal,
        };
        let fault = memory.faults.take(Moment::Answer, subject);
        let early = memory.faults.take(Moment::EarlyWebhooks, subject);
        draft.message.answer = told(fault.as_ref());
        memory.messages.put(draft.message.clone());
        (draft, fault, early)
    };
    if let Some(Fault::EarlyStatus { statuses }) = early {
        report_early(handle, &draft.message.id, statuses).await;
    }
    handle.behave(&draft.message);
    answer(subject.dialect, fault, &draft)
}

/// What the journal says the sender was told.
fn told(fault: Option<&Fault>) -> SendAnswer {
    match fault {
        Some(Fault::TimeoutAfterAccept { .. }) => SendAnswer::Withheld,
        Some(Fault::ResetAfterAccept) => SendAnswer::Reset,
        Some(Fault::ErrorAfterAccept { .. } | Fault::MetaError { .. }) => SendAnswer::Error,
        Some(Fault::OkWithoutId) => SendAnswer::WithoutId,
        Some(Fault::GarbageBody) => SendAnswer::Garbage,
        Some(_) | None => SendAnswer::Answered,
    }
}

fn answer(dialect: Dialect, fault: Option<Fault>, draft: &Draft) -> Answer {
    faulty(dialect, fault, draft.status, || {
        Answer::json(draft.status, &draft.success)
    })
}

/// The answer to something that happened already, as a fault wants it.
pub(crate) fn faulty(
    dialect: Dialect,
    fault: Option<Fault>,
    status: u16,
    success: impl FnOnce() -> Answer,
) -> Answer {
    match fault {
        Some(Fault::TimeoutAfterAccept { ms }) => Answer::Hold { ms },
        Some(Fault::ResetAfterAccept) => Answer::Cut,
        Some(Fault::ErrorAfterAccept { code, body_shape }) => dialect.error(code, body_shape, None),
        Some(fault @ Fault::MetaError { .. }) => Answer::refusing(dialect, fault),
        Some(Fault::OkWithoutId) => dialect.without_id(status),
        Some(Fault::GarbageBody) => Answer::garbage(status),
        Some(_) | None => success(),
    }
}

/// Posts the statuses and waits until the receiver has answered them.
async fn report_early(handle: &Handle, id: &str, statuses: Vec<String>) {
    for status in statuses {
        // The message was just stored; only a reset can have removed it.
        let Ok(caused) = handle.report(id, &StatusSpec::of(&status)) else {
            return;
        };
        for posted in caused {
            if timeout(EARLY_LIMIT, posted.first_status()).await.is_err() {
                return;
            }
        }
    }
}
