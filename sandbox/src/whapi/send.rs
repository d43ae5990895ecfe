//! Accepting a send.

use serde_json::{Value, json};

use super::{
    error,
    validate::{self, Kind},
    wire,
};
use crate::{
    accept::{Draft, accept},
    answer::Answer,
    fault_book::Subject,
    messages::MessageEntry,
    provider::Party,
    state::Handle,
};

pub(super) async fn send(handle: &Handle, subject: &Subject, kind: Kind, body: &Value) -> Answer {
    let accepted = match validate::send(kind, body) {
        Ok(accepted) => accepted,
        Err(problem) => return error(400, &problem),
    };
    let draft = |memory: &mut crate::state::Memory| {
        let Some(channel) = memory.channels.get(&subject.token) else {
            return Err(error(404, "channel not found"));
        };
        if channel.spec.health != "AUTH" && channel.spec.health != "SYNC_ERROR" {
            return Err(error(401, wire::usual_message(401)));
        }
        let id = wire::new_message_id();
        let chat_id = wire::chat_id(&accepted.to);
        let content = (kind.word(), accepted.content);
        let quoted = accepted.quoted.as_deref();
        let party = Party::whapi(&subject.token);
        let mut message = MessageEntry::of(&party, &id, kind.word(), body.clone());
        message.wire = wire::own_message(&id, &chat_id, &channel.spec.phone, content, quoted);
        message.to = accepted.to;
        message.chat_id = chat_id;
        message.choices = accepted.choices;
        Ok(Draft {
            status: 200,
            success: json!({"sent": true, "message": message.wire}),
            message,
        })
    };
    accept(handle, subject, draft).await
}
