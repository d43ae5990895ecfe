//! Accepting a send: the message is kept, its webhooks begin, and the answer is given in
//! the way the faults want it.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{
    Answer,
    orders::StatusSpec,
    validate::{self, Kind},
    wire,
};
use crate::{
    fault_book::Subject,
    faults::{Fault, Moment},
    journal::mask,
    messages::{MessageEntry, SendAnswer},
    state::Handle,
};

/// How long an early status may take to be received before the answer goes out anyway.
const EARLY_LIMIT: Duration = Duration::from_secs(20);

pub(super) async fn accept(handle: &Handle, subject: &Subject, kind: Kind, body: &Value) -> Answer {
    let accepted = match validate::send(kind, body) {
        Ok(accepted) => accepted,
        Err(problem) => return Answer::error(400, &problem),
    };
    let (message, fault, early) = {
        let mut guard = handle.memory();
        let memory = &mut *guard;
        let Some(channel) = memory.channels.get(&subject.token) else {
            return Answer::error(404, "channel not found");
        };
        if channel.spec.health != "AUTH" && channel.spec.health != "SYNC_ERROR" {
            return Answer::error(401, wire::usual_message(401));
        }
        let fault = memory.faults.take(Moment::Answer, subject);
        let early = memory.faults.take(Moment::EarlyWebhooks, subject);
        let id = wire::new_message_id();
        let chat_id = wire::chat_id(&accepted.to);
        let content = (kind.word(), accepted.content);
        let quoted = accepted.quoted.as_deref();
        let wire = wire::own_message(&id, &chat_id, &channel.spec.phone, content, quoted);
        let message = MessageEntry {
            id,
            token: mask(&subject.token),
            full_token: subject.token.clone(),
            to: accepted.to,
            chat_id,
            kind: kind.word().into(),
            from_me: true,
            body: body.clone(),
            wire,
            choices: accepted.choices,
            state: "pending".into(),
            statuses: Vec::new(),
            at: Timestamp::now(),
            answer: told(fault.as_ref()),
        };
        memory.messages.put(message.clone());
        (message, fault, early)
    };
    if let Some(Fault::EarlyStatus { statuses }) = early {
        report_early(handle, &message.id, statuses).await;
    }
    handle.behave(&message);
    answer(fault, &message)
}

/// What the journal says the sender was told.
fn told(fault: Option<&Fault>) -> SendAnswer {
    match fault {
        Some(Fault::TimeoutAfterAccept { .. }) => SendAnswer::Withheld,
        Some(Fault::ResetAfterAccept) => SendAnswer::Reset,
        Some(Fault::ErrorAfterAccept { .. }) => SendAnswer::Error,
        Some(Fault::OkWithoutId) => SendAnswer::WithoutId,
        Some(Fault::GarbageBody) => SendAnswer::Garbage,
        Some(_) | None => SendAnswer::Answered,
    }
}

fn answer(fault: Option<Fault>, message: &MessageEntry) -> Answer {
    match fault {
        Some(Fault::TimeoutAfterAccept { ms }) => Answer::Hold { ms },
        Some(Fault::ResetAfterAccept) => Answer::Cut,
        Some(Fault::ErrorAfterAccept { code, body_shape }) => {
            Answer::shaped_error(code, body_shape, wire::usual_message(code))
        }
        Some(Fault::OkWithoutId) => Answer::json(200, &json!({"sent": true})),
        Some(Fault::GarbageBody) => Answer::garbage(),
        Some(_) | None => Answer::json(200, &json!({"sent": true, "message": message.wire})),
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
