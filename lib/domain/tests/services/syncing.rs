//! Providers' lists of templates: every page, what changed, what is gone, and one account's failure beside
//! another's success.

use domain::{
    channel::Channel,
    failure::{AppFailure, Code, ProviderFailure},
    ids::TenantId,
    ports::{ProviderTemplates, TemplateBook},
    principal::Role,
    provider::{TemplateChange, TemplateItem},
    service::{
        template_sync::{Round, TemplateSyncs},
        templates::TemplateDesk,
    },
    template::{ProviderTemplate, SlotNames, TemplateSync, Value},
};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};
use testkit::{
    fakes::{FakeClock, FakeGate, FakeVault},
    memory::{FailWhen, MemoryStore},
};

use crate::world::{World, answer};

type Syncs<'w> = TemplateSyncs<'w, MemoryStore, FakeVault, FakeGate, FakeClock>;

struct Lists {
    world: World,
    channel: Channel,
}

fn template(name: &str, language: &str, status: &str) -> Json {
    json!({"id": "5301", "name": name, "language": language, "status": status, "category": "UTILITY",
        "components": [{"type": "BODY", "text": "Hello {{1}}"}]})
}

/// A page with the cursor of the next one, if there is one.
fn page(templates: &[Json], next: Option<&str>) -> Json {
    match next {
        Some(next) => {
            json!({"data": templates, "paging": {"cursors": {"after": next}, "next": "https://example.com/"}})
        }
        None => json!({"data": templates, "paging": {"cursors": {"after": "end"}}}),
    }
}

impl Lists {
    fn new() -> Self {
        let world = World::new();
        let channel = world.acme.meta_channel();
        let lists = Self { world, channel };
        lists.put(&lists.channel);
        lists
    }

    fn put(&self, channel: &Channel) {
        let mut state = self.world.store.state();
        let key = (channel.tenant, channel.id);
        state.channels.insert(key, channel.clone());
    }

    fn syncs(&self) -> Syncs<'_> {
        TemplateSyncs {
            store: &self.world.store,
            vault: &self.world.vault,
            gate: &self.world.gate,
            clock: &self.world.clock,
            adapters: providers::adapter,
        }
    }

    fn next(&self, page: &Json) {
        self.world.gate.next(Ok(answer(200, page)));
    }

    async fn sync(&self) -> Result<TemplateSync, AppFailure> {
        self.world.clock.advance(SignedDuration::from_mins(1));
        let manager = self.world.acme.user(Role::Manager);
        self.syncs().sync(&manager, self.channel.id).await
    }

    async fn known(&self) -> Vec<ProviderTemplate> {
        let page = self
            .world
            .store
            .templates(self.channel.tenant, false, None, 100);
        page.await.unwrap().items
    }

    fn paths(&self) -> Vec<String> {
        let sent = self.world.gate.sent().into_iter();
        sent.map(|(_, request)| request.path).collect()
    }
}

const fn counts(sync: &TemplateSync) -> [u32; 4] {
    [sync.added, sync.changed, sync.unchanged, sync.gone]
}

/// S2.74, S2.2, S2.8, S2.69, X18: all pages are followed; the answer counts what is new, changed, the same,
/// gone.
#[tokio::test]
async fn every_page_is_brought_in_and_counted() {
    let lists = Lists::new();
    let [a, b] = [
        template("a", "en", "APPROVED"),
        template("b", "en", "PENDING"),
    ];
    lists.next(&page(std::slice::from_ref(&a), Some("A=")));
    lists.next(&page(std::slice::from_ref(&b), None));
    let first = lists.sync().await.unwrap();
    assert_eq!((counts(&first), first.complete), ([2, 0, 0, 0], true));
    let paths = lists.paths();
    assert!(paths[0].contains("/message_templates?") && !paths[0].contains("after="));
    assert!(paths[1].ends_with("&after=A%3D"));
    lists.next(&page(
        &[
            a,
            template("b", "en", "APPROVED"),
            template("b", "ar", "APPROVED"),
        ],
        None,
    ));
    assert_eq!(counts(&lists.sync().await.unwrap()), [1, 1, 1, 0]);
    lists.next(&page(&[template("b", "en", "APPROVED")], None));
    let last = lists.sync().await.unwrap();
    assert_eq!(counts(&last), [0, 0, 1, 2]);
    let known = lists.known().await;
    let gone: Vec<_> = known
        .iter()
        .filter(|one| one.missing_since.is_some())
        .collect();
    assert_eq!((known.len(), gone.len()), (3, 2));
    let state = lists.world.store.state();
    let lines: Vec<_> = state.audit.iter().map(|(_, line)| line.action).collect();
    assert_eq!(lines, ["sync_templates"; 3]);
    let account = lists.channel.account.clone().unwrap();
    assert_eq!(state.syncs[&(lists.channel.tenant, account)], last);
}

