//! What is registered at Meta, and who wrote to whom when.

use std::collections::{BTreeMap, HashMap};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::{
    errors::Problem,
    specs::{AppSpec, MediaSpec, NumberSpec, TemplateSpec, WabaSpec},
};
use crate::{
    outlet::{Outlet, check_url},
    state::{Handle, Refusal},
};

/// How long somebody can be answered freely.
const WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// Everything registered at Meta.
#[derive(Debug, Default)]
pub(crate) struct Business {
    pub(super) apps: HashMap<String, App>,
    pub(super) wabas: HashMap<String, Waba>,
    pub(super) numbers: BTreeMap<String, NumberSpec>,
    pub(super) media: HashMap<String, Medium>,
    /// When somebody last wrote to a number, by the number's id and any of their ids.
    heard: HashMap<(String, String), Timestamp>,
    /// The business-scoped user ids of phone numbers.
    pub(super) people: HashMap<String, String>,
    last_template: u64,
}

#[derive(Debug)]
pub(super) struct App {
    pub(super) spec: AppSpec,
    pub(super) outlet: Outlet,
}

#[derive(Debug)]
pub(super) struct Waba {
    pub(super) spec: WabaSpec,
    /// The account's own callback address.
    pub(super) outlet: Option<Outlet>,
    pub(super) templates: BTreeMap<(String, String), TemplateSpec>,
}

#[derive(Clone, Debug)]
pub(super) struct Medium {
    pub(super) spec: MediaSpec,
    pub(super) bytes: Bytes,
}

impl Business {
    /// Whether `id` is a number, an account or an app.
    pub(crate) fn knows(&self, id: &str) -> bool {
        self.numbers.contains_key(id) || self.wabas.contains_key(id) || self.apps.contains_key(id)
    }

    /// Whether any account takes this token.
    pub(super) fn takes(&self, token: &str) -> bool {
        let mut wabas = self.wabas.values();
        wabas.any(|waba| waba.spec.tokens.iter().any(|known| known == token))
    }

    /// The account of a number, or the account itself.
    pub(super) fn waba_of(&self, id: &str) -> Option<&Waba> {
        let number = self.numbers.get(id);
        self.wabas
            .get(number.map_or(id, |number| number.waba_id.as_str()))
    }

    /// The app behind a number or account, or the app itself.
    pub(super) fn app_of(&self, id: &str) -> Option<&App> {
        let waba = self.waba_of(id);
        self.apps
            .get(waba.map_or(id, |waba| waba.spec.app_id.as_str()))
    }

    /// The account of `id` if `token` may touch it.
    pub(super) fn permitted(
        &self,
        method: &str,
        id: &str,
        token: Option<&str>,
    ) -> Result<&Waba, Problem> {
        let may = |waba: &&Waba| {
            let mut tokens = waba.spec.tokens.iter();
            tokens.any(|known| Some(known.as_str()) == token)
        };
        let waba = self.waba_of(id).filter(may);
        waba.ok_or_else(|| Problem::no_object(method, id))
    }

    /// Where the webhooks of a number, account or app go, signed by the app.
    pub(crate) fn outlet(&self, id: &str) -> Option<Outlet> {
        let app = self.app_of(id)?;
        let own = self.waba_of(id).and_then(|waba| waba.outlet.as_ref());
        let mut outlet = own.unwrap_or(&app.outlet).clone();
        outlet.retry = app.spec.retry;
        outlet.secret = Some(app.spec.app_secret.clone());
        Some(outlet)
    }

    /// Somebody, known by these ids, wrote to a number.
    pub(super) fn hear(&mut self, number: &str, people: &[&str], at: Timestamp) {
        for person in people {
            let key = (number.to_owned(), (*person).to_owned());
            let last = self.heard.entry(key).or_insert(at);
            *last = (*last).max(at);
        }
    }

    /// Whether one of these ids may be answered freely.
    pub(super) fn open(&self, number: &str, people: &[&str]) -> bool {
        let now = Timestamp::now();
        people.iter().any(|person| {
            let key = (number.to_owned(), (*person).to_owned());
            let last = self.heard.get(&key);
            last.is_some_and(|last| now.duration_since(*last) < WINDOW)
        })
    }

    /// Forgets who wrote when, but nothing that was registered.
    pub(crate) fn forget_people(&mut self) {
        self.heard.clear();
        self.people.clear();
    }
}

