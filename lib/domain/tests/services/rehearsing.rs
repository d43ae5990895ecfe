//! Preview and preflight: the same checks as accepting, and nothing is done.

mod refusals;

use domain::{
    channel::{AuthStatus, Channel},
    contact::{Alias, Consent, Contact},
    failure::{AppFailure, Code},
    message::{Content, MessageType, Trigger},
    phone::PhoneNumber,
    ports::TemplateBook,
    principal::Role,
    service::{
        accept::{Draft, DraftContent},
        from_template::Wanted,
        preflight::Reason,
        rehearse::{Preflight, Rehearsed},
    },
    template::{ListedTemplate, SlotFormat, TemplateShape},
    tenant::Tenant,
};
use testkit::{
    builders::{RECIPIENT, interactive_draft, text_draft},
    memory::State,
};

use crate::{cloud::Cloud, world::World};

async fn preflight(world: &World, draft: &Draft) -> Preflight {
    let manager = world.acme.user(Role::Manager);
    let wanted = Wanted::Draft(draft.clone());
    let preflight = world.accept().preflight(&manager, wanted).await;
    preflight.unwrap()
}

async fn preview(world: &World, draft: &Draft) -> Result<Rehearsed, AppFailure> {
    let manager = world.acme.user(Role::Manager);
    let wanted = Wanted::Draft(draft.clone());
    world.accept().preview(&manager, wanted).await
}

/// Every code that a refusal names.
fn codes(failure: &AppFailure) -> Vec<String> {
    let fields = failure.fields().iter().map(|field| field.code.to_owned());
    let reasons = failure.details().get("reason").into_iter();
    let reasons = reasons.flat_map(|all| all.split(' ').map(str::to_owned));
    fields.chain(reasons).collect()
}

fn count(world: &World) -> (usize, usize, usize, usize) {
    let state = world.store.state();
    let used = state.usage.values().map(|used| *used as usize).sum();
    let kept = state.messages.len() + state.contacts.len() + state.keys.len();
    (kept, used, state.audit.len(), world.sends())
}

fn mut_tenant<'s>(state: &'s mut State, world: &World) -> &'s mut Tenant {
    state.tenants.get_mut(&world.acme.tenant.id).unwrap()
}

fn mut_channel<'s>(state: &'s mut State, world: &World) -> &'s mut Channel {
    let key = (world.acme.tenant.id, world.acme.channel.id);
    state.channels.get_mut(&key).unwrap()
}

fn consents(state: &mut State, world: &World, consent: Consent) {
    let alias = Alias::phone(&PhoneNumber::parse(RECIPIENT).unwrap());
    let tenant = world.acme.tenant.id;
    let mut contact = Contact::met_as(tenant, &alias, None);
    contact.consent = consent;
    contact.version = 1;
    state.contacts.insert((tenant, contact.id), contact);
}

fn kind(message_type: MessageType, trigger: Trigger) -> Draft {
    Draft {
        message_type,
        trigger,
        ..text_draft(RECIPIENT, "Hello")
    }
}

fn plain() -> Draft {
    text_draft(RECIPIENT, "Hello")
}

/// What stands in the way is told together, request and state, in the order it is looked at.
#[tokio::test]
async fn all_reasons_are_told_at_once() {
    let world = World::new();
    {
        let mut state = world.store.state();
        mut_tenant(&mut state, &world).settings.enabled = false;
        mut_channel(&mut state, &world).active = false;
    }
    let draft = Draft {
        scheduled_for: Some("soon".into()),
        ..text_draft("12", "")
    };
    let told = preflight(&world, &draft).await;
    let codes: Vec<_> = told.reasons.iter().map(Reason::code).collect();
    assert_eq!(
        codes,
        [
            "PHONE",
            "TIME",
            "REQUIRED",
            "MESSAGING_OFF",
            "CHANNEL_INACTIVE"
        ]
    );
    assert_eq!(told.to, None);
}

/// X45, S2.113: where a window is closed, a person may be sent templates alone; a recipient without any
/// content is judged like a text.
#[tokio::test]
async fn a_closed_window_is_told_of_a_person() {
    let cloud = Cloud::new();
    let manager = cloud.world.acme.user(Role::Manager);
    let person = cloud.world.accept();
    let told = person
        .preflight_person(&manager, crate::cloud::hello())
        .await;
    let told = told.unwrap();
    let expected = "This person has not written within the last 24 hours, so WhatsApp lets only templates through. \
         Send a template, or wait until they write.";
    assert_eq!(told.reasons[0].code(), "WINDOW_CLOSED");
    assert_eq!(told.reasons[0].message(), expected);
    assert_eq!(told.reasons.len(), 1);
    let template = preflight(&cloud.world, &crate::cloud::notice()).await;
    assert_eq!(template.reasons, []);
}

/// S1.123: the preview is what is sent, byte for byte, and does nothing itself.
#[tokio::test]
async fn a_preview_is_exactly_what_is_sent() {
    let world = World::new();
    let draft = interactive_draft(RECIPIENT);
    let before = count(&world);
    let shown = preview(&world, &draft).await.unwrap();
    assert_eq!(count(&world), before);
    assert!(matches!(shown.content, Content::Interactive(_)));
    world.send(draft).await.unwrap();
    let (_, sent) = world.gate.sent().remove(0);
    assert_eq!(shown.request, sent);
}

