//! Why a file was not fetched or not taken.

/// Why a file was not fetched or not taken; `Display` is the sentence for people. It holds nothing that
/// the server sent, and not the address: both may be secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Unreadable, or with a user name or password.
    #[error(
        "This is not an address a file can be fetched from. Write https://host/path, without a user name."
    )]
    BadUrl,
    /// Another scheme.
    #[error("Files are only fetched over https. Use an address that begins with https://.")]
    NotHttps,
    /// Another port than 443.
    #[error("Files are only fetched from port 443. Use an address without a port.")]
    BadPort,
    /// The name or the address does not lead to the public internet.
    #[error(
        "This address leads into a private network. Use one that everybody on the internet can reach."
    )]
    PrivateAddress,
    /// The server names another address.
    #[error(
        "This address forwards to another one, which is not followed. Use the address of the file itself."
    )]
    Redirect,
    /// The server answered, and not with the file.
    #[error("The server answered with status {0} instead of the file.")]
    Status(u16),
    /// Longer than the caller takes.
    #[error("The file is larger than {most} bytes. Use a smaller one.")]
    TooLarge {
        /// The most the caller takes.
        most: u64,
    },
    /// Compressed on the way, though that was declined.
    #[error("The server sent the file compressed. Have it sent as it is.")]
    Compressed,
    /// The whole file did not arrive in time.
    #[error("The file did not arrive in time.")]
    Timeout,
    /// No connection, or one that broke.
    #[error("The server could not be reached ({what}).")]
    Unreachable {
        /// Where it failed: `dns`, `tls`, `connect` or `connection closed`.
        what: &'static str,
    },
    /// No bytes.
    #[error("The file is empty.")]
    Empty,
    /// Not one of the types that are kept.
    #[error(
        "Files of this type are not taken. Use a picture, an audio or video file, a PDF, an Office document without macros, plain text or CSV."
    )]
    TypeNotAllowed,
}

impl Refusal {
    /// The machine's name of it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BadUrl => "BAD_URL",
            Self::NotHttps => "NOT_HTTPS",
            Self::BadPort => "BAD_PORT",
            Self::PrivateAddress => "PRIVATE_ADDRESS",
            Self::Redirect => "REDIRECT",
            Self::Status(_) => "STATUS",
            Self::TooLarge { .. } => "TOO_LARGE",
            Self::Compressed => "COMPRESSED",
            Self::Timeout => "TIMEOUT",
            Self::Unreachable { .. } => "UNREACHABLE",
            Self::Empty => "EMPTY",
            Self::TypeNotAllowed => "TYPE_NOT_ALLOWED",
        }
    }

    /// Whether the same fetch may succeed later.
    #[must_use]
    pub const fn may_help_to_retry(self) -> bool {
        match self {
            Self::Timeout | Self::Unreachable { .. } => true,
            Self::Status(status) => matches!(status, 408 | 425 | 429 | 500..=599),
            Self::BadUrl
            | Self::NotHttps
            | Self::BadPort
            | Self::PrivateAddress
            | Self::Redirect
            | Self::TooLarge { .. }
            | Self::Compressed
            | Self::Empty
            | Self::TypeNotAllowed => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_pass_by_itself_is_worth_another_try() {
        for (refusal, again) in [
            (Refusal::Timeout, true),
            (Refusal::Unreachable { what: "dns" }, true),
            (Refusal::Status(429), true),
            (Refusal::Status(503), true),
            (Refusal::Status(401), false),
            (Refusal::Status(404), false),
            (Refusal::Redirect, false),
            (Refusal::PrivateAddress, false),
            (Refusal::TooLarge { most: 1 }, false),
            (Refusal::TypeNotAllowed, false),
        ] {
            assert_eq!(refusal.may_help_to_retry(), again, "{}", refusal.code());
        }
    }
}
