//! What the provider posts.

use domain::{
    failure::AppFailure,
    provider::{ProviderKind, RawWebhook},
    service::ingest::Ingested,
};
use testkit::{builders::WEBHOOK_SECRET, fakes::FakeVault};

use super::World;
use crate::told::{Told, tell};

impl World {
    /// The provider posts a webhook.
    pub async fn hook(&self, body: String) {
        self.plan(body);
        self.post_planned().await;
    }

    /// The provider is going to post a webhook: from here on it does so until it is answered, whoever
    /// dies meanwhile.
    pub fn plan(&self, body: String) {
        if self.child {
            tell(&Told::Hook { body: body.clone() });
        }
        self.planned.lock().unwrap().push(body);
    }

    /// It posts what was planned.
    pub async fn post_planned(&self) {
        let planned = std::mem::take(&mut *self.planned.lock().unwrap());
        for body in planned {
            // An answer other than 200 makes the provider post it again.
            let _ = self.deliver(&body).await;
        }
    }

    pub async fn deliver(&self, body: &str) -> Result<Ingested, AppFailure> {
        let raw = RawWebhook {
            key: None,
            headers: vec![(
                "x-webhook-secret".to_owned(),
                WEBHOOK_SECRET.as_bytes().to_vec(),
            )],
            body: body.as_bytes().to_vec(),
        };
        let key = &self.company.channel.key;
        self.ingest()
            .run(&FakeVault, ProviderKind::Whapi, Some(key), &raw)
            .await
    }
}
