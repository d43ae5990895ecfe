//! Tenants, channels and principals for tests. All names and numbers are invented.

use domain::{
    channel::{AuthStatus, Channel, ChannelKey, Pace, SealedSecret, SecretHash},
    ids::{ChannelId, TenantId, UserId},
    message::Trigger,
    principal::{Principal, Role},
    provider::ProviderKind,
    service::accept::{Draft, DraftContent},
    tenant::{PlanLimits, Settings, Tenant},
};

/// The webhook secret of every channel built here.
pub const WEBHOOK_SECRET: &str = "s3cret-of-the-test-channel-0123456789";

/// A number nobody has.
pub const RECIPIENT: &str = "+97300000001";

/// A tenant with one default channel.
#[derive(Debug, Clone)]
pub struct Company {
    /// The tenant.
    pub tenant: Tenant,
    /// Its channel.
    pub channel: Channel,
}

impl Company {
    /// A company that may send 1,000 messages a day.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let id = TenantId::fresh();
        let channel = channel(id);
        Self {
            tenant: Tenant {
                id,
                name: name.into(),
                active: true,
                settings: Settings {
                    zone: "Asia/Bahrain".into(),
                    failure_email: Some(format!("ops@{name}.example")),
                    default_channel: Some(channel.id),
                    ..Settings::default()
                },
                plan: Some(PlanLimits {
                    name: "Starter".into(),
                    daily_messages: 1_000,
                    bulk_per_cycle: 10_000,
                }),
            },
            channel,
        }
    }

    /// A verified user of this company.
    #[must_use]
    pub fn user(&self, role: Role) -> Principal {
        Principal::verified(self.tenant.id, UserId::new("user-1"), role)
    }
}

/// An authorised WHAPI channel.
#[must_use]
pub fn channel(tenant: TenantId) -> Channel {
    let id = ChannelId::fresh();
    Channel {
        id,
        tenant,
        provider: ProviderKind::Whapi,
        name: "Main".into(),
        provider_ref: "FALCON-T35T1".into(),
        auth: AuthStatus::Authorized,
        paid_until: None,
        sealed_token: SealedSecret(vec![1, 2, 3]),
        key: ChannelKey::parse(&format!("{}{}", id.key(), "k")).unwrap(),
        webhook_secret: SecretHash::of(WEBHOOK_SECRET.as_bytes()),
        pace: Pace::WHAPI,
    }
}

/// A draft with two buttons.
#[must_use]
pub fn interactive_draft(to: &str) -> Draft {
    Draft {
        to: to.into(),
        name: Some("Ada Example".into()),
        channel: None,
        content: DraftContent::Interactive {
            header: Some("Delivery".into()),
            body: "Your parcel arrives tomorrow. Does that suit you?".into(),
            footer: Some("Example Courier".into()),
            buttons: vec!["Confirmed".into(), "Reschedule".into()],
        },
        scheduled_for: None,
        trigger: Trigger::Manual,
        retry: true,
    }
}

/// A draft of plain text.
#[must_use]
pub fn text_draft(to: &str, body: &str) -> Draft {
    Draft {
        content: DraftContent::Text { body: body.into() },
        ..interactive_draft(to)
    }
}
