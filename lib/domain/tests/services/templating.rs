//! Templates of a company's own: checked, versioned, previewed, chosen.

use std::collections::BTreeMap;

use domain::{
    failure::{AppFailure, Code},
    ids::TemplateId,
    message::MessageType,
    ports::TemplateFilter,
    principal::{Principal, Role},
    service::templates::{
        Chosen, NewTemplate, TemplateDesk, TemplateEdit, UnsavedTemplate, chosen, template_for,
    },
    template::{OwnTemplate, Value, Variables},
};
use testkit::{
    fakes::FakeClock,
    memory::{FailWhen, MemoryStore},
};

use crate::world::World;

struct Desk {
    world: World,
}

fn new(name: &str, message_type: MessageType, content: &str) -> NewTemplate {
    NewTemplate {
        name: name.into(),
        message_type,
        content: content.into(),
        defaults: BTreeMap::new(),
        active: true,
    }
}

fn values(given: &[(&str, &str)]) -> Variables {
    let given = given.iter();
    given
        .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
        .collect()
}

fn reason(failure: &AppFailure) -> (Code, &str) {
    let reason = failure.details().get("reason");
    (failure.code(), reason.map_or("", String::as_str))
}

impl Desk {
    fn new() -> Self {
        Self {
            world: World::new(),
        }
    }

    fn desk(&self) -> TemplateDesk<'_, MemoryStore, FakeClock> {
        TemplateDesk {
            store: &self.world.store,
            clock: &self.world.clock,
        }
    }

    fn manager(&self) -> Principal {
        self.world.acme.user(Role::Manager)
    }

    async fn make(&self, new: NewTemplate) -> Result<OwnTemplate, AppFailure> {
        self.desk().make(&self.manager(), new).await
    }

    async fn edit(&self, id: TemplateId, edit: TemplateEdit) -> Result<OwnTemplate, AppFailure> {
        self.desk().edit(&self.manager(), id, edit).await
    }

    fn stored(&self) -> usize {
        self.world.store.state().own_templates.len()
    }
}

/// S1.122: everything that is wrong is told at once, and nothing is stored.
#[tokio::test]
async fn a_wrong_template_is_not_stored() {
    let desk = Desk::new();
    let mut wrong = new(" ", MessageType::Invoice, "{orderNumber} {");
    wrong.defaults.insert("nothing".into(), "x".into());
    let refused = desk.make(wrong).await.unwrap_err();
    let fields: Vec<_> = refused
        .fields()
        .iter()
        .map(|p| (p.field.as_str(), p.code))
        .collect();
    let expected = [
        ("name", "LENGTH"),
        ("content", "UNKNOWN_PLACEHOLDER"),
        ("content", "BRACE"),
        ("defaults.nothing", "UNUSED"),
    ];
    assert_eq!(fields, expected);
    let made = desk
        .make(new("Bill", MessageType::Invoice, "{amount}"))
        .await
        .unwrap();
    let edit = TemplateEdit {
        version: 1,
        message_type: Some(MessageType::Welcome),
        ..TemplateEdit::default()
    };
    let refused = desk.edit(made.id, edit).await.unwrap_err();
    assert_eq!(
        refused.fields()[0].code,
        "UNKNOWN_PLACEHOLDER",
        "the type's placeholders count"
    );
    assert_eq!(desk.stored(), 1);
    assert_eq!(desk.world.store.state().audit.len(), 1);
}

/// S1.64, S1.69: a change is of the version that was seen, is noted, and is a version of its own.
#[tokio::test]
async fn a_change_is_a_version() {
    let desk = Desk::new();
    let made = desk
        .make(new("Bill", MessageType::Invoice, "{amount}"))
        .await
        .unwrap();
    let taken = desk
        .make(new("BILL", MessageType::Festival, "Hi"))
        .await
        .unwrap_err();
    assert_eq!(reason(&taken), (Code::Conflict, "NAME_TAKEN"));
    let text = |version, content: &str| TemplateEdit {
        version,
        content: Some(content.into()),
        ..TemplateEdit::default()
    };
    let second = desk.edit(made.id, text(1, "Pay {amount}")).await.unwrap();
    assert_eq!((second.version, second.text.content()), (2, "Pay {amount}"));
    let same = desk.edit(made.id, text(2, "Pay {amount}")).await.unwrap();
    assert_eq!(same, second, "a change of nothing is none");
    let stale = desk.edit(made.id, text(1, "Other")).await.unwrap_err();
    assert_eq!(reason(&stale), (Code::Conflict, "TEMPLATE_CHANGED"));
    let key = (made.tenant, made.id);
    desk.world
        .store
        .meanwhile("own_templates.change", move |state| {
            state.own_templates.get_mut(&key).unwrap().version = 9;
        });
    let raced = desk.edit(made.id, text(2, "Raced")).await.unwrap_err();
    assert_eq!(reason(&raced), (Code::Conflict, "TEMPLATE_CHANGED"));
    let page = desk
        .desk()
        .versions(&desk.manager(), made.id, None, 20)
        .await;
    let versions: Vec<_> = page
        .unwrap()
        .items
        .into_iter()
        .map(|one| one.version)
        .collect();
    assert_eq!(versions, [2, 1]);
    let state = desk.world.store.state();
    let lines: Vec<_> = state.audit.iter().map(|(_, line)| line.action).collect();
    assert_eq!(lines, ["create", "change"]);
    let told = format!("{:?}", state.audit);
    assert!(!told.contains("Pay"), "texts stand in the versions alone");
}

