//! What webhooks told of providers' templates.

use domain::{
    ids::TenantId,
    ports::ProviderTemplates,
    provider::{TemplateChange, TemplateItem},
    template::KnownTemplate,
};

use crate::world::{World, later};

fn status(status: &str, reason: Option<&str>) -> TemplateChange {
    TemplateChange::Status {
        status: status.into(),
        reason: reason.map(Into::into),
    }
}

#[tokio::test]
async fn of_each_kind_of_change_the_newest_counts() {
    let world = World::start().await;
    let tell = async |change: TemplateChange, at| {
        let item = TemplateItem {
            name: "welcome".into(),
            language: "en_US".into(),
            change,
        };
        let noted = world
            .store
            .note_template(world.tenant, "1001", &item, later(at));
        noted.await.unwrap();
    };
    let read = async |tenant, account, name, language| {
        let read = world.store.template(tenant, account, name, language).await;
        read.unwrap().map(|template| template.known)
    };
    let own = world.tenant;
    assert_eq!(read(own, "1001", "welcome", "en_US").await, None);
    tell(status("REJECTED", Some("It promises too much.")), 10).await;
    tell(status("PENDING", None), 5).await;
    tell(TemplateChange::Category("UTILITY".into()), 7).await;
    tell(TemplateChange::Category("MARKETING".into()), 7).await;
    tell(TemplateChange::Quality("GREEN".into()), 2).await;
    let mut expected = KnownTemplate {
        status: Some("REJECTED".into()),
        reason: Some("It promises too much.".into()),
        category: Some("MARKETING".into()),
        quality: Some("GREEN".into()),
        changed_at: Some(later(10)),
    };
    assert_eq!(
        read(own, "1001", "welcome", "en_US").await,
        Some(expected.clone())
    );
    tell(status("APPROVED", None), 20).await;
    expected.status = Some("APPROVED".into());
    expected.reason = None;
    expected.changed_at = Some(later(20));
    assert_eq!(read(own, "1001", "welcome", "en_US").await, Some(expected));
    for (tenant, account, name, language) in [
        (TenantId::fresh(), "1001", "welcome", "en_US"),
        (own, "1002", "welcome", "en_US"),
        (own, "1001w", "elcome", "en_US"),
        (own, "1001", "welcome", "en"),
        (own, "1001", "welcome", ""),
    ] {
        assert_eq!(
            read(tenant, account, name, language).await,
            None,
            "{account} {name}"
        );
    }
    assert_eq!(world.count().await, 1);
}
