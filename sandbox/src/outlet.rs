//! Where one party's webhooks go: the addresses, the repeats, the lanes that carry them,
//! and the secret that signs them where the provider signs.

use crate::{
    channel::{Retry, Webhook, WebhookSpec},
    lanes::Lanes,
    state::{Handle, Refusal},
};

/// The way out for webhooks. A clone leads through the same lanes.
#[derive(Clone, Debug)]
pub(crate) struct Outlet {
    pub(crate) webhooks: Vec<Webhook>,
    pub(crate) connect_to: Option<String>,
    pub(crate) retry: Retry,
    pub(crate) lanes: Lanes,
    /// Signs every body as `X-Hub-Signature-256`.
    pub(crate) secret: Option<String>,
}

impl Outlet {
    /// An outlet that leads nowhere yet.
    pub(crate) fn new(handle: &Handle, retry: Retry) -> Self {
        Self {
            webhooks: Vec::new(),
            connect_to: None,
            retry,
            lanes: Lanes::start(handle),
            secret: None,
        }
    }

    /// Leads everything to the address of `spec`, or nowhere when it has none.
    pub(crate) fn lead(&mut self, spec: WebhookSpec) {
        let everything = |url| vec![Webhook::to_everything(url, spec.headers)];
        self.webhooks = spec.url.map_or_else(Vec::new, everything);
        self.connect_to = spec.connect_to;
    }

    /// The same lanes, to one other address.
    pub(crate) fn to(mut self, url: &str) -> Self {
        let headers = self.webhooks.pop().map(|webhook| webhook.headers);
        self.webhooks = vec![Webhook::to_everything(
            url.into(),
            headers.unwrap_or_default(),
        )];
        self
    }
}

/// Refuses an address that is no URL.
pub(crate) fn check_url(url: Option<&str>) -> Result<(), Refusal> {
    let Some(url) = url else {
        return Ok(());
    };
    match reqwest::Url::parse(url) {
        Ok(_) => Ok(()),
        Err(problem) => Err(Refusal::Invalid(problem.to_string())),
    }
}
