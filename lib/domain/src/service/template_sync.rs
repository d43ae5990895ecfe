//! Bringing in what a provider lists of templates: of one channel's account when somebody asks, of all
//! accounts every six hours (X18). Webhooks tell the rest.

use std::collections::HashSet;

use futures::{StreamExt, future::try_join_all, stream};
use jiff::Timestamp;
use tracing::{info, warn};

use crate::{
    channel::{AuthStatus, Channel},
    failure::{AppFailure, ProviderFailure, StoreFailure},
    ids::{ChannelId, TenantId},
    ports::{
        Accounts, AuditEntry, Audits, ChannelKeys, Clock, Directory, Gate, Synced, TemplateBook,
        Vault,
    },
    principal::Principal,
    provider::{Adapters, ProviderKind},
    template::{ListedTemplate, TemplateSync},
};

/// The most pages that are read of one list: more templates than any account has.
const MOST_PAGES: usize = 100;
/// How many templates are written at once.
const AT_ONCE: usize = 10;
/// How many accounts are asked at once.
const ACCOUNTS_AT_ONCE: usize = 4;
/// How many accounts are looked up at once.
const PAGE: u16 = 50;

/// What syncing needs.
#[derive(Debug)]
pub struct TemplateSyncs<'a, S, V, G, C> {
    /// Storage.
    pub store: &'a S,
    /// Opens tokens.
    pub vault: &'a V,
    /// Asks providers.
    pub gate: &'a G,
    /// The time.
    pub clock: &'a C,
    /// The adapters.
    pub adapters: Adapters,
}

/// What came of a round over all accounts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Accounts that were brought in.
    pub synced: u32,
    /// Accounts that were brought in since the round was due, or have no channel to ask with.
    pub skipped: u32,
    /// Accounts whose provider or storage failed; the next round asks again.
    pub failed: u32,
}

/// What a list held.
struct Listed {
    templates: Vec<ListedTemplate>,
    /// Whether it was read to its end, every template of it.
    complete: bool,
}

