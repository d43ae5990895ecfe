//! Every list and look-up: what its entries are, and how a page of ten of it is asked for.

use domain::{
    ids::{ConversationId, JobId, MessageId, TemplateId, UserId},
    message::{Class, Context, MessageType},
    ports::{
        Audits, ContactBook, Contacts, Conversations, Journal, LogOrder, LogPart, LogRange,
        MessageLog, Messages, Outbox, OwnTemplates, SearchIndex, TemplateBook, TemplateFilter,
    },
    service::templates::template_for,
    template::{ListedTemplate, OwnTemplate, TemplateShape, TemplateText},
    webhook::{JournalBody, JournalEntry, JournalKey},
};
use futures::{FutureExt, future::BoxFuture};
use store::Store;

use crate::seeds::{World, at, number};

/// Makes the n-th entry.
type Seed = for<'w> fn(&'w World<'_>, u32) -> BoxFuture<'w, ()>;
/// Asks for a page; answers how much it held.
type Ask = for<'w> fn(&'w Store, &'w World<'_>) -> BoxFuture<'w, usize>;

pub struct List {
    /// What follows the tenant in the keys of its items.
    pub kinds: &'static [&'static str],
    pub seed: Seed,
    pub asks: &'static [(&'static str, Ask)],
}

fn range(classes: &[Class], order: LogOrder) -> LogRange {
    LogRange {
        part: LogPart::Classes(classes.to_vec()),
        from: Some(at(0)),
        until: None,
        order,
    }
}

/// The only job, message or contact that was there from the beginning.
async fn first_job(store: &Store, world: &World<'_>) -> JobId {
    let jobs = store.jobs(world.tenant, None, 1).await.unwrap();
    jobs.items.first().unwrap().id
}

