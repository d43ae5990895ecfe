//! Work that comes out of a lane: attempts, look-ups, notices and files, at the channel's pace.

use super::{
    attempt::Attempt, bulk::expand::Expand, greeting::Greeting, happening::Happening,
    media::Copying, notify::Notify, reminding::Reminding, telling::Telling,
};
use crate::{
    channel::{Channel, Secret},
    failure::{ProviderFailure, StoreFailure},
    ports::{
        Acceptances, Audits, Clock, ContactBook, Contacts, Days, Directory, DocumentGate,
        EventBook, Festivals, FileGate, Gate, Inbox, Invoices, Lanes, Mailer, MediaFiles, Messages,
        Notices, Notifications, Outbox, OwnTemplates, Pacer, Pointers, ProviderTemplates, Rows,
        Runs, Task, Vault, Workflows,
    },
    provider::{WireRequest, WireResponse},
};

/// What working on lanes needs.
#[derive(Debug)]
pub struct Lane<'a, S, V, G, L, M, C, F, K> {
    /// For messages; its gate is a [`Paced`] one.
    pub attempt: Attempt<'a, S, V, G, L, C>,
    /// For notices.
    pub notify: Notify<'a, S, M, C>,
    /// For bulk jobs.
    pub expand: Expand<'a, S, L, C>,
    /// For inbound files.
    pub copying: Copying<'a, S, V, G, F, K, C>,
    /// For business events.
    pub happening: Happening<'a, S, L, C, F, K>,
}

impl<S, V, G, L, M, C, F, K> Lane<'_, S, V, G, L, M, C, F, K>
where
    S: Directory
        + Contacts
        + Messages
        + Pointers
        + Notices
        + Inbox
        + ProviderTemplates
        + Outbox
        + Rows
        + Runs
        + Acceptances
        + ContactBook
        + OwnTemplates
        + Festivals
        + Days
        + Audits
        + EventBook
        + Invoices
        + Workflows
        + Notifications,
    V: Vault,
    G: Gate,
    L: Lanes,
    M: Mailer,
    C: Clock,
    F: FileGate + DocumentGate,
    K: MediaFiles,
{
    /// Does one task. A task that comes again, or twice at once, does nothing twice. Tasks of different
    /// orders may be done side by side.
    ///
    /// # Errors
    /// Storage failures; the task should be delivered again.
    pub async fn work(&self, task: &Task) -> Result<(), StoreFailure> {
        match task {
            Task::Notice(key) => self.notify.run(key).await,
            Task::Notification(tenant, id) => {
                let telling = Telling {
                    store: self.notify.store,
                    mailer: self.notify.mailer,
                    clock: self.notify.clock,
                };
                telling.run(*tenant, *id).await
            }
            Task::Expand(tenant, id) => self.expand.run(*tenant, *id).await.map(|_passed| ()),
            Task::Festival(tenant, id) => {
                let greeting = Greeting {
                    accept: &self.happening.accept,
                };
                greeting.run(*tenant, *id).await
            }
            Task::Day(tenant) => {
                let reminding = Reminding {
                    accept: &self.happening.accept,
                };
                reminding.run(*tenant).await
            }
            Task::Media(tenant, id) => self.copying.run(*tenant, *id).await,
            Task::Event(tenant, id) => self.happening.run(*tenant, *id).await,
            Task::Message(tenant, id) => self.attempt.run(*tenant, *id).await.map(|_worked| ()),
        }
    }
}

/// A gate through which a channel's calls go at the pace of a sub-lane. A sub-lane has one worker at a
/// time, so turns taken inside the worker are all the pacing there is: no shared counter, no leased
/// tokens. The wait lies inside the attempt's lease, which ten turns of the slowest channel fit many
/// times.
#[derive(Debug)]
pub struct Paced<'a, G, P> {
    /// The way to the provider.
    pub gate: &'a G,
    /// Gives the turns.
    pub pacer: &'a P,
}

impl<G: Gate, P: Pacer> Gate for Paced<'_, G, P> {
    async fn exchange(
        &self,
        channel: &Channel,
        token: &Secret,
        request: &WireRequest,
    ) -> Result<WireResponse, ProviderFailure> {
        self.pacer
            .turn(&channel.id.key(), channel.pace.gap_millis())
            .await;
        self.gate.exchange(channel, token, request).await
    }
}
