//! What templates cost. README.md repeats these numbers.

use domain::{
    ids::TenantId,
    message::MessageType,
    ports::{
        Accounts, ChannelBook, Kept, OwnTemplates, ProviderTemplates, Saved, Synced, TemplateBook,
    },
    provider::ProviderKind,
    template::TemplateSync,
};
use testkit::{builders::Company, meter::Meter};

use crate::{
    costs::check,
    own_templates::{change, changed, entry, make, template},
    synced_templates::{listed, status, told},
    world::{World, audit, later, start},
};

#[tokio::test]
async fn own_templates_cost_what_the_readme_says() {
    let world = World::start().await;
    let meter = Meter::start(&world.database);
    let store = meter.store(&world.database);
    let first = template(world.tenant, "Invoice", MessageType::Invoice);
    meter.step("make");
    assert_eq!(make(&store, &first).await, Kept::Done);
    meter.step("change");
    let second = changed(&first, |_| {});
    assert_eq!(change(&store, &first, &second).await, Kept::Done);
    meter.step("switch");
    let third = changed(&second, |one| one.active = false);
    assert_eq!(change(&store, &second, &third).await, Kept::Done);
    meter.step("rename");
    let fourth = changed(&third, |one| one.name = "Bill".into());
    assert_eq!(change(&store, &third, &fourth).await, Kept::Done);
    meter.step("delete");
    let deleted = store.delete_template(&fourth, &entry(&fourth)).await;
    assert_eq!(deleted.unwrap(), Saved::Done);
    check(
        &meter,
        &[
            ("make", 9),
            ("change", 6),
            ("switch", 8),
            ("rename", 12),
            ("delete", 7),
        ],
    );
}

#[tokio::test]
async fn providers_templates_cost_what_the_readme_says() {
    let world = World::start().await;
    let meter = Meter::start(&world.database);
    let (store, tenant) = (meter.store(&world.database), world.tenant);
    let sync = async |status: &str, at| {
        let one = listed("order_ready", "en_US", status);
        let synced = store.sync_template(tenant, "1001", &one, later(at)).await;
        synced.unwrap()
    };
    meter.step("new");
    assert_eq!(sync("APPROVED", 1).await, Synced::Added);
    meter.step("unchanged");
    assert_eq!(sync("APPROVED", 2).await, Synced::Unchanged);
    meter.step("changed");
    assert_eq!(sync("FLAGGED", 3).await, Synced::Changed);
    meter.step("told, paused");
    let paused = told("order_ready", status("PAUSED"));
    let noted = store.note_template(tenant, "1001", &paused, later(4)).await;
    noted.unwrap();
    meter.step("told, disabled");
    let disabled = told("order_ready", status("DISABLED"));
    let noted = store
        .note_template(tenant, "1001", &disabled, later(5))
        .await;
    noted.unwrap();
    meter.step("back");
    assert_eq!(sync("APPROVED", 6).await, Synced::Changed);
    let known = store.template(tenant, "1001", "order_ready", "en_US").await;
    let known = known.unwrap().unwrap();
    meter.step("gone");
    assert!(store.miss_template(&known, tenant, later(7)).await.unwrap());
    meter.step("note sync");
    let sync = TemplateSync {
        at: start(),
        added: 0,
        changed: 0,
        unchanged: 0,
        gone: 0,
        complete: true,
    };
    store.note_sync(tenant, "1001", &sync).await.unwrap();
    check(
        &meter,
        &[
            ("new", 2),
            ("unchanged", 0),
            ("changed", 1),
            ("told, paused", 3),
            ("told, disabled", 1),
            ("back", 3),
            ("gone", 3),
            ("note sync", 1),
        ],
    );
}

/// S2.100: the accounts of all companies, each once, in pages.
#[tokio::test]
async fn accounts_are_listed_across_companies() {
    let world = World::start().await;
    let mut expected: Vec<(TenantId, String)> = Vec::new();
    for (name, account) in [
        ("acme", Some("1001")),
        ("heron", Some("1002")),
        ("kite", None),
    ] {
        let company = Company::named(name);
        for mut channel in [company.meta_channel(), company.shared_meta_channel()] {
            channel.account = account.map(Into::into);
            world
                .store
                .make_channel(&channel, &audit(start()))
                .await
                .unwrap();
        }
        expected.extend(account.map(|account| (company.tenant.id, account.to_owned())));
    }
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = world
            .store
            .accounts(ProviderKind::Meta, after.as_deref(), 1);
        let page = page.await.unwrap();
        assert!(page.items.len() < 2);
        found.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    let none = world.store.accounts(ProviderKind::Whapi, None, 9).await;
    assert_eq!(none.unwrap().items, []);
}