/// X16, S2.31, S2.32, S2.37: templates of other accounts and companies are neither gone nor changed.
#[tokio::test]
async fn other_accounts_stay_as_they_are() {
    let lists = Lists::new();
    let theirs = [
        (lists.channel.tenant, "another"),
        (TenantId::fresh(), "another"),
    ];
    let change = TemplateItem {
        name: "a".into(),
        language: "en".into(),
        change: TemplateChange::Quality("GREEN".into()),
    };
    let at = "2026-11-01T00:00:00Z".parse().unwrap();
    for (tenant, account) in theirs {
        let noted = lists
            .world
            .store
            .note_template(tenant, account, &change, at);
        noted.await.unwrap();
    }
    let before = lists.world.store.state().templates.clone();
    lists.next(&page(&[], None));
    assert_eq!(counts(&lists.sync().await.unwrap()), [0; 4]);
    assert_eq!(lists.world.store.state().templates, before);
}

/// X18: a list that leads back to itself ends; what it held is kept, and nothing is taken for gone.
#[tokio::test]
async fn a_list_that_never_ends_is_left() {
    let lists = Lists::new();
    lists.next(&page(&[template("a", "en", "APPROVED")], None));
    lists.sync().await.unwrap();
    for _ in 0..3 {
        lists.next(&page(&[template("b", "en", "APPROVED")], Some("same")));
    }
    let sync = lists.sync().await.unwrap();
    assert_eq!((counts(&sync), sync.complete), ([1, 0, 0, 0], false));
    assert_eq!(lists.paths().len(), 3);
    assert!(
        lists
            .known()
            .await
            .iter()
            .all(|one| one.missing_since.is_none())
    );

    let lists = Lists::new();
    for n in 0..200 {
        let one = template(&format!("t{n}"), "en", "APPROVED");
        lists.next(&page(&[one], Some(&format!("c{n}"))));
    }
    let sync = lists.sync().await.unwrap();
    assert_eq!((sync.added, sync.complete), (100, false));
}

/// An odd template costs no other; while one cannot be read, nothing is taken for gone.
#[tokio::test]
async fn what_cannot_be_read_is_not_gone() {
    let lists = Lists::new();
    lists.next(&page(&[template("a", "en", "APPROVED")], None));
    lists.sync().await.unwrap();
    lists.next(&page(
        &[json!({"name": 7}), template("b", "en", "APPROVED")],
        None,
    ));
    let sync = lists.sync().await.unwrap();
    assert_eq!((counts(&sync), sync.complete), ([1, 0, 0, 0], false));
}

/// S2.63: a provider that fails on any page changes nothing; without an account nothing is asked.
#[tokio::test]
async fn a_list_that_breaks_off_changes_nothing() {
    let lists = Lists::new();
    lists.next(&page(&[template("a", "en", "APPROVED")], Some("A")));
    lists
        .world
        .gate
        .next(Err(ProviderFailure::NotSent { what: "connect" }));
    let refused = lists.sync().await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.retryable()),
        (Code::ProviderError, true)
    );
    let denied = json!({"error": {"code": 190, "message": "Invalid token"}});
    lists.world.gate.next(Ok(answer(401, &denied)));
    let refused = lists.sync().await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.retryable()),
        (Code::ProviderError, false)
    );
    assert!(lists.known().await.is_empty());
    let asked = lists.paths().len();
    let mut lists = lists;
    lists.channel.account = None;
    lists.put(&lists.channel);
    let refused = lists.sync().await.unwrap_err();
    assert_eq!(
        refused.message(),
        "businessAccountId required to fetch templates"
    );
    assert_eq!(refused.details()["reason"], "NO_ACCOUNT");
    lists.channel = lists.world.acme.channel.clone();
    let refused = lists.sync().await.unwrap_err();
    assert_eq!(refused.details()["reason"], "NO_TEMPLATES");
    lists.channel = lists.world.other.channel.clone();
    assert_eq!(lists.sync().await.unwrap_err().code(), Code::NotFound);
    assert_eq!(lists.paths().len(), asked);
    assert!(lists.world.store.state().audit.is_empty());
}

