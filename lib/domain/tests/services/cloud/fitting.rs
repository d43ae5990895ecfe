//! Values that do not fit a template that is known from the provider's list.

use domain::{
    message::{HeaderValue, Parameters, TemplateUse},
    ports::TemplateBook,
    service::accept::{Draft, DraftContent},
    template::{HeaderShape, ListedTemplate, SlotFormat, TemplateShape},
};

use super::{Cloud, notice};

fn listed(language: &str) -> ListedTemplate {
    ListedTemplate {
        name: "order_ready".into(),
        language: language.into(),
        status: "APPROVED".into(),
        reason: None,
        category: Some("UTILITY".into()),
        quality: None,
        shape: TemplateShape {
            format: SlotFormat::Positional,
            header: Some(HeaderShape::Text {
                text: "Order {{1}}".into(),
            }),
            body: Some("{{1}} and {{2}}".into()),
            ..TemplateShape::default()
        },
    }
}

async fn know(cloud: &Cloud, listed: &ListedTemplate) {
    let account = cloud.own.account.as_deref().unwrap();
    let at = "2026-11-20T00:00:00Z".parse().unwrap();
    let synced = cloud
        .world
        .store
        .sync_template(cloud.own.tenant, account, listed, at);
    synced.await.unwrap();
}

fn values(values: &[&str]) -> Parameters {
    Parameters::Positional(values.iter().map(|value| (*value).to_owned()).collect())
}

fn draft(language: &str, header: &[&str], body: &[&str]) -> Draft {
    let header = (!header.is_empty()).then(|| HeaderValue::Text {
        values: values(header),
    });
    Draft {
        content: DraftContent::Template(TemplateUse {
            name: "order_ready".into(),
            language: language.into(),
            header,
            body: values(body),
            buttons: Vec::new(),
        }),
        ..notice()
    }
}

/// Fields that are refused; none when it was sent.
async fn refused(cloud: &Cloud, draft: Draft) -> Vec<String> {
    let sent = cloud.world.send(draft).await;
    let fields =
        |problem: domain::failure::FieldProblem| format!("{} {}", problem.field, problem.code);
    let failure = sent.err();
    failure.map_or_else(Vec::new, |failure| {
        failure.fields().iter().cloned().map(fields).collect()
    })
}

/// S2.11, S2.10: a known template is sent with as many values as it has slots, in a language that it has;
/// all that does not fit is told at once, and nothing is stored or sent.
#[tokio::test]
async fn values_that_do_not_fit_are_refused_before_anything_is_stored() {
    let cloud = Cloud::new();
    let stored = cloud.world.store.state().messages.len();
    know(&cloud, &listed("en_US")).await;
    let fits = draft("en_US", &["17"], &["tea", "rice"]);
    let short = draft("en_US", &[], &["tea"]);
    let expected = ["template.header.values COUNT", "template.body COUNT"];
    assert_eq!(refused(&cloud, short).await, expected);
    let english = draft("en", &["17"], &["tea", "rice"]);
    let failure = cloud.world.send(english.clone()).await.unwrap_err();
    assert_eq!(failure.fields()[0].field, "template.language");
    assert!(failure.fields()[0].message.contains("en_US"), "{failure:?}");
    assert_eq!(cloud.world.store.state().messages.len(), stored);
    assert_eq!(cloud.world.sends(), 0);
    know(&cloud, &listed("en")).await;
    assert_eq!(refused(&cloud, english).await, [""; 0]);
    assert_eq!(refused(&cloud, fits).await, [""; 0]);
    assert_eq!(cloud.world.sends(), 2);
}

/// X18: a template that the provider's list no longer holds is not sent.
#[tokio::test]
async fn a_template_that_is_gone_is_refused() {
    let cloud = Cloud::new();
    know(&cloud, &listed("en_US")).await;
    let store = &cloud.world.store;
    let known = store
        .templates(cloud.own.tenant, false, None, 9)
        .await
        .unwrap();
    let at = "2026-11-20T01:00:00Z".parse().unwrap();
    let missed = store
        .miss_template(&known.items[0], cloud.own.tenant, at)
        .await;
    assert!(missed.unwrap());
    let sent = cloud
        .world
        .send(draft("en_US", &["17"], &["tea", "rice"]))
        .await;
    assert_eq!(sent.unwrap_err().details()["reason"], "TEMPLATE_GONE");
    assert_eq!(cloud.world.sends(), 0);
}
