//! Inbound messages of a webhook: stored once with their contact and conversation, and told to the
//! outbound message they answer.

use jiff::Timestamp;
use tracing::warn;

use super::{
    facts,
    ingest::{Ingest, IngestStore},
    items::cut,
};
use crate::{
    channel::Channel,
    failure::StoreFailure,
    ids::{ConversationId, MessageId},
    message::{
        Fact, InboundContent, InboundMessage, MediaCopy, Reply, ReplyKind, Status, inbound::Answers,
    },
    ports::{Clock, Files, HandOver, Lanes, Received, Reception},
    provider::{EchoItem, InboundItem},
    webhook::Observed,
};

impl<S, F, L, C> Ingest<'_, S, F, L, C>
where
    S: IngestStore,
    F: Files,
    L: Lanes,
    C: Clock,
{
    pub(super) async fn inbound(
        &self,
        channel: &Channel,
        item: InboundItem,
        arrived_at: Timestamp,
    ) -> Result<String, StoreFailure> {
        let Some(writer) = self
            .writer(
                channel,
                item.phone.as_ref(),
                item.user.as_deref(),
                item.name.clone(),
            )
            .await?
        else {
            return Ok("unreadable:writer".into());
        };
        let contact = writer.contact;
        let conversation = ConversationId::of(channel.id, contact.id);
        let answers = self.answers(channel, conversation, &item).await?;
        let copy = matches!(item.content, InboundContent::Media { .. })
            .then_some(MediaCopy::Wanted { tries: 0 });
        let message = InboundMessage {
            id: MessageId::of_inbound(channel.tenant, channel.id, &item.provider_id),
            tenant: channel.tenant,
            channel: channel.id,
            conversation,
            contact: contact.id,
            provider_id: item.provider_id,
            from_us: false,
            at: item.at,
            arrived_at,
            content: item.content,
            answers,
            copy,
        };
        let reception = Reception {
            unread: message.content.counts_unread(),
            contact,
            claimed: writer.claimed,
            message,
        };
        let (stored, verdict) = match self.store.receive(&reception).await? {
            Received::New => (reception.message, "applied"),
            // How it was understood the first time counts: the open prompt may have changed since.
            Received::Duplicate(stored) => (*stored, "duplicate"),
        };
        // All of it is done for duplicates too: the process may have died in between.
        self.answer(channel, &stored).await?;
        self.consent_words(channel, &stored).await?;
        if matches!(stored.copy, Some(MediaCopy::Wanted { tries: 0 })) {
            self.copy_later(&stored).await;
        }
        self.auto_reply(channel, &stored).await?;
        Ok(verdict.into())
    }

    /// Hands the copying of a file to its lane; the sweep makes up for a lost hand-over.
    async fn copy_later(&self, message: &InboundMessage) {
        let (tenant, channel, now) = (message.tenant, message.channel, self.clock.now());
        let hand_over = HandOver::media(tenant, channel, message.id, now);
        if let Err(failure) = self.lanes.hand_over(&hand_over).await {
            warn!(message.id = %message.id, error = %failure, "no hand-over of the file of `{}`; the sweep makes up for it", message.id);
        }
    }

    /// Which outbound message an inbound one answers: the quoted one, else the one whose open
    /// buttons have this exact title.
    async fn answers(
        &self,
        channel: &Channel,
        conversation: ConversationId,
        item: &InboundItem,
    ) -> Result<Option<Answers>, StoreFailure> {
        let title = match &item.answer {
            Some(answer) => answer.title.clone(),
            None => match &item.content {
                InboundContent::Text { body } => body.clone(),
                InboundContent::Media { .. }
                | InboundContent::Location { .. }
                | InboundContent::Reaction { .. }
                | InboundContent::Edit { .. }
                | InboundContent::Revoke { .. }
                | InboundContent::Notice { .. }
                | InboundContent::Card { .. }
                | InboundContent::Other { .. } => return Ok(None),
            },
        };
        let quoted = item.answer.as_ref().and_then(|a| a.quoted.clone());
        let button_id = item.answer.as_ref().and_then(|a| a.button_id.clone());
        let is_press = item
            .answer
            .as_ref()
            .is_some_and(|a| a.kind != ReplyKind::Text);
        if is_press && quoted.is_some() {
            return Ok(item.answer.as_ref().map(|answer| Answers {
                quoted,
                message: None,
                kind: answer.kind,
                button_id,
                title: cut(&answer.title),
            }));
        }
        let prompt = self
            .store
            .conversation(channel.tenant, conversation)
            .await?
            .and_then(|c| c.prompt);
        let pressed = prompt.as_ref().and_then(|prompt| {
            let by_id = button_id
                .as_ref()
                .and_then(|id| prompt.buttons.iter().find(|b| &b.id == id));
            by_id.or_else(|| prompt.pressed(&title))
        });
        if let (Some(prompt), Some(button)) = (&prompt, pressed) {
            // A prompt that never left cannot have been pressed: the same words were just typed.
            let left = self
                .store
                .message(channel.tenant, prompt.message)
                .await?
                .is_some_and(|m| !matches!(m.status(), Status::Queued | Status::Cancelled));
            if left {
                return Ok(Some(Answers {
                    quoted,
                    message: Some(prompt.message),
                    kind: ReplyKind::Button,
                    button_id: Some(button.id.clone()),
                    title: cut(&button.title),
                }));
            }
        }
        Ok(quoted.map(|quoted| Answers {
            quoted: Some(quoted),
            message: None,
            kind: ReplyKind::Text,
            button_id,
            title: cut(&title),
        }))
    }

    /// Adds the reply to the message it answers. Done for duplicates too: the process may have died
    /// between storing the inbound message and this.
    async fn answer(
        &self,
        channel: &Channel,
        inbound: &InboundMessage,
    ) -> Result<(), StoreFailure> {
        let Some(answers) = &inbound.answers else {
            return Ok(());
        };
        let reply = Reply {
            at: inbound.at,
            inbound: inbound.provider_id.clone(),
            kind: answers.kind,
            button_id: answers.button_id.clone(),
            title: answers.title.clone(),
        };
        let now = self.clock.now();
        if let Some(message) = answers.message {
            facts::apply(
                self.store,
                channel.tenant,
                message,
                Fact::Replied(reply),
                now,
            )
            .await?;
        } else if let Some(quoted) = &answers.quoted {
            let observed = Observed::Replied(reply);
            facts::observe(
                self.store,
                channel.tenant,
                channel.id,
                quoted,
                observed,
                now,
            )
            .await?;
        }
        Ok(())
    }

    pub(super) async fn echo(
        &self,
        channel: &Channel,
        item: EchoItem,
        arrived_at: Timestamp,
    ) -> Result<String, StoreFailure> {
        if item.through_api {
            // The provider shows us a message of ours: proof that it was taken, even when the answer
            // to the send was lost.
            return self
                .observe(channel, &item.provider_id, Observed::Sent { at: item.at })
                .await;
        }
        let Some(person) = self
            .writer(channel, item.phone.as_ref(), None, None)
            .await?
        else {
            return Ok("unreadable:recipient".into());
        };
        let contact = person.contact;
        let reception = Reception {
            message: InboundMessage {
                id: MessageId::of_inbound(channel.tenant, channel.id, &item.provider_id),
                tenant: channel.tenant,
                channel: channel.id,
                conversation: ConversationId::of(channel.id, contact.id),
                contact: contact.id,
                provider_id: item.provider_id,
                from_us: true,
                at: item.at,
                arrived_at,
                content: item.content,
                answers: None,
                copy: None,
            },
            contact,
            claimed: person.claimed,
            unread: false,
        };
        Ok(match self.store.receive(&reception).await? {
            Received::New => "applied".into(),
            Received::Duplicate(_) => "duplicate".into(),
        })
    }
}