/// X17: what a webhook told while the list was read is newer than the list.
#[tokio::test]
async fn a_webhook_that_comes_meanwhile_counts() {
    let lists = Lists::new();
    lists.next(&page(&[template("a", "en", "APPROVED")], None));
    lists.sync().await.unwrap();
    let account = lists.channel.account.clone().unwrap();
    let key = (
        lists.channel.tenant,
        account,
        "a".to_owned(),
        "en".to_owned(),
    );
    let later = "2027-01-01T00:00:00Z".parse().unwrap();
    lists.world.store.meanwhile("templates.sync", move |state| {
        let noted = state.templates.get_mut(&key).unwrap();
        noted.known.status = Some("PAUSED".into());
        noted.status_at = Some(later);
    });
    lists.next(&page(&[template("a", "en", "APPROVED")], None));
    lists.sync().await.unwrap();
    let known = lists.known().await;
    assert_eq!(known[0].known.status.as_deref(), Some("PAUSED"));
}

/// S2.100, S2.101: each account of every company once, whatever becomes of the others; a round delivered
/// again asks only those that were not asked.
#[tokio::test]
async fn a_round_asks_each_account_once() {
    let lists = Lists::new();
    // A second number of the same account, another company's account, one that is switched off, and one
    // that is logged out.
    let mut second = lists.world.acme.meta_channel();
    second.account.clone_from(&lists.channel.account);
    lists.put(&second);
    let theirs = lists.world.other.meta_channel();
    lists.put(&theirs);
    let mut off = lists.world.other.meta_channel();
    off.active = false;
    lists.put(&off);
    let mut out = lists.world.other.meta_channel();
    out.auth = domain::channel::AuthStatus::Disconnected;
    lists.put(&out);
    let due = {
        use domain::ports::Clock;
        lists.world.clock.now()
    };
    lists
        .world
        .store
        .fail("templates.note_sync", 1, FailWhen::Before);
    for _ in 0..2 {
        lists.next(&page(&[template("a", "en", "APPROVED")], None));
    }
    let round = lists.syncs().sync_all(due).await.unwrap();
    let expected = Round {
        synced: 1,
        skipped: 2,
        failed: 1,
    };
    assert_eq!(round, expected);
    assert_eq!(lists.paths().len(), 2);
    lists.next(&page(&[template("a", "en", "APPROVED")], None));
    let again = lists.syncs().sync_all(due).await.unwrap();
    let expected = Round {
        synced: 1,
        skipped: 3,
        failed: 0,
    };
    assert_eq!(again, expected);
    let again = lists.syncs().sync_all(due).await.unwrap();
    assert_eq!((again.synced, again.skipped), (0, 4));
    assert_eq!(lists.paths().len(), 3);
    assert_eq!(lists.known().await.len(), 1);
}

/// X46, X14: a preview of a provider's template is flattened, as it is sent; samples fill what has no value.
#[tokio::test]
async fn a_providers_template_is_previewed_flattened() {
    let lists = Lists::new();
    lists.next(&page(&[template("a", "en", "APPROVED")], None));
    lists.sync().await.unwrap();
    let desk = TemplateDesk {
        store: &lists.world.store,
        clock: &lists.world.clock,
    };
    let (own, theirs) = (
        lists.world.acme.user(Role::Manager),
        lists.world.other.user(Role::Manager),
    );
    let account = lists.channel.account.clone().unwrap();
    let one = (account.as_str(), "a", "en");
    let names = SlotNames {
        body: vec!["items".into()],
        ..SlotNames::default()
    };
    let sampled = desk
        .preview_provider(&own, one, &names, None)
        .await
        .unwrap();
    assert_eq!(
        sampled.shown.body,
        "Hello 2 × Green tea, 1 × Basmati rice, 5 kg"
    );
    let given = [(
        "items".to_owned(),
        Value::List(vec!["Tea\t(green)".into(), "Rice".into()]),
    )];
    let given = desk
        .preview_provider(&own, one, &names, Some(&given.into()))
        .await
        .unwrap();
    assert_eq!(given.shown.body, "Hello Tea (green), Rice");
    let none = SlotNames::default();
    let refused = desk
        .preview_provider(&own, one, &none, None)
        .await
        .unwrap_err();
    assert_eq!(refused.fields()[0].field, "slots.body");
    let stranger = desk.preview_provider(&theirs, one, &names, None).await;
    assert_eq!(stranger.unwrap_err().code(), Code::NotFound);
    let heard = TemplateItem {
        name: "b".into(),
        language: "en".into(),
        change: TemplateChange::Quality("GREEN".into()),
    };
    let noted = lists
        .world
        .store
        .note_template(lists.channel.tenant, &account, &heard, given_at());
    noted.await.unwrap();
    let heard = (account.as_str(), "b", "en");
    let refused = desk
        .preview_provider(&own, heard, &names, None)
        .await
        .unwrap_err();
    assert_eq!(refused.details()["reason"], "NOT_SYNCED");
}

fn given_at() -> jiff::Timestamp {
    "2026-11-20T00:00:00Z".parse().unwrap()
}
