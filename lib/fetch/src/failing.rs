//! What a failed exchange with a foreign host means. Of the cause nothing is kept that the host could have
//! written.

use std::{
    error::Error,
    io::{self, ErrorKind},
};

use crate::{Refusal, resolver::NotGlobal};

/// The refusal that a failure of the HTTP client stands for.
pub(crate) fn refusal(cause: &reqwest::Error) -> Refusal {
    if cause.is_builder() {
        return Refusal::BadUrl;
    }
    let mut io_kind = None;
    for error in chain(cause) {
        if error.is::<NotGlobal>() {
            return Refusal::PrivateAddress;
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            io_kind = Some(error.kind());
        }
    }
    if cause.is_timeout() {
        return Refusal::Timeout;
    }
    // rustls reports a handshake that failed as invalid data of the stream; plain TCP never does.
    let tls = matches!(
        io_kind,
        Some(ErrorKind::InvalidData | ErrorKind::UnexpectedEof)
    );
    let what = match (cause.is_connect(), cause.is_dns(), tls) {
        (true, true, _) => "dns",
        (true, false, true) => "tls",
        (true, false, false) => "connect",
        (false, ..) => "connection closed",
    };
    Refusal::Unreachable { what }
}

/// The causes from the outermost on.
fn chain<'a>(cause: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(cause.source(), |error: &&'a (dyn Error + 'static)| {
        inner(*error)
    })
}

/// An `io::Error` around another hides it from `source`.
fn inner<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let hidden = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    match hidden {
        Some(hidden) => Some(hidden),
        None => error.source(),
    }
}
