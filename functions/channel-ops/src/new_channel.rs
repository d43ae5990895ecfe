//! The body of `POST /v1/channels`. Secrets are wrapped as they are read, so that nothing prints them.

use domain::{
    channel::Secret,
    failure::{AppFailure, FieldProblem},
    phone::PhoneNumber,
    service::{
        managed::Order,
        new_channel::{Messenger360Setup, MetaSetup, NewChannel, Randoms},
    },
};
use serde::Deserialize;
use utoipa::ToSchema;

/// A channel to be made, with the object of its provider: `meta` or `messenger360`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewChannel)]
pub struct PostedChannel {
    provider: Provider,
    /// The company's own name for it: 1 to 80 characters.
    #[schema(example = "Shop")]
    name: String,
    /// Whether it becomes the one that is used when a request names none; the first channel always does.
    default: Option<bool>,
    /// At WHAPI: the number it is meant for, if known.
    #[schema(value_type = Option<String>, example = "+97333000042")]
    phone: Option<PhoneNumber>,
    /// At WHAPI: days to extend it by, 1 to 365; 30, or what is free, when left out.
    #[schema(minimum = 1, maximum = 365)]
    days: Option<u32>,
    meta: Option<PostedMeta>,
    messenger360: Option<Posted360>,
}

/// Whose API it speaks. A channel at `whapi` is not made from credentials: Waypost orders it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = NewChannelProvider)]
enum Provider {
    Meta,
    Messenger360,
    Whapi,
}

/// A number at Meta's Cloud API.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMetaChannel)]
struct PostedMeta {
    /// Meta's id of the number.
    #[schema(example = "106000000000042")]
    phone_number_id: String,
    /// Meta's id of the WhatsApp Business Account.
    #[schema(example = "207000000000042")]
    business_account_id: String,
    /// A token that may send from the number.
    #[schema(value_type = String, format = Password, write_only)]
    access_token: Secret,
    /// The secret of the company's own app at Meta; leave it out when the number belongs to the
    /// platform's app.
    #[schema(value_type = Option<String>, format = Password, write_only)]
    app_secret: Option<Secret>,
    /// For Meta's question whether the channel's own webhook address is ours; a random one when left
    /// out, shown once in the answer.
    #[schema(value_type = Option<String>, format = Password, write_only)]
    verify_token: Option<Secret>,
    /// The version of the Graph API; the one Waypost was tested with when left out.
    #[schema(example = "v22.0")]
    api_version: Option<String>,
    /// Whether the number is also used in the WhatsApp Business app, which makes it slower.
    coexistence: Option<bool>,
}

/// A number at 360Messenger.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = New360MessengerChannel)]
struct Posted360 {
    /// The number that sends, with its country code.
    #[schema(value_type = String, example = "+97333000042")]
    phone: PhoneNumber,
    /// The API key of the number.
    #[schema(value_type = String, format = Password, write_only)]
    api_key: Secret,
    /// `v1` or `v2`; `v2` when left out.
    #[schema(example = "v2")]
    api_version: Option<String>,
}

/// What was posted, as the service takes it.
#[derive(Debug)]
pub struct Posted {
    /// The channel.
    pub new: NewChannel,
    /// The verify token that was made for it, to be shown this once; none where the caller chose one, or
    /// the provider knows no such thing.
    pub verify_token: Option<Secret>,
}

impl PostedChannel {
    /// Whether Waypost makes it and pays for it.
    pub fn is_ordered(&self) -> bool {
        self.provider == Provider::Whapi
    }

    /// The order of a channel at WHAPI.
    ///
    /// # Errors
    /// VALIDATION for credentials, which such a channel has none of, and for what the first channel is
    /// anyway.
    pub fn order(self) -> Result<Order, AppFailure> {
        for (field, given) in [
            ("meta", self.meta.is_some()),
            ("messenger360", self.messenger360.is_some()),
            ("default", self.default.is_some()),
        ] {
            if given {
                return Err(wrong(
                    field,
                    "NOT_HERE",
                    "leave it out: a channel at WHAPI is made by Waypost, and may be made the default one later",
                ));
            }
        }
        Ok(Order {
            name: self.name,
            phone: self.phone,
            days: self.days,
        })
    }

    /// As the service takes it.
    ///
    /// # Errors
    /// VALIDATION with every wrong field.
    pub fn read(self, randoms: Randoms) -> Result<Posted, AppFailure> {
        for (field, given) in [
            ("phone", self.phone.is_some()),
            ("days", self.days.is_some()),
        ] {
            if given {
                return Err(wrong(
                    field,
                    "NOT_HERE",
                    "leave it out: only channels at WHAPI are ordered with it",
                ));
            }
        }
        let default = self.default.unwrap_or(false);
        let name = self.name.as_str();
        match (self.provider, self.meta, self.messenger360) {
            (Provider::Meta, Some(meta), None) => {
                let own = meta.verify_token.is_some();
                let verify_token = (!own).then(|| randoms.verify_token.clone());
                let new = NewChannel::meta(name, meta.setup(), randoms, default)?;
                Ok(Posted { new, verify_token })
            }
            (Provider::Messenger360, None, Some(m360)) => Ok(Posted {
                new: NewChannel::messenger360(name, m360.setup(), randoms, default)?,
                verify_token: None,
            }),
            (Provider::Whapi, _, _) => Err(wrong(
                "provider",
                "NOT_HERE",
                "a WHAPI channel is made at WHAPI by Waypost, not from credentials; use meta or messenger360 here",
            )),
            (Provider::Meta, meta, _) => Err(objects("meta", meta.is_some(), "messenger360")),
            (Provider::Messenger360, _, m360) => {
                Err(objects("messenger360", m360.is_some(), "meta"))
            }
        }
    }
}

impl PostedMeta {
    fn setup(self) -> MetaSetup {
        MetaSetup {
            phone_number_id: self.phone_number_id,
            business_account_id: self.business_account_id,
            access_token: self.access_token,
            app_secret: self.app_secret,
            verify_token: self.verify_token,
            api_version: self.api_version,
            coexistence: self.coexistence.unwrap_or(false),
        }
    }
}

impl Posted360 {
    fn setup(self) -> Messenger360Setup {
        Messenger360Setup {
            phone: self.phone,
            api_key: self.api_key,
            api_version: self.api_version,
        }
    }
}

/// The provider's own object is missing, or another's is there.
fn objects(own: &'static str, given: bool, other: &'static str) -> AppFailure {
    if given {
        return wrong(
            other,
            "OTHER_PROVIDER",
            format!("the provider is {own}; leave `{other}` out"),
        );
    }
    wrong(
        own,
        "REQUIRED",
        format!("the provider is {own}; give its credentials in `{own}`"),
    )
}

fn wrong(field: &'static str, code: &'static str, message: impl Into<String>) -> AppFailure {
    AppFailure::validation(
        "It cannot be set up like this; see the fields.",
        vec![FieldProblem::new(field, code, message)],
    )
}
