//! The manager's JSON shapes, and what the control plane shows of a partner.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::book::{Deed, Managed};
use crate::{
    orders::set,
    state::{Handle, Memory, Refusal},
};

/// A channel as `PUT /channels` and the lists show it.
pub(super) fn channel(memory: &Memory, id: &str, managed: &Managed) -> Value {
    json!({
        "apiUrl": "https://gate.whapi.cloud/",
        "id": id,
        "creationTS": managed.created.as_millisecond(),
        "ownerId": "owner-of-the-sandbox",
        "activeTill": managed.active_till.as_millisecond(),
        "token": managed.token,
        "server": 6,
        "stopped": stopped(memory, managed),
        "status": managed.status,
        "trial": managed.trial_till.as_millisecond(),
        "mode": managed.mode,
        "name": managed.name,
        "projectId": managed.project,
    })
}

/// The same with the number, as `GET /channels/{id}` shows it.
pub(super) fn shown(memory: &Memory, id: &str, managed: &Managed) -> Value {
    let mut shown = channel(memory, id, managed);
    if let Some(phone) = &managed.phone {
        set(&mut shown, "phone", phone.clone());
    }
    shown
}

fn stopped(memory: &Memory, managed: &Managed) -> bool {
    let channel = memory.channels.get(&managed.token);
    channel.is_some_and(|channel| channel.spec.health == "STOP")
}

/// An id and a token of a new channel.
pub(super) fn fresh() -> (String, String) {
    // The end of it is random; the beginning is the time.
    let random = Uuid::now_v7().simple().to_string();
    let tail: String = random.chars().skip(21).collect();
    let (head, tail) = tail.split_at(6);
    let id = format!("{head}-{tail}").to_ascii_uppercase();
    (id, format!("sandbox{}", Uuid::now_v7().simple()))
}

/// What the control plane shows of a partner.
#[derive(Clone, Debug, Serialize)]
pub struct PartnerShown {
    /// Its name.
    pub name: String,
    /// The days that it has left.
    pub live_days: i64,
    /// Below so many a notice is posted.
    pub days_limit: i64,
    /// Where notices go.
    pub webhooks: Vec<String>,
    /// Its channels.
    pub channels: Vec<ManagedShown>,
    /// What it did, in order.
    pub deeds: Vec<Deed>,
}

/// What the control plane shows of a partner's channel. The token is shown: a test that lets people
/// write to a channel knows it from nowhere else.
#[derive(Clone, Debug, Serialize)]
pub struct ManagedShown {
    /// Its id.
    pub id: String,
    /// Its token at the gate.
    pub token: String,
    /// Its name.
    pub name: String,
    /// Its number, once known.
    pub phone: Option<String>,
    /// Until when it is active.
    pub active_till: Timestamp,
    /// Whether it is stopped.
    pub stopped: bool,
    /// Days that were spent on it.
    pub spent: i64,
    /// Its health at the gate.
    pub health: String,
}

impl Handle {
    /// What a partner has and did.
    ///
    /// # Errors
    /// When there is no such partner.
    pub fn partner_shown(&self, name: &str) -> Result<PartnerShown, Refusal> {
        let mut guard = self.memory();
        let token = guard.partner_called(name)?.spec.token.clone();
        let memory = &*guard;
        let partner = memory.partners.get(&token);
        let partner = partner.ok_or_else(|| Refusal::Unknown("partner".into()))?;
        let shown = |(id, managed): (&String, &Managed)| ManagedShown {
            id: id.clone(),
            token: managed.token.clone(),
            name: managed.name.clone(),
            phone: managed.phone.clone(),
            active_till: managed.active_till,
            stopped: stopped(memory, managed),
            spent: managed.spent,
            health: memory
                .channels
                .get(&managed.token)
                .map(|channel| channel.spec.health.clone())
                .unwrap_or_default(),
        };
        let webhooks = partner.outlet.webhooks.iter();
        Ok(PartnerShown {
            name: partner.spec.name.clone(),
            live_days: partner.spec.live_days,
            days_limit: partner.spec.days_limit,
            webhooks: webhooks.map(|webhook| webhook.url.clone()).collect(),
            channels: partner.channels.iter().map(shown).collect(),
            deeds: partner.deeds.clone(),
        })
    }
}
