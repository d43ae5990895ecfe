//! The platform's account at WHAPI as bodies: what is set, and what is shown. Secrets go in alone.

use domain::{
    channel::Secret,
    partner::{BalanceNotice, PartnerSettings},
    service::partner_settings::{PartnerChange, Tested},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::webhook_urls::WebhookUrls;

/// What is to change about the account; one of them at least. What is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlatformWhapiChange)]
pub struct PutWhapi {
    /// The Partner Bearer Token.
    #[schema(value_type = Option<String>, format = Password, write_only)]
    partner_token: Option<Secret>,
    /// The project that channels are made in.
    #[schema(example = "Xk2mProject")]
    project_id: Option<String>,
    /// What WHAPI calls the partner; notices of low days are registered under it.
    #[schema(example = "waypost")]
    partner_name: Option<String>,
    /// The secret that notices bring in `X-Webhook-Secret`, for an address that is registered by hand.
    #[schema(value_type = Option<String>, format = Password, write_only)]
    webhook_secret: Option<Secret>,
    /// Whether a company gets the unused days of a deleted channel back. They are from the beginning.
    credit_unused_days: Option<bool>,
}

impl From<PutWhapi> for PartnerChange {
    fn from(put: PutWhapi) -> Self {
        Self {
            token: put.partner_token,
            project: put.project_id,
            partner: put.partner_name,
            webhook_secret: put.webhook_secret,
            keeps_unused_days: put.credit_unused_days.map(|credit| !credit),
        }
    }
}

/// When WHAPI is to notify.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PartnerNotices)]
pub struct PostedNotices {
    /// Below so many days: 1 to 100,000.
    #[schema(example = 30)]
    pub days_limit: u32,
}

/// The platform's account at WHAPI, without its secrets.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlatformWhapi)]
pub struct WhapiSettingsShown {
    /// Whether a partner token is set.
    has_partner_token: bool,
    /// The last four characters of the partner token; empty without one.
    partner_token_hint: String,
    /// The project that channels are made in.
    project_id: Option<String>,
    /// What WHAPI calls the partner.
    partner_name: Option<String>,
    /// What the page shows on top while the partner token is missing or refused; null while all is well.
    banner: Option<&'static str>,
    /// Whether a company gets the unused days of a deleted channel back.
    credit_unused_days: bool,
    /// When WHAPI was last asked whether it takes the token.
    tested_at: Option<Timestamp>,
    /// When people last changed this.
    changed_at: Option<Timestamp>,
    /// Where notices of low days go.
    webhook: NoticeHookShown,
}

/// Where notices of the partner's days go.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PartnerNoticeWebhook)]
struct NoticeHookShown {
    /// The address, to be kept secret; null before anything is set.
    url: Option<String>,
    /// The header that notices bring their secret in.
    header: &'static str,
    /// Whether a secret is set; without one every notice is refused.
    has_secret: bool,
    /// What WHAPI posts there.
    event: &'static str,
    /// Below how many days WHAPI was told to notify.
    days_limit: Option<u32>,
    /// When WHAPI took the address; null when nobody registered it here.
    registered_at: Option<Timestamp>,
}

impl WhapiSettingsShown {
    /// The settings, without their secrets.
    pub fn new(settings: PartnerSettings, webhooks: &WebhookUrls) -> Self {
        Self {
            has_partner_token: settings.sealed_token.is_some(),
            banner: settings.banner(),
            partner_token_hint: settings.token_hint,
            project_id: settings.project,
            partner_name: settings.partner,
            credit_unused_days: !settings.keeps_unused_days,
            tested_at: settings.tested_at,
            changed_at: settings.changed_at,
            webhook: NoticeHookShown {
                url: settings.key.as_ref().map(|key| webhooks.of_partner(key)),
                header: "X-Webhook-Secret",
                has_secret: !settings.webhook_secrets.is_empty(),
                event: "days",
                days_limit: settings.days_limit,
                registered_at: settings.registered_at,
            },
        }
    }
}

/// What WHAPI answered to a test.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlatformWhapiTest)]
pub struct WhapiTested {
    /// The ids of the projects that the token opens.
    projects: Vec<String>,
    /// Whether the project that is set is one of them; null while none is set.
    project_found: Option<bool>,
    /// The settings after the test.
    settings: WhapiSettingsShown,
}

impl WhapiTested {
    /// What came of a test.
    pub fn new(tested: Tested, webhooks: &WebhookUrls) -> Self {
        Self {
            project_found: tested.project_found(),
            projects: tested.projects,
            settings: WhapiSettingsShown::new(tested.settings, webhooks),
        }
    }
}

/// The partner's balance of days.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PartnerBalance)]
pub struct BalanceShown {
    /// The latest notice; null before the first.
    latest: Option<NoticeShown>,
    /// What the page says of it; null before the first, and when it named no days.
    #[schema(example = "Partner balance: 12 days remaining (updated 2026-11-21T10:00:00Z)")]
    sentence: Option<String>,
    /// A page of notices, newest first.
    items: Vec<NoticeShown>,
    /// Where the next page begins; null at the end.
    next_cursor: Option<String>,
}

/// A notice of WHAPI's about the partner's days.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PartnerBalanceNotice)]
struct NoticeShown {
    /// Its id.
    id: String,
    /// Days that the partner has left; null when the notice named them in no way that is known.
    current_days: Option<i64>,
    /// Below how many WHAPI notifies.
    days_limit: Option<i64>,
    /// When it came.
    received_at: Timestamp,
    /// Its body, as it came.
    raw: String,
}

impl From<BalanceNotice> for NoticeShown {
    fn from(notice: BalanceNotice) -> Self {
        Self {
            id: notice.id.to_string(),
            current_days: notice.current_days,
            days_limit: notice.days_limit,
            received_at: notice.received_at,
            raw: notice.raw,
        }
    }
}

impl BalanceShown {
    /// The latest notice and a page of them.
    pub fn new(
        latest: Option<BalanceNotice>,
        items: Vec<BalanceNotice>,
        next_cursor: Option<String>,
    ) -> Self {
        Self {
            sentence: latest.as_ref().and_then(BalanceNotice::sentence),
            latest: latest.map(NoticeShown::from),
            items: items.into_iter().map(NoticeShown::from).collect(),
            next_cursor,
        }
    }
}