/// Another company's template does not exist; what was taken away neither, but for its versions.
#[tokio::test]
async fn what_is_gone_or_anothers_is_not_found() {
    let desk = Desk::new();
    let made = desk
        .make(new("Bill", MessageType::Invoice, "{amount}"))
        .await
        .unwrap();
    let stranger = desk.world.other.user(Role::Manager);
    let edit = TemplateEdit {
        version: 1,
        active: Some(false),
        ..TemplateEdit::default()
    };
    let (own, theirs) = (desk.manager(), &stranger);
    let templates = desk.desk();
    for refused in [
        templates.read(theirs, made.id).await.err(),
        templates.edit(theirs, made.id, edit).await.err(),
        templates.delete(theirs, made.id).await.err(),
        templates.versions(theirs, made.id, None, 9).await.err(),
        templates.preview(theirs, made.id, None).await.err(),
    ] {
        assert_eq!(refused.unwrap().code(), Code::NotFound);
    }
    let listed = templates
        .list(theirs, TemplateFilter::default(), None, 9)
        .await;
    assert!(listed.unwrap().items.is_empty());
    templates.delete(&own, made.id).await.unwrap();
    assert_eq!(
        templates.read(&own, made.id).await.unwrap_err().code(),
        Code::NotFound
    );
    assert_eq!(
        templates.delete(&own, made.id).await.unwrap_err().code(),
        Code::NotFound
    );
    assert_eq!(
        templates
            .versions(&own, made.id, None, 9)
            .await
            .unwrap()
            .items
            .len(),
        1
    );
    assert!(
        desk.make(new("bill", MessageType::Other, "Hi"))
            .await
            .is_ok()
    );
    desk.world
        .store
        .fail("own_templates.make", 1, FailWhen::Before);
    let failed = desk
        .make(new("c", MessageType::Other, "Hi"))
        .await
        .unwrap_err();
    assert_eq!((failed.code(), failed.retryable()), (Code::DbError, true));
}

/// S1.123: samples unless values are given; those must be complete (S1.141), and what is too much is told
/// (S1.142).
#[tokio::test]
async fn a_preview_shows_what_will_be_said() {
    let desk = Desk::new();
    let made = desk
        .make(new(
            "Bill",
            MessageType::StockDelivered,
            "{customerName}:\n{items}",
        ))
        .await
        .unwrap();
    let (templates, own) = (desk.desk(), desk.manager());
    let sampled = templates.preview(&own, made.id, None).await.unwrap();
    assert_eq!(
        sampled.text,
        "Amal Heron:\n2 × Green tea\n1 × Basmati rice, 5 kg"
    );
    assert_eq!(sampled.placeholders, ["customerName", "items"]);
    let missing = templates
        .preview(&own, made.id, Some(&values(&[])))
        .await
        .unwrap_err();
    let fields: Vec<_> = missing.fields().iter().map(|p| p.field.as_str()).collect();
    assert_eq!(fields, ["variables.customerName", "variables.items"]);
    let given = values(&[("customerName", "Ada"), ("items", "Tea"), ("colour", "red")]);
    let shown = templates
        .preview(&own, made.id, Some(&given))
        .await
        .unwrap();
    assert_eq!(
        (shown.text.as_str(), shown.warnings.len()),
        ("Ada:\nTea", 1)
    );
    let draft = UnsavedTemplate {
        message_type: MessageType::Welcome,
        content: "Hi {customerName}".into(),
        defaults: BTreeMap::new(),
    };
    let long = "a".repeat(5_000);
    let long = draft
        .preview(Some(&values(&[("customerName", &long)])))
        .unwrap();
    assert_eq!(long.warnings[0].code, "TOO_LONG");
    assert_eq!(desk.stored(), 1, "a preview stores nothing");
}

/// X43, S1.148, S1.99, S1.100: the company's own active template of the type, else Waypost's, else none.
#[tokio::test]
async fn the_text_of_a_type_is_chosen() {
    let desk = Desk::new();
    let (store, tenant) = (&desk.world.store, desk.world.acme.tenant.id);
    let of = async |message_type| template_for(store, tenant, message_type).await.unwrap();
    let welcome = MessageType::Welcome;
    let default = of(welcome).await.unwrap();
    assert!(matches!(default, Chosen::Default(_)));
    let filled = default.filled(&values(&[("customerName", "Ada")])).unwrap();
    assert!(filled.text.starts_with("Welcome, Ada!"));
    assert_eq!(
        default.filled(&values(&[])).unwrap_err().code(),
        Code::Validation
    );
    assert_eq!(of(MessageType::Other).await, None);
    let mut off = new("a", welcome, "Off");
    off.active = false;
    let off = desk.make(off).await.unwrap();
    assert!(of(welcome).await.unwrap().id().is_none());
    let later = desk.make(new("c", welcome, "Later")).await.unwrap();
    let first = desk.make(new("B", welcome, "First")).await.unwrap();
    assert_eq!(of(welcome).await.unwrap().id(), Some(first.id));
    assert!(of(MessageType::Invoice).await.unwrap().id().is_none());
    let named = chosen(store, tenant, later.id).await.unwrap();
    assert_eq!(named.text().content(), "Later");
    let refused = chosen(store, tenant, off.id).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::Conflict, "TEMPLATE_OFF"));
    let stranger = chosen(store, desk.world.other.tenant.id, later.id).await;
    assert_eq!(stranger.unwrap_err().code(), Code::NotFound);
}