impl<S, V, G, C> TemplateSyncs<'_, S, V, G, C>
where
    S: Directory + TemplateBook,
    V: Vault,
    G: Gate,
    C: Clock,
{
    /// Brings in the templates of a channel's account, because somebody asked (S2.69).
    ///
    /// # Errors
    /// `NOT_FOUND`; CONFLICT `NO_ACCOUNT` or `NO_TEMPLATES` where there is no list; `PROVIDER_ERROR` when
    /// the provider cannot be asked, and then nothing is changed.
    pub async fn sync(
        &self,
        principal: &Principal,
        id: ChannelId,
    ) -> Result<TemplateSync, AppFailure>
    where
        S: Audits,
    {
        let channel = self.store.channel(principal.tenant(), id).await?;
        let channel = channel.ok_or_else(|| AppFailure::not_found("There is no such channel."))?;
        let sync = self.sync_account(&channel).await?;
        let entry = AuditEntry::new(
            principal.user(),
            "channels",
            "sync_templates",
            id,
            self.clock.now(),
        );
        let entry = entry
            .with("added", sync.added)
            .with("changed", sync.changed)
            .with("gone", sync.gone);
        self.store.note(channel.tenant, &entry).await?;
        Ok(sync)
    }

    async fn sync_account(&self, channel: &Channel) -> Result<TemplateSync, AppFailure> {
        let tenant = channel.tenant;
        // Before the first question: whatever webhooks tell from now on is newer than the list.
        let at = self.clock.now();
        let listed = self.list(channel).await?;
        let account = channel.account.as_deref().unwrap_or(&channel.provider_ref);
        let mut sync = TemplateSync {
            at,
            added: 0,
            changed: 0,
            unchanged: 0,
            gone: 0,
            complete: listed.complete,
        };
        for some in listed.templates.chunks(AT_ONCE) {
            let writes = some
                .iter()
                .map(|template| self.store.sync_template(tenant, account, template, at));
            for synced in try_join_all(writes).await? {
                let count = match synced {
                    Synced::Added => &mut sync.added,
                    Synced::Changed => &mut sync.changed,
                    Synced::Unchanged => &mut sync.unchanged,
                };
                *count = count.saturating_add(1);
            }
        }
        if listed.complete {
            sync.gone = self.miss(tenant, account, &listed.templates, at).await?;
        }
        self.store.note_sync(tenant, account, &sync).await?;
        let TemplateSync {
            added,
            changed,
            gone,
            ..
        } = sync;
        info!(tenant.id = %tenant, channel.id = %channel.id, added, changed, gone, complete = sync.complete, "synced templates of channel `{}`", channel.id);
        Ok(sync)
    }

    /// Every page of the list, before anything of it is written.
    async fn list(&self, channel: &Channel) -> Result<Listed, AppFailure> {
        let adapter = (self.adapters)(channel.provider);
        let mut request = adapter
            .build_templates(channel, None)
            .map_err(|refused| no_list(channel, refused))?;
        let token = self.vault.token(channel).await?;
        let (mut cursors, mut names) = (HashSet::new(), HashSet::new());
        let mut listed = Listed {
            templates: Vec::new(),
            complete: true,
        };
        for _ in 0..MOST_PAGES {
            let response = self.gate.exchange(channel, &token, &request).await;
            let page = response.and_then(|response| adapter.read_templates(&response));
            let page = page.map_err(AppFailure::unanswered)?;
            listed.complete &= page.unreadable == 0;
            for template in page.items {
                // A list that moves while it is read may show one twice.
                if names.insert((template.name.clone(), template.language.clone())) {
                    listed.templates.push(template);
                }
            }
            let Some(next) = page.next else {
                return Ok(listed);
            };
            if !cursors.insert(next.clone()) {
                warn!(tenant.id = %channel.tenant, channel.id = %channel.id, "a list of templates leads back to itself");
                listed.complete = false;
                return Ok(listed);
            }
            request = adapter
                .build_templates(channel, Some(&next))
                .map_err(|refused| no_list(channel, refused))?;
        }
        warn!(tenant.id = %channel.tenant, channel.id = %channel.id, "a list of templates has more than {MOST_PAGES} pages");
        listed.complete = false;
        Ok(listed)
    }

    /// Marks what is known of the account and not in its list.
    async fn miss(
        &self,
        tenant: TenantId,
        account: &str,
        listed: &[ListedTemplate],
        at: Timestamp,
    ) -> Result<u32, StoreFailure> {
        let names = listed.iter();
        let names: HashSet<(&str, &str)> = names
            .map(|one| (one.name.as_str(), one.language.as_str()))
            .collect();
        let (mut gone, mut after) = (0_u32, None);
        loop {
            let page = self.store.templates(tenant, false, after.as_deref(), 100);
            let page = page.await?;
            for known in page.items {
                let name = (known.name.as_str(), known.language.as_str());
                if known.account != account
                    || known.missing_since.is_some()
                    || names.contains(&name)
                {
                    continue;
                }
                if self.store.miss_template(&known, tenant, at).await? {
                    gone = gone.saturating_add(1);
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(gone);
            }
        }
    }

    /// Brings in the templates of every account of every company that was not asked since `due`, so that
    /// a round that broke off goes on where it stopped. One account's failure is logged and keeps no other.
    ///
    /// # Errors
    /// Only when the accounts cannot be listed.
    pub async fn sync_all(&self, due: Timestamp) -> Result<Round, AppFailure>
    where
        S: Accounts + ChannelKeys,
    {
        let (mut round, mut after) = (Round::default(), None);
        loop {
            let page = self
                .store
                .accounts(ProviderKind::Meta, after.as_deref(), PAGE)
                .await?;
            let turns = page
                .items
                .iter()
                .map(|(tenant, account)| self.turn(*tenant, account, due));
            let mut turns = stream::iter(turns).buffer_unordered(ACCOUNTS_AT_ONCE);
            while let Some(turn) = turns.next().await {
                let count = match turn {
                    Ok(true) => &mut round.synced,
                    Ok(false) => &mut round.skipped,
                    Err(failure) => {
                        warn!(error = %failure, "an account's templates could not be synced");
                        &mut round.failed
                    }
                };
                *count = count.saturating_add(1);
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let Round {
            synced,
            skipped,
            failed,
        } = round;
        info!(
            synced,
            skipped, failed, "synced the templates of all accounts"
        );
        Ok(round)
    }

    /// One account's turn; false when there was nothing to do.
    async fn turn(
        &self,
        tenant: TenantId,
        account: &str,
        due: Timestamp,
    ) -> Result<bool, AppFailure>
    where
        S: ChannelKeys,
    {
        let last = self.store.last_sync(tenant, account).await?;
        if last.is_some_and(|last| last.at >= due) {
            return Ok(false);
        }
        let channels = self
            .store
            .channels_of_account(ProviderKind::Meta, account)
            .await?;
        let usable = |channel: &&Channel| channel.tenant == tenant && channel.active;
        let linked = |channel: &&Channel| channel.auth == AuthStatus::Authorized;
        let Some(channel) = channels.iter().filter(usable).find(linked) else {
            return Ok(false);
        };
        self.sync_account(channel).await.map(|_| true)
    }
}

/// Why a channel has no list of templates.
fn no_list(channel: &Channel, refused: ProviderFailure) -> AppFailure {
    let ProviderFailure::Unsupported { .. } = refused else {
        return AppFailure::from(refused);
    };
    if channel.provider == ProviderKind::Meta && channel.account.is_none() {
        return AppFailure::conflict("businessAccountId required to fetch templates")
            .with_detail("reason", "NO_ACCOUNT");
    }
    AppFailure::conflict(
        "This channel's provider keeps no templates. Use templates of your own for it, or a channel at Meta.",
    )
    .with_detail("reason", "NO_TEMPLATES")
}