/// A preview is there although nothing may be sent now; what is wrong in itself is refused.
#[tokio::test]
async fn a_preview_tells_what_stands_in_the_way() {
    let world = World::new();
    mut_channel(&mut world.store.state(), &world).auth = AuthStatus::Disconnected;
    let shown = preview(&world, &plain()).await.unwrap();
    let codes: Vec<_> = shown.preflight.reasons.iter().map(Reason::code).collect();
    assert_eq!(codes, ["CHANNEL_NOT_AUTHORIZED"]);
    let refused = preview(&world, &text_draft("12", "")).await.unwrap_err();
    assert_eq!(refused.code(), Code::Validation);
    let fields: Vec<_> = refused.fields().iter().map(|f| f.field.as_str()).collect();
    assert_eq!(fields, ["to", "text.body"]);
}

/// X20: quiet hours are no refusal; when it goes out is told.
#[tokio::test]
async fn what_waits_for_the_morning_is_told() {
    let mut world = World::new();
    world.clock = testkit::fakes::FakeClock::at("2026-11-20T19:00:00Z");
    let told = preflight(&world, &kind(MessageType::Invoice, Trigger::Auto)).await;
    assert_eq!(told.reasons, []);
    assert!(told.quiet);
    assert_eq!(told.goes_at.unwrap().to_string(), "2026-11-21T05:00:00Z");
}

/// S0.14: another company's channel does not exist, in a preflight either.
#[tokio::test]
async fn a_foreign_channel_is_not_found() {
    let world = World::new();
    let manager = world.acme.user(Role::Manager);
    let draft = Draft {
        channel: Some(world.other.channel.id.to_string()),
        ..plain()
    };
    let refused = world.accept().preflight_person(&manager, draft).await;
    assert_eq!(refused.unwrap_err().code(), Code::NotFound);
}

fn order_ready(category: &str, status: &str) -> ListedTemplate {
    ListedTemplate {
        name: "order_ready".into(),
        language: "en_US".into(),
        status: status.into(),
        reason: (status == "PAUSED").then(|| "low quality".into()),
        category: Some(category.into()),
        quality: None,
        shape: TemplateShape {
            format: SlotFormat::Positional,
            body: Some("Come and get it.".into()),
            ..TemplateShape::default()
        },
    }
}

/// X17, X18, S2.10, S2.34: what speaks against a provider's template, each with its sentence.
#[tokio::test]
async fn every_refusal_of_a_template_is_told_with_its_sentence() {
    let utility = order_ready("UTILITY", "APPROVED");
    let marketing = order_ready("MARKETING", "APPROVED");
    let notice = crate::cloud::notice;
    let german = || {
        let mut draft = notice();
        if let DraftContent::Template(template) = &mut draft.content {
            template.language = "de".into();
        }
        draft
    };
    let cases: [(ListedTemplate, bool, Consent, Draft, &str, &str); 5] = [
        (
            order_ready("UTILITY", "PAUSED"),
            false,
            Consent::Unasked,
            notice(),
            "TEMPLATE_NOT_APPROVED",
            "The template's state at the provider is PAUSED: low quality. Use another one, or wait until it is approved.",
        ),
        (
            marketing.clone(),
            false,
            Consent::Unasked,
            notice(),
            "MARKETING_OFF",
            "Marketing is switched off in your settings. A manager can switch it on.",
        ),
        (
            marketing,
            true,
            Consent::NoMarketing,
            notice(),
            "NO_MARKETING",
            "This person asked for no marketing, and the template is marketing. Other messages may be sent.",
        ),
        (
            utility.clone(),
            false,
            Consent::Unasked,
            german(),
            "UNKNOWN_LANGUAGE",
            "the template is there in en_US; write one of them exactly, or sync the channel's templates if it is new",
        ),
        (
            utility,
            false,
            Consent::Unasked,
            notice(),
            "TEMPLATE_GONE",
            "The provider no longer has this template. Use another one; if it was made again, sync the channel's templates.",
        ),
    ];
    for (listed, marketing, consent, draft, code, sentence) in cases {
        let cloud = Cloud::new();
        let (world, tenant) = (&cloud.world, cloud.own.tenant);
        let account = cloud.own.account.as_deref().unwrap();
        let at = "2026-11-20T00:00:00Z".parse().unwrap();
        let synced = world
            .store
            .sync_template(tenant, account, &listed, at)
            .await;
        synced.unwrap();
        if code == "TEMPLATE_GONE" {
            let known = world.store.templates(tenant, false, None, 9).await.unwrap();
            let later = "2026-11-20T01:00:00Z".parse().unwrap();
            let missed = world
                .store
                .miss_template(&known.items[0], tenant, later)
                .await;
            assert!(missed.unwrap());
        }
        {
            let mut state = world.store.state();
            let company = mut_tenant(&mut state, world);
            company.settings.marketing = marketing;
            let alias = Alias::phone(&PhoneNumber::parse(&draft.to).unwrap());
            let mut contact = Contact::met_as(tenant, &alias, None);
            contact.consent = consent;
            contact.version = 1;
            state.contacts.insert((tenant, contact.id), contact);
        }
        let told = preflight(world, &draft).await;
        let reasons: Vec<_> = told
            .reasons
            .iter()
            .map(|r| (r.code(), r.message()))
            .collect();
        assert_eq!(reasons, [(code, sentence)]);
        let refused = world.send(draft).await.unwrap_err();
        assert_eq!(codes(&refused), [code]);
        assert_eq!(world.sends(), 0);
    }
}
