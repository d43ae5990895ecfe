//! What providers' lists bring in, in the table and in memory alike.

use domain::{
    ids::TenantId,
    ports::{ProviderTemplates, Synced, TemplateBook},
    provider::{TemplateChange, TemplateItem},
    template::{HeaderShape, ListedTemplate, ProviderTemplate, TemplateShape, TemplateSync},
};
use testkit::memory::MemoryStore;

use crate::world::{World, later};

pub fn listed(name: &str, language: &str, status: &str) -> ListedTemplate {
    ListedTemplate {
        name: name.into(),
        language: language.into(),
        status: status.into(),
        reason: None,
        category: Some("UTILITY".into()),
        quality: None,
        shape: TemplateShape {
            id: Some("1".into()),
            header: Some(HeaderShape::Document),
            body: Some("Hello {{1}}".into()),
            ..TemplateShape::default()
        },
    }
}

pub fn told(name: &str, change: TemplateChange) -> TemplateItem {
    TemplateItem {
        name: name.into(),
        language: "en_US".into(),
        change,
    }
}

pub fn status(word: &str) -> TemplateChange {
    TemplateChange::Status {
        status: word.into(),
        reason: None,
    }
}

struct Book<'s, S> {
    store: &'s S,
    tenant: TenantId,
}

impl<S: TemplateBook + ProviderTemplates> Book<'_, S> {
    async fn sync(&self, listed: &ListedTemplate, at: i64) -> Synced {
        let synced = self
            .store
            .sync_template(self.tenant, "1001", listed, later(at));
        synced.await.unwrap()
    }

    async fn tell(&self, change: TemplateItem, at: i64) {
        let noted = self
            .store
            .note_template(self.tenant, "1001", &change, later(at));
        noted.await.unwrap();
    }

    async fn read(&self, name: &str, language: &str) -> ProviderTemplate {
        let read = self.store.template(self.tenant, "1001", name, language);
        read.await.unwrap().unwrap()
    }

    async fn list(&self, approved: bool) -> Vec<(String, String)> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = self
                .store
                .templates(self.tenant, approved, after.as_deref(), 2);
            let page = page.await.unwrap();
            all.extend(page.items.into_iter().map(|one| (one.name, one.language)));
            after = page.next;
            if after.is_none() {
                return all;
            }
        }
    }
}

/// S2.74, X17: a list is written once; what a webhook told later stays, what it told earlier goes.
async fn the_newer_word_counts<S: TemplateBook + ProviderTemplates>(store: &S) {
    let book = Book {
        store,
        tenant: TenantId::fresh(),
    };
    let one = listed("order_ready", "en_US", "APPROVED");
    assert_eq!(book.sync(&one, 10).await, Synced::Added);
    assert_eq!(book.sync(&one, 20).await, Synced::Unchanged);
    let known = book.read("order_ready", "en_US").await;
    assert_eq!(known.shape.as_ref(), Some(&one.shape));
    assert_eq!(known.known.category.as_deref(), Some("UTILITY"));
    assert_eq!(
        (known.account.as_str(), known.synced_at),
        ("1001", Some(later(10)))
    );

    book.tell(told("order_ready", status("PAUSED")), 40).await;
    book.tell(
        told("order_ready", TemplateChange::Quality("RED".into())),
        41,
    )
    .await;
    assert_eq!(
        book.sync(&one, 30).await,
        Synced::Unchanged,
        "an older list"
    );
    assert_eq!(
        book.read("order_ready", "en_US")
            .await
            .known
            .status
            .as_deref(),
        Some("PAUSED")
    );
    let mut moved = one.clone();
    moved.category = Some("MARKETING".into());
    moved.shape.body = Some("Hi {{1}}".into());
    assert_eq!(book.sync(&moved, 35).await, Synced::Changed);
    let known = book.read("order_ready", "en_US").await;
    assert_eq!(
        known.known.status.as_deref(),
        Some("PAUSED"),
        "still the newer word"
    );
    assert!(known.known.is_marketing());
    assert_eq!(known.shape, Some(moved.shape.clone()));
    assert_eq!(
        known.known.quality.as_deref(),
        Some("RED"),
        "a list that says nothing of it"
    );
    assert_eq!(book.sync(&moved, 50).await, Synced::Changed);
    let known = book.read("order_ready", "en_US").await;
    assert_eq!(known.known.status.as_deref(), Some("APPROVED"));
    book.tell(told("order_ready", status("DISABLED")), 45).await;
    assert!(
        book.read("order_ready", "en_US").await.known.is_approved(),
        "an older webhook"
    );
}