pub const LISTS: &[List] = &[
    List {
        kinds: &["#M#", "#Q#"],
        seed: |world, n| async move { drop(world.accept(n, &number(0)).await) }.boxed(),
        asks: &[
            ("log, newest first", |store, world| {
                async move {
                    let range = range(&Class::ALL, LogOrder::NewestFirst);
                    let page = store.log(world.tenant, &range, None, 10).await;
                    page.unwrap().items.len()
                }
                .boxed()
            }),
            ("log, oldest first", |store, world| {
                async move {
                    let range = range(&Class::ALL, LogOrder::OldestFirst);
                    let page = store.log(world.tenant, &range, None, 10).await;
                    page.unwrap().items.len()
                }
                .boxed()
            }),
            ("log, of a class", |store, world| {
                async move {
                    let range = range(&[Class::Open], LogOrder::NewestFirst);
                    let page = store.log(world.tenant, &range, None, 10).await;
                    page.unwrap().items.len()
                }
                .boxed()
            }),
            ("messages about a thing", |store, world| {
                async move {
                    let context = Context::parse("order", "A-1").unwrap();
                    let page = store.by_context(world.tenant, &context, None, 10).await;
                    page.unwrap().items.len()
                }
                .boxed()
            }),
            ("thread", |store, world| {
                async move {
                    let person = world.person(0);
                    let thread = ConversationId::of(world.acme.channel.id, person.id);
                    let page = store.thread(world.tenant, &[thread], None, 10).await;
                    page.unwrap().items.len()
                }
                .boxed()
            }),
            ("message by id", |store, world| {
                async move {
                    let job = first_job(store, world).await;
                    let id = MessageId::of_row(job, 0);
                    let found = store.message(world.tenant, id).await.unwrap();
                    usize::from(found.is_some())
                }
                .boxed()
            }),
            ("due work, a shard", |store, _| {
                async move {
                    let due = store.cross_tenant().due(0, at(9_999), 10).await;
                    due.unwrap().len()
                }
                .boxed()
            }),
        ],
    },
    List {
        kinds: &["#J#"],
        seed: |world, n| async move { drop(world.accept(n, &number(0)).await) }.boxed(),
        asks: &[
            ("jobs", |store, world| {
                async move {
                    let page = store.jobs(world.tenant, None, 10).await;
                    page.unwrap().items.len()
                }
                .boxed()
            }),
            ("job with its boards", |store, world| {
                async move {
                    let job = first_job(store, world).await;
                    let boards = store.boards(world.tenant, job, 0..1).await;
                    boards.unwrap().len()
                }
                .boxed()
            }),
        ],
    },
    List {
        kinds: &["#V#"],
        seed: |world, n| async move { drop(world.accept(n, &number(n)).await) }.boxed(),
        asks: &[("conversations", |store, world| {
            async move {
                let channels = [world.acme.channel.id];
                let page = store.conversations(world.tenant, false, &channels, None, 10);
                page.await.unwrap().items.len()
            }
            .boxed()
        })],
    },
    List {
        kinds: &["#K#", "#S#"],
        seed: |world, n| {
            async move {
                let mut person = world.person(n);
                let saved = world.store.save_contact(&mut person, &[], None).await;
                saved.unwrap();
                let words = ["amal".to_owned(), "heron".to_owned()];
                let index = &world.store;
                let indexed = index.index_contact(world.tenant, person.id, &words, &[]);
                indexed.await.unwrap();
            }
            .boxed()
        },
        asks: &[
            ("contacts", |store, world| {
                async move {
                    let page = store.contacts(world.tenant, None, 10).await;
                    page.unwrap().items.len()
                }
                .boxed()
            }),
            ("contacts by number", |store, world| {
                async move {
                    let found = store.find_contacts(world.tenant, "973330", 10).await;
                    found.unwrap().len()
                }
                .boxed()
            }),
            ("contacts by word", |store, world| {
                async move {
                    let found = store.find_contacts(world.tenant, "heron", 10).await;
                    found.unwrap().len()
                }
                .boxed()
            }),
            ("contact by alias", |store, world| {
                async move {
                    let alias = domain::contact::Alias::phone(&number(7));
                    let found = store.contact(world.tenant, &alias).await.unwrap();
                    usize::from(found.is_some())
                }
                .boxed()
            }),
        ],
    },
    List {
        kinds: &["#A#"],
        seed: |world, n| {
            async move {
                let noted = world.store.note(world.tenant, &world.audit(n)).await;
                noted.unwrap();
            }
            .boxed()
        },
        asks: &[("audit", |store, world| {
            async move {
                let page = store.audits(world.tenant, at(9_999), None, 10).await;
                page.unwrap().items.len()
            }
            .boxed()
        })],
    },
    List {
        kinds: &["#W#"],
        seed: |world, n| {
            async move {
                let entry = JournalEntry {
                    key: JournalKey {
                        tenant: world.tenant,
                        arrived_at: at(n),
                        id: MessageId::fresh(),
                    },
                    channel: world.acme.channel.id,
                    body: JournalBody::Here(b"{}".to_vec()),
                    verdicts: vec!["applied".into()],
                    retry_at: None,
                    tries: 0,
                };
                world.store.write(&entry).await.unwrap();
            }
            .boxed()
        },
        asks: &[("webhook journal, a day", |store, world| {
            async move {
                let day = "2026-11-20".parse().unwrap();
                let page = store.entries(world.tenant, day, None, 10).await;
                page.unwrap().items.len()
            }
            .boxed()
        })],
    },
    List {
        kinds: &["#O#"],
        seed: |world, n| {
            async move {
                let template = own(world, n);
                let user = UserId::new("manager");
                let audit = domain::ports::AuditEntry::new(
                    &user,
                    "templates",
                    "create",
                    template.id,
                    at(n),
                );
                let made = world.store.make_template(&template, &audit).await;
                made.unwrap();
            }
            .boxed()
        },
        asks: &[
            ("own templates", |store, world| {
                async move {
                    let all = TemplateFilter::default();
                    let page = store.own_templates(world.tenant, all, None, 10).await;
                    page.unwrap().items.len()
                }
                .boxed()
            }),
            ("own template of a type", |store, world| {
                async move {
                    let kind = MessageType::Invoice;
                    let found = template_for(store, world.tenant, kind);
                    usize::from(found.await.unwrap().is_some())
                }
                .boxed()
            }),
        ],
    },
    List {
        kinds: &["#P#"],
        seed: |world, n| {
            async move {
                let listed = ListedTemplate {
                    name: format!("theirs_{n:04}"),
                    language: "en".into(),
                    status: "APPROVED".into(),
                    reason: None,
                    category: Some("UTILITY".into()),
                    quality: None,
                    shape: TemplateShape::default(),
                };
                let synced = world
                    .store
                    .sync_template(world.tenant, "1001", &listed, at(n));
                synced.await.unwrap();
            }
            .boxed()
        },
        asks: &[("providers' templates", |store, world| {
            async move {
                let page = store.templates(world.tenant, true, None, 10).await;
                page.unwrap().items.len()
            }
            .boxed()
        })],
    },
];

fn own(world: &World<'_>, n: u32) -> OwnTemplate {
    let text = TemplateText::check(MessageType::Invoice, "Hello {customerName}");
    OwnTemplate {
        id: TemplateId::fresh(),
        tenant: world.tenant,
        name: format!("own {n:04}"),
        message_type: MessageType::Invoice,
        text: text.unwrap(),
        active: true,
        version: 1,
        created_at: at(n),
        updated_at: at(n),
        created_by: UserId::new("manager"),
        updated_by: UserId::new("manager"),
    }
}
