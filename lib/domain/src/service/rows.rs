//! What a message says and its exact request: kept beside it, or, for a row of a bulk job, made again
//! from what was frozen when the job was accepted.

use crate::{
    bulk::{Frozen, RunState, fill},
    channel::Channel,
    failure::StoreFailure,
    message::{Content, Message, Payload},
    ports::{Directory, Messages, Rows},
    provider::Adapters,
};

/// What an attempt is to send.
pub(super) enum Request {
    /// This.
    Stands(Box<Payload>),
    /// Nothing now: the job is paused, or was cancelled before this row was attempted.
    Held,
    /// The provider takes no such thing any more.
    Unsupported(String),
    /// Nobody knows what it was to say.
    Missing,
}

/// What an attempt of this message is to send.
pub(super) async fn request<S: Messages + Rows>(
    store: &S,
    adapters: Adapters,
    message: &Message,
    channel: &Channel,
) -> Result<Request, StoreFailure> {
    if let Some(payload) = store.payload(message.tenant, message.id).await? {
        return Ok(Request::Stands(Box::new(payload)));
    }
    let frozen = store.frozen(message.tenant, message.job, message.row);
    let Some(frozen) = frozen.await? else {
        return Ok(Request::Missing);
    };
    let held = match frozen.run.state {
        RunState::Paused => true,
        // What was attempted is not touched: its retries go on.
        RunState::Cancelled => message.sending.attempt == 0,
        RunState::Running | RunState::Done => false,
    };
    if held {
        return Ok(Request::Held);
    }
    let Some(content) = said(&frozen) else {
        return Ok(Request::Missing);
    };
    Ok(
        match (adapters)(channel.provider).build_send(channel, &message.to, &content) {
            Ok(request) => Request::Stands(Box::new(Payload { content, request })),
            Err(failure) => Request::Unsupported(failure.to_string()),
        },
    )
}

/// What a message says and its exact request, whatever its job has come to.
///
/// # Errors
/// Storage failures.
pub async fn payload<S: Messages + Rows + Directory>(
    store: &S,
    adapters: Adapters,
    message: &Message,
) -> Result<Option<Payload>, StoreFailure> {
    if let Some(payload) = store.payload(message.tenant, message.id).await? {
        return Ok(Some(payload));
    }
    let frozen = store.frozen(message.tenant, message.job, message.row);
    let Some(content) = frozen.await?.as_ref().and_then(said) else {
        return Ok(None);
    };
    let Some(channel) = store.channel(message.tenant, message.channel).await? else {
        return Ok(None);
    };
    let request = (adapters)(channel.provider).build_send(&channel, &message.to, &content);
    Ok(request.ok().map(|request| Payload { content, request }))
}

/// The content of a frozen row. Rows without their values were refused before the job was accepted.
fn said(frozen: &Frozen) -> Option<Content> {
    fill(&frozen.content, &frozen.row).ok()
}
