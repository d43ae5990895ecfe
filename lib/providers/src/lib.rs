#![doc = include_str!("../README.md")]
// A new variant of ours must be decided, not defaulted.
#![cfg_attr(not(test), warn(clippy::wildcard_enum_match_arm))]

mod lenient;
mod messenger360;
mod meta_cloud;
mod moment;
mod scrub;
pub mod transport;
mod whapi;

#[cfg(test)]
mod contract;

use domain::{
    failure::ProviderFailure,
    provider::{Adapter, ProviderKind},
};

pub use self::transport::{BadEndpoint, Endpoints, Transport};

/// What a notice of WHAPI's about the partner's days says. Fits [`domain::partner::ReadNotice`].
pub use self::whapi::partner::notice;

/// What a provider without templates answers to questions for them.
const NO_TEMPLATES: ProviderFailure = ProviderFailure::Unsupported {
    what: "templates of the provider's own",
};

/// The adapter of a provider; the one match over [`ProviderKind`]. Fits [`domain::provider::Adapters`].
#[must_use]
pub fn adapter(kind: ProviderKind) -> &'static dyn Adapter {
    match kind {
        ProviderKind::Whapi => &whapi::Whapi,
        ProviderKind::Meta => &meta_cloud::MetaCloud,
        ProviderKind::Messenger360 => &messenger360::Messenger360,
    }
}
