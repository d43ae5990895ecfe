//! A company's own templates, in the table and in memory alike.

use domain::{
    ids::{TemplateId, TenantId, UserId},
    message::MessageType,
    ports::{AuditEntry, Audits, Kept, OwnTemplates, Saved, TemplateFilter},
    template::{OwnTemplate, TemplateText},
};
use testkit::memory::MemoryStore;

use crate::world::{World, later};

pub fn template(tenant: TenantId, name: &str, message_type: MessageType) -> OwnTemplate {
    let defaults = [("customerName".to_owned(), "friend".to_owned())].into();
    let text = "Hello {customerName}, ₹ and ⏎\n{customerName}";
    OwnTemplate {
        id: TemplateId::fresh(),
        tenant,
        name: name.into(),
        message_type,
        text: TemplateText::with_defaults(message_type, text, &defaults).unwrap(),
        active: true,
        version: 1,
        created_at: later(1),
        updated_at: later(1),
        created_by: UserId::new("user-1"),
        updated_by: UserId::new("user-1"),
    }
}

pub fn entry(template: &OwnTemplate) -> AuditEntry {
    let user = UserId::new("user-1");
    AuditEntry::new(&user, "templates", "change", template.id, later(1))
}

pub fn changed(before: &OwnTemplate, change: impl FnOnce(&mut OwnTemplate)) -> OwnTemplate {
    let mut after = before.clone();
    after.version += 1;
    after.updated_at = later(i64::from(after.version));
    change(&mut after);
    after
}

pub async fn make(store: &impl OwnTemplates, template: &OwnTemplate) -> Kept {
    let made = store.make_template(template, &entry(template)).await;
    made.unwrap()
}

pub async fn change(store: &impl OwnTemplates, before: &OwnTemplate, after: &OwnTemplate) -> Kept {
    let kept = store.change_template(before, after, &entry(after)).await;
    kept.unwrap()
}

async fn names(store: &impl OwnTemplates, tenant: TenantId, filter: TemplateFilter) -> Vec<String> {
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let page = store
            .own_templates(tenant, filter, after.as_deref(), 2)
            .await;
        let page = page.unwrap();
        names.extend(page.items.into_iter().map(|one| one.name));
        after = page.next;
        if after.is_none() {
            return names;
        }
    }
}

async fn versions(store: &impl OwnTemplates, tenant: TenantId, id: TemplateId) -> Vec<u32> {
    let (mut versions, mut after) = (Vec::new(), None);
    loop {
        let page = store
            .template_versions(tenant, id, after.as_deref(), 2)
            .await;
        let page = page.unwrap();
        versions.extend(page.items.into_iter().map(|one| one.version));
        after = page.next;
        if after.is_none() {
            return versions;
        }
    }
}