/// X16, S2.70: a template is one name in one language; what may be sent is listed by name.
async fn templates_are_listed_by_name<S: TemplateBook + ProviderTemplates>(store: &S) {
    let book = Book {
        store,
        tenant: TenantId::fresh(),
    };
    for (name, language, status) in [
        ("order_ready", "en_US", "APPROVED"),
        ("order_ready", "en", "APPROVED"),
        ("order", "ar", "APPROVED"),
        ("welcome", "en_US", "REJECTED"),
        ("ask", "en_US", "PENDING"),
    ] {
        book.sync(&listed(name, language, status), 1).await;
    }
    book.tell(told("heard_of", TemplateChange::Quality("GREEN".into())), 2)
        .await;
    let pairs = |pairs: &[(&str, &str)]| {
        let owned = pairs
            .iter()
            .map(|(one, other)| ((*one).to_owned(), (*other).to_owned()));
        owned.collect::<Vec<_>>()
    };
    let (ar, en, us) = ("ar", "en", "en_US");
    let approved = pairs(&[("order", ar), ("order_ready", en), ("order_ready", us)]);
    assert_eq!(book.list(true).await, approved);
    let all = [
        ("ask", us),
        ("heard_of", us),
        ("order", ar),
        ("order_ready", en),
    ];
    let all = pairs(&[&all[..], &[("order_ready", us), ("welcome", us)]].concat());
    assert_eq!(book.list(false).await, all);
    book.tell(told("order_ready", status("PAUSED")), 3).await;
    book.tell(told("ask", status("APPROVED")), 3).await;
    let approved = pairs(&[("ask", us), ("order", ar), ("order_ready", en)]);
    assert_eq!(book.list(true).await, approved);
    book.tell(told("ask", TemplateChange::Category("MARKETING".into())), 4)
        .await;
    assert_eq!(
        book.list(true).await,
        approved,
        "its state is what lists it"
    );
    let languages = store
        .template_languages(book.tenant, "1001", "order_ready")
        .await;
    let languages: Vec<_> = languages
        .unwrap()
        .into_iter()
        .map(|one| one.language)
        .collect();
    assert_eq!(languages, [en, us]);
    for (tenant, account) in [(TenantId::fresh(), "1001"), (book.tenant, "1002")] {
        let none = store
            .template_languages(tenant, account, "order_ready")
            .await;
        assert_eq!(none.unwrap(), []);
    }
    let other = Book {
        store,
        tenant: TenantId::fresh(),
    };
    assert!(other.list(false).await.is_empty());
}

/// What a list no longer holds is marked, unless something of it was heard since; it comes back.
async fn what_is_gone_is_marked<S: TemplateBook + ProviderTemplates>(store: &S) {
    let book = Book {
        store,
        tenant: TenantId::fresh(),
    };
    let one = listed("order_ready", "en_US", "APPROVED");
    book.sync(&one, 10).await;
    let read = async || book.read("order_ready", "en_US").await;
    let miss = async |at| {
        let missed = store
            .miss_template(&read().await, book.tenant, later(at))
            .await;
        missed.unwrap()
    };
    assert!(!miss(5).await, "it was listed since");
    book.tell(told("order_ready", status("APPROVED")), 30).await;
    assert!(!miss(20).await, "a webhook told of it since");
    assert!(miss(40).await);
    assert!(!miss(50).await, "it is known");
    assert_eq!(read().await.missing_since, Some(later(40)));
    assert!(book.list(true).await.is_empty());
    assert_eq!(book.list(false).await.len(), 1);
    book.tell(
        told("order_ready", TemplateChange::Quality("RED".into())),
        41,
    )
    .await;
    assert_eq!(read().await.missing_since, Some(later(40)));
    assert_eq!(book.sync(&one, 60).await, Synced::Changed, "it is back");
    assert_eq!(read().await.missing_since, None);
    assert_eq!(book.list(true).await.len(), 1);
    assert!(miss(70).await);
    book.tell(told("order_ready", status("APPROVED")), 80).await;
    assert_eq!(read().await.missing_since, None, "made again");
    assert_eq!(book.list(true).await.len(), 1);

    assert_eq!(store.last_sync(book.tenant, "1001").await.unwrap(), None);
    let sync = TemplateSync {
        at: later(70),
        added: 1,
        changed: 2,
        unchanged: 3,
        gone: 4,
        complete: true,
    };
    store.note_sync(book.tenant, "1001", &sync).await.unwrap();
    assert_eq!(
        store.last_sync(book.tenant, "1001").await.unwrap(),
        Some(sync)
    );
    assert_eq!(
        store.last_sync(TenantId::fresh(), "1001").await.unwrap(),
        None
    );
    assert_eq!(store.last_sync(book.tenant, "1002").await.unwrap(), None);
}

#[tokio::test]
async fn in_the_table() {
    let world = World::start().await;
    the_newer_word_counts(&world.store).await;
    templates_are_listed_by_name(&world.store).await;
    what_is_gone_is_marked(&world.store).await;
}

#[tokio::test]
async fn in_memory() {
    let store = MemoryStore::new();
    the_newer_word_counts(&store).await;
    templates_are_listed_by_name(&store).await;
    what_is_gone_is_marked(&store).await;
}