impl Handle {
    /// Registers an app of Meta's, or replaces the one with this id.
    ///
    /// # Errors
    /// When the id, the secret or the webhook address is unusable.
    pub fn meta_app(&self, spec: AppSpec) -> Result<(), Refusal> {
        if spec.app_id.is_empty() || spec.app_secret.is_empty() {
            return Err(Refusal::Invalid("an app needs an id and a secret".into()));
        }
        let webhook = spec.webhook.clone();
        check_url(webhook.as_ref().and_then(|webhook| webhook.url.as_deref()))?;
        let outlet = Outlet::new(self, spec.retry);
        let mut memory = self.memory();
        let apps = &mut memory.business.apps;
        let app = apps.entry(spec.app_id.clone()).or_insert_with(|| App {
            spec: spec.clone(),
            outlet,
        });
        if let Some(webhook) = webhook {
            app.outlet.lead(webhook);
        }
        app.spec = spec;
        Ok(())
    }

    /// Registers a WhatsApp Business Account, or replaces the one with this id.
    ///
    /// # Errors
    /// When its app is unknown or its webhook address is unusable.
    pub fn meta_waba(&self, spec: WabaSpec) -> Result<(), Refusal> {
        let url = spec.webhook.as_ref().and_then(|own| own.url.as_deref());
        check_url(url)?;
        let mut memory = self.memory();
        let business = &mut memory.business;
        let app = business.apps.get(&spec.app_id);
        let app = app.ok_or_else(|| Refusal::Unknown("app".into()))?;
        let outlet = spec.webhook.clone().map(|webhook| {
            let mut outlet = app.outlet.clone();
            outlet.lead(webhook);
            outlet
        });
        let waba = business.wabas.entry(spec.waba_id.clone());
        let waba = waba.or_insert_with(|| Waba {
            spec: spec.clone(),
            outlet: None,
            templates: BTreeMap::new(),
        });
        waba.outlet = outlet;
        waba.spec = spec;
        Ok(())
    }

    /// Registers a number, or replaces the one with this id.
    ///
    /// # Errors
    /// When its account is unknown.
    pub fn meta_number(&self, spec: NumberSpec) -> Result<(), Refusal> {
        let mut memory = self.memory();
        if !memory.business.wabas.contains_key(&spec.waba_id) {
            return Err(Refusal::Unknown("account".into()));
        }
        let id = spec.phone_number_id.clone();
        memory.business.numbers.insert(id, spec);
        Ok(())
    }

    /// Registers a template, or replaces the one with this name and language.
    ///
    /// # Errors
    /// When its account is unknown.
    pub fn meta_template(&self, mut spec: TemplateSpec) -> Result<(), Refusal> {
        let mut memory = self.memory();
        let business = &mut memory.business;
        let waba = business.wabas.get_mut(&spec.waba_id);
        let waba = waba.ok_or_else(|| Refusal::Unknown("account".into()))?;
        let key = (spec.name.clone(), spec.language.clone());
        let known = waba.templates.get(&key).and_then(|template| template.id);
        business.last_template += 1;
        let new = 900_000_000_000 + business.last_template;
        spec.id = spec.id.or(known).or(Some(new));
        waba.templates.insert(key, spec);
        Ok(())
    }

    /// Registers a medium.
    ///
    /// # Errors
    /// When its bytes are no base64.
    pub fn meta_media(&self, spec: MediaSpec) -> Result<(), Refusal> {
        let bytes = BASE64_STANDARD
            .decode(&spec.base64)
            .map_err(|problem| Refusal::Invalid(problem.to_string()))?;
        let bytes = bytes.into();
        let id = spec.id.clone();
        let medium = Medium { spec, bytes };
        self.memory().business.media.insert(id, medium);
        Ok(())
    }

    /// Sets when `person`, by phone number or user id, last wrote to a number; never, with
    /// none.
    ///
    /// # Errors
    /// When the number is unknown.
    pub fn meta_heard(
        &self,
        phone_number_id: &str,
        person: &str,
        at: Option<Timestamp>,
    ) -> Result<(), Refusal> {
        let mut memory = self.memory();
        let business = &mut memory.business;
        if !business.numbers.contains_key(phone_number_id) {
            return Err(Refusal::channel());
        }
        let key = (phone_number_id.to_owned(), person.to_owned());
        match at {
            Some(at) => drop(business.heard.insert(key, at)),
            None => drop(business.heard.remove(&key)),
        }
        Ok(())
    }
}
