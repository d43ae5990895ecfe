//! Tenants, channels and principals for tests. All names and numbers are invented.

use std::sync::atomic::{AtomicU32, Ordering};

use domain::{
    channel::{AuthStatus, Channel, ChannelKey, Pace, PlatformApp, SealedSecret, SecretHash},
    ids::{ChannelId, TenantId, UserId},
    message::{MessageType, Trigger},
    phone::PhoneNumber,
    principal::{Principal, Role},
    provider::ProviderKind,
    service::accept::{Draft, DraftContent},
    settings::Settings,
    tenant::{PlanLimits, Tenant},
};

use crate::fakes::FakeVault;

/// The webhook secret of every channel built here.
pub const WEBHOOK_SECRET: &str = "s3cret-of-the-test-channel-0123456789";

/// The secret of the app that every Meta channel built here has of its own.
pub const APP_SECRET: &str = "app-s3cret-of-the-test-channel-0123";

/// The secret of the platform's app.
pub const PLATFORM_SECRET: &str = "app-s3cret-of-the-test-platform-012";

/// The verify token of the platform's app.
pub const PLATFORM_VERIFY_TOKEN: &str = "verify-the-test-platform-0123456789";

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
                    channels: 20,
                    from: None,
                    until: None,
                }),
            },
            channel,
        }
    }

    /// A further channel at Meta, with an app of its own ([`APP_SECRET`]).
    #[must_use]
    pub fn meta_channel(&self) -> Channel {
        meta_channel(self.tenant.id)
    }

    /// A further channel at Meta that belongs to the platform's app ([`platform_app`]).
    #[must_use]
    pub fn shared_meta_channel(&self) -> Channel {
        Channel {
            sealed_app_secret: None,
            ..self.meta_channel()
        }
    }

    /// A further channel at 360Messenger.
    #[must_use]
    pub fn messenger360_channel(&self) -> Channel {
        messenger360_channel(self.tenant.id)
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
        account: None,
        phone: None,
        api: None,
        active: true,
        auth: AuthStatus::Authorized,
        health: None,
        paid_until: None,
        sealed_token: SealedSecret(vec![1, 2, 3]),
        token_hint: "c0de".into(),
        sealed_app_secret: None,
        key: ChannelKey::parse(&format!("{}{}", id.key(), "k")).unwrap(),
        webhook_secret: SecretHash::of(WEBHOOK_SECRET.as_bytes()),
        pace: Pace::WHAPI,
        created_at: "2026-11-01T08:00:00Z".parse().unwrap(),
        version: 1,
    }
}

/// An authorised channel at Meta, with a number and an account that no other channel built here has.
#[must_use]
pub fn meta_channel(tenant: TenantId) -> Channel {
    let (channel, n) = (channel(tenant), next());
    Channel {
        provider: ProviderKind::Meta,
        name: "Cloud".into(),
        provider_ref: format!("10600000000{n:04}"),
        account: Some(format!("20700000000{n:04}")),
        phone: Some(number(n)),
        api: Some("v22.0".into()),
        sealed_app_secret: Some(FakeVault::sealed(tenant, channel.id, APP_SECRET)),
        pace: Pace::META,
        ..channel
    }
}

/// An authorised channel at 360Messenger, with a number that no other channel built here has.
#[must_use]
pub fn messenger360_channel(tenant: TenantId) -> Channel {
    let phone = number(next());
    Channel {
        provider: ProviderKind::Messenger360,
        name: "Shop floor".into(),
        provider_ref: phone.digits().to_owned(),
        phone: Some(phone),
        api: Some("v2".into()),
        pace: Pace::MESSENGER360,
        ..channel(tenant)
    }
}

/// The platform's app, with one secret and one verify token.
#[must_use]
pub fn platform_app() -> PlatformApp {
    PlatformApp {
        sealed_secrets: vec![FakeVault::sealed_for_platform(PLATFORM_SECRET)],
        verify_tokens: vec![SecretHash::of(PLATFORM_VERIFY_TOKEN.as_bytes())],
        hint: "-012".into(),
        changed_at: Some("2026-11-01T08:00:00Z".parse().unwrap()),
    }
}

/// Counts what has to differ from channel to channel.
fn next() -> u32 {
    static MADE: AtomicU32 = AtomicU32::new(1);
    MADE.fetch_add(1, Ordering::Relaxed)
}

fn number(n: u32) -> PhoneNumber {
    PhoneNumber::parse(&format!("+9733300{n:04}")).unwrap()
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
        message_type: MessageType::Other,
        trigger: Trigger::Manual,
        retry: true,
        context: None,
        template: None,
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