/// S1.63–S1.69: a name is one template's of a company, in capitals or not; a version is written over
/// once; what was taken away frees its name and keeps its versions.
async fn a_name_is_one_templates(store: &(impl OwnTemplates + Audits)) {
    let tenant = TenantId::fresh();
    let first = template(tenant, "Invoice", MessageType::Invoice);
    assert_eq!(make(store, &first).await, Kept::Done);
    let read = store.own_template(tenant, first.id).await.unwrap();
    assert_eq!(read.as_ref(), Some(&first));
    let same = template(tenant, "INVOICE", MessageType::Festival);
    assert_eq!(make(store, &same).await, Kept::NameTaken);
    assert_eq!(store.own_template(tenant, same.id).await.unwrap(), None);
    assert!(versions(store, tenant, same.id).await.is_empty());
    let theirs = template(TenantId::fresh(), "Invoice", MessageType::Invoice);
    assert_eq!(make(store, &theirs).await, Kept::Done, "another company's");

    let second = changed(&first, |one| one.active = false);
    assert_eq!(change(store, &first, &second).await, Kept::Done);
    assert_eq!(change(store, &first, &second).await, Kept::Stale);
    let other = template(tenant, "Other", MessageType::Other);
    assert_eq!(make(store, &other).await, Kept::Done);
    let clash = changed(&second, |one| one.name = "other".into());
    assert_eq!(change(store, &second, &clash).await, Kept::NameTaken);
    let third = changed(&second, |one| one.name = "Bill".into());
    assert_eq!(change(store, &second, &third).await, Kept::Done);
    assert_eq!(
        make(store, &same).await,
        Kept::Done,
        "the name was given back"
    );
    let fourth = changed(&third, |one| one.name = "BILL".into());
    assert_eq!(
        change(store, &third, &fourth).await,
        Kept::Done,
        "its own name"
    );
    assert_eq!(versions(store, tenant, first.id).await, [4, 3, 2, 1]);

    let deleted = |one: OwnTemplate| async move {
        let deleted = store.delete_template(&one, &entry(&one)).await;
        deleted.unwrap()
    };
    assert_eq!(deleted(third).await, Saved::Stale);
    assert_eq!(deleted(fourth.clone()).await, Saved::Done);
    assert_eq!(deleted(fourth).await, Saved::Stale);
    assert_eq!(store.own_template(tenant, first.id).await.unwrap(), None);
    assert_eq!(versions(store, tenant, first.id).await, [4, 3, 2, 1]);
    assert!(
        versions(store, TenantId::fresh(), first.id)
            .await
            .is_empty()
    );
    let bill = template(tenant, "bill", MessageType::Invoice);
    assert_eq!(make(store, &bill).await, Kept::Done, "its name is free");
    let lines = store.audits(tenant, later(99), None, 20).await.unwrap();
    assert_eq!(lines.items.len(), 8, "one line for whatever was written");
}

/// S1.70: by type, by switch, by name, in pages.
async fn templates_are_listed_by_name(store: &impl OwnTemplates) {
    let tenant = TenantId::fresh();
    for (name, message_type, active) in [
        ("c", MessageType::Invoice, true),
        ("B", MessageType::Invoice, true),
        ("a", MessageType::Festival, true),
        ("ab", MessageType::Invoice, false),
        ("d", MessageType::Invoice, true),
    ] {
        let mut one = template(tenant, name, message_type);
        one.active = active;
        assert_eq!(make(store, &one).await, Kept::Done);
    }
    let only = |message_type, active| TemplateFilter {
        message_type,
        active,
    };
    let invoice = Some(MessageType::Invoice);
    for (filter, expected) in [
        (only(None, None), &["a", "ab", "B", "c", "d"][..]),
        (only(invoice, None), &["ab", "B", "c", "d"]),
        (only(invoice, Some(true)), &["B", "c", "d"]),
        (only(None, Some(false)), &["ab"]),
        (only(Some(MessageType::Welcome), None), &[]),
    ] {
        assert_eq!(names(store, tenant, filter).await, expected, "{filter:?}");
    }
    assert!(
        names(store, TenantId::fresh(), only(None, None))
            .await
            .is_empty()
    );
    let page = store.own_templates(tenant, only(None, None), None, 2).await;
    let next = page.unwrap().next.unwrap();
    let other = TenantId::fresh();
    let stolen = store.own_templates(other, only(None, None), Some(&next), 2);
    assert!(stolen.await.is_err(), "a position of another company");
}

#[tokio::test]
async fn in_the_table_a_name_is_one_templates() {
    a_name_is_one_templates(&World::start().await.store).await;
}

#[tokio::test]
async fn in_memory_a_name_is_one_templates() {
    a_name_is_one_templates(&MemoryStore::new()).await;
}

#[tokio::test]
async fn in_the_table_templates_are_listed_by_name() {
    templates_are_listed_by_name(&World::start().await.store).await;
}

#[tokio::test]
async fn in_memory_templates_are_listed_by_name() {
    templates_are_listed_by_name(&MemoryStore::new()).await;
}
