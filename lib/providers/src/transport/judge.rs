//! Sent or not sent: the only place that decides it from a failed exchange.

use std::{
    error::Error,
    io::{self, ErrorKind},
};

use domain::failure::ProviderFailure;

/// The request could not even be built.
pub(super) const NOT_BUILT: ProviderFailure = ProviderFailure::NotSent { what: "build" };

/// Doubt, and where it comes from.
pub(super) fn unknown(what: &'static str) -> ProviderFailure {
    ProviderFailure::OutcomeUnknown { what: what.into() }
}

/// A failure before an answer began. Only what failed while connecting is known not to be sent.
pub(super) fn of_request(cause: reqwest::Error) -> ProviderFailure {
    if cause.is_builder() {
        return NOT_BUILT;
    }
    // Set by the connector alone: names, TCP and TLS come before the first byte of a request.
    if cause.is_connect() {
        let what = if cause.is_dns() {
            "dns"
        } else if is_tls(&cause) {
            "tls"
        } else {
            "connect"
        };
        return ProviderFailure::NotSent { what };
    }
    of_body(cause)
}

/// A failure after the request was handed to a connection: it may have been read and obeyed.
pub(super) fn of_body(cause: reqwest::Error) -> ProviderFailure {
    if cause.is_timeout() {
        return unknown("timeout");
    }
    let reset = matches!(
        io_kind(&cause),
        Some(ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe)
    );
    unknown(if reset { "reset" } else { "connection closed" })
}

/// rustls reports a handshake that failed as invalid data of the stream; plain TCP never does.
fn is_tls(cause: &reqwest::Error) -> bool {
    matches!(
        io_kind(cause),
        Some(ErrorKind::InvalidData | ErrorKind::UnexpectedEof)
    )
}

/// The innermost stream error. An `io::Error` around another hides it from `source`.
fn io_kind(cause: &reqwest::Error) -> Option<ErrorKind> {
    let mut next = cause.source();
    let mut found = None;
    while let Some(error) = next {
        let inner = error.downcast_ref::<io::Error>().and_then(|error| {
            found = Some(error.kind());
            error.get_ref()
        });
        next = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    found
}
