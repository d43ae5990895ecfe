//! What callers ask for.

use domain::{
    failure::AppFailure,
    ids::MessageId,
    message::Message,
    ports::Messages,
    service::{
        accept::{Accepted, IdempotencyKey},
        converse, send,
    },
};

use super::World;
use crate::{
    scenario::Request,
    told::{Told, tell},
};

impl World {
    /// A caller's request, as `functions/send` handles it.
    pub async fn request(&self, request: &Request) -> Result<Message, AppFailure> {
        let draft = request.draft(self.place.at);
        let body = format!("{} {:?}", request.text, draft.scheduled_for);
        let key = IdempotencyKey::parse("POST /v1/messages", &request.key(), body.as_bytes())?;
        let (accept, attempt, manager) = (self.accept(), self.attempt(), self.manager());
        let sent = if request.conversation {
            let (id, text) = (self.conversation(), request.text.to_owned());
            let said = converse::say(&accept, &attempt, &manager, id, text, Some(&key)).await;
            self.stored(said).await?
        } else {
            let first = request.first;
            send::send(&accept, &attempt, &manager, draft, Some(&key), first)
                .await?
                .message
        };
        if self.child {
            let text = request.text.to_owned();
            tell(&Told::Answered {
                text,
                message: sent.id,
            });
        }
        Ok(sent)
    }

    /// The message of an answer; a refusal by the provider names the one that stands in the thread.
    async fn stored(&self, said: Result<Accepted, AppFailure>) -> Result<Message, AppFailure> {
        let failure = match said {
            Ok(accepted) => return Ok(accepted.message),
            Err(failure) => failure,
        };
        let Some(id) = failure.details().get("message_id") else {
            return Err(failure);
        };
        let id = MessageId::parse(id).unwrap();
        let message = self.store.message(self.place.tenant, id).await.unwrap();
        message.ok_or(failure)
    }
}
