//! What can go wrong, and who decides what follows.
//!
//! | type | made by | says |
//! |---|---|---|
//! | [`StoreFailure`] | store, queue, files, mail, vault | an outside world of ours failed; retryable or not |
//! | [`ProviderFailure`] | providers | how far a request to a provider got; the doubt is in the type |
//! | [`AppFailure`] | services | what the caller is told: one code, one HTTP status |
//!
//! `retryable` is always computed from the cause, never passed in.

use std::{borrow::Cow, collections::BTreeMap, error::Error, fmt, time::Duration};

/// The cause of a failure, for the log only.
pub type BoxError = Box<dyn Error + Send + Sync + 'static>;

/// What a caller is told; each code has exactly one HTTP status (in `runtime`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// No verified identity: 401.
    Unauthorized,
    /// The role is too low, or a plan limit was reached: 403.
    Forbidden,
    /// No such thing in this tenant; another tenant's things do not exist: 404.
    NotFound,
    /// The request is understood and wrong: 422 (400 when the body cannot be read).
    Validation,
    /// The thing is in a state that does not allow this: 409.
    Conflict,
    /// Our own storage failed: 503 when retryable, else 500.
    DbError,
    /// The provider failed or refused: 503 when retryable, else 502.
    ProviderError,
    /// Everything unforeseen: 500.
    Unknown,
}

impl Code {
    /// The code as it stands in an answer.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthorized => "UNAUTHORIZED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::Validation => "VALIDATION",
            Self::Conflict => "CONFLICT",
            Self::DbError => "DB_ERROR",
            Self::ProviderError => "PROVIDER_ERROR",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// One thing wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// Path of the field as the caller wrote it: `buttons[1].title`.
    pub field: String,
    /// A machine code: `TOO_LONG`.
    pub code: &'static str,
    /// What is wrong and what to do, in one sentence.
    pub message: String,
}

impl FieldProblem {
    /// A problem of one field.
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            code,
            message: message.into(),
        }
    }
}

/// A failure as the caller of a service sees it.
#[derive(Debug)]
pub struct AppFailure {
    code: Code,
    message: Cow<'static, str>,
    fields: Vec<FieldProblem>,
    details: BTreeMap<&'static str, String>,
    retryable: bool,
    unreadable: bool,
    retry_after: Option<Duration>,
    source: Option<BoxError>,
}

impl AppFailure {
    fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            fields: Vec::new(),
            details: BTreeMap::new(),
            retryable: false,
            unreadable: false,
            retry_after: None,
            source: None,
        }
    }

    /// No verified identity came with the request.
    pub fn unauthorized(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Unauthorized, message)
    }

    /// The role does not allow this, or a plan limit was reached.
    pub fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Forbidden, message)
    }

    /// There is no such thing in this tenant.
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::NotFound, message)
    }

    /// The request is wrong; every problem is named at once.
    pub fn validation(message: impl Into<Cow<'static, str>>, fields: Vec<FieldProblem>) -> Self {
        let mut failure = Self::new(Code::Validation, message);
        failure.fields = fields;
        failure
    }

    /// One field is wrong; the sentence says which, and how to mend it.
    #[must_use]
    pub fn wrong(problem: FieldProblem) -> Self {
        let told = format!("`{}` is wrong: {}.", problem.field, problem.message);
        Self::validation(told, vec![problem])
    }

    /// The body is no JSON of the wanted shape: HTTP 400 instead of 422.
    pub fn unreadable(message: impl Into<Cow<'static, str>>) -> Self {
        let mut failure = Self::new(Code::Validation, message);
        failure.unreadable = true;
        failure
    }

    /// The thing is in a state that does not allow this.
    pub fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Conflict, message)
    }

    /// The provider did not take a message that a person waits for. It says so to them, and that they
    /// may try again is what `retryable` means here (X10); nothing is tried again by itself.
    pub fn not_taken(reason: impl Into<Cow<'static, str>>) -> Self {
        let mut failure = Self::new(Code::ProviderError, reason);
        failure.retryable = true;
        failure
    }

    /// A question to the provider went unanswered. A question changes nothing there, so it may be asked
    /// again whatever became of it.
    pub fn unanswered(cause: ProviderFailure) -> Self {
        let passing = match &cause {
            ProviderFailure::NotSent { .. }
            | ProviderFailure::RateLimited { .. }
            | ProviderFailure::OutcomeUnknown { .. } => true,
            ProviderFailure::Rejected { .. }
            | ProviderFailure::Unsupported { .. }
            | ProviderFailure::Unverified => false,
        };
        let mut failure = Self::from(cause);
        if passing {
            failure.message =
                "The provider could not be asked just now; nothing was changed. Please try again in a moment."
                    .into();
            failure.retryable = true;
        }
        failure
    }

    /// Something nobody foresaw; the cause is logged, the caller learns nothing of it.
    pub fn unknown(source: impl Into<BoxError>) -> Self {
        let mut failure = Self::new(
            Code::Unknown,
            "Something went wrong on our side. Please try again; the request id helps support to find it.",
        );
        failure.source = Some(source.into());
        failure
    }

    /// Adds a machine-readable detail: `reason` → `DAILY_LIMIT`.
    #[must_use]
    pub fn with_detail(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.details.insert(name, value.into());
        self
    }

    /// The code.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The sentence for the caller.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Every field that is wrong.
    #[must_use]
    pub fn fields(&self) -> &[FieldProblem] {
        &self.fields
    }

    /// Machine-readable details.
    #[must_use]
    pub const fn details(&self) -> &BTreeMap<&'static str, String> {
        &self.details
    }

    /// Whether doing the same again may work.
    #[must_use]
    pub const fn retryable(&self) -> bool {
        self.retryable
    }

    /// Whether the body could not be read at all (400 instead of 422).
    #[must_use]
    pub const fn is_unreadable(&self) -> bool {
        self.unreadable
    }

    /// How long to wait before trying again, where the cause says so.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}

impl fmt::Display for AppFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

impl Error for AppFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|e| e as &(dyn Error + 'static))
    }
}

impl From<StoreFailure> for AppFailure {
    fn from(cause: StoreFailure) -> Self {
        let message = if cause.retryable() {
            "Our storage did not answer in time. Nothing was lost; please try again."
        } else {
            "Our storage refused the request. The request id helps support to find it."
        };
        let mut failure = Self::new(Code::DbError, message);
        failure.retryable = cause.retryable();
        failure.source = Some(Box::new(cause));
        failure
    }
}

impl From<ProviderFailure> for AppFailure {
    fn from(cause: ProviderFailure) -> Self {
        if matches!(cause, ProviderFailure::Unverified) {
            return Self::unauthorized("The webhook could not be verified.");
        }
        let mut failure = Self::new(Code::ProviderError, cause.to_string());
        failure.retryable = cause.retryable();
        failure.retry_after = match &cause {
            ProviderFailure::RateLimited { retry_after } => *retry_after,
            ProviderFailure::NotSent { .. }
            | ProviderFailure::Rejected { .. }
            | ProviderFailure::Unsupported { .. }
            | ProviderFailure::OutcomeUnknown { .. }
            | ProviderFailure::Unverified => None,
        };
        failure.source = Some(Box::new(cause));
        failure
    }
}

/// Our own storage, queue, key service, file store or mail service failed.
#[derive(Debug, thiserror::Error)]
#[error("{operation}: {kind}")]
pub struct StoreFailure {
    operation: &'static str,
    kind: StoreFailureKind,
    #[source]
    source: Option<BoxError>,
}

/// What kind of failure of our own storage this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreFailureKind {
    /// A condition did not hold: somebody else was first.
    #[error("a condition did not hold")]
    Conflict,
    /// Throttled, or a transaction conflict that lasted.
    #[error("throttled")]
    Throttled,
    /// Timeout, connection lost, internal error of the service.
    #[error("unavailable")]
    Unavailable,
    /// It may have been done, and nobody knows: a mail whose answer was lost. Never repeated blindly.
    #[error("may or may not have been done")]
    Doubtful,
    /// Refused for good: no permission, no such table, too large.
    #[error("refused")]
    Refused,
    /// What is stored cannot be read as what it should be.
    #[error("unreadable item")]
    Corrupt,
}

impl StoreFailure {
    /// A failure of `operation` (a constant name such as `messages.save`, never data).
    pub fn new(operation: &'static str, kind: StoreFailureKind) -> Self {
        Self {
            operation,
            kind,
            source: None,
        }
    }

    /// The same with its cause, for the log.
    #[must_use]
    pub fn because(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What kind of failure it is.
    #[must_use]
    pub const fn kind(&self) -> StoreFailureKind {
        self.kind
    }

    /// Whether doing the same again may work.
    #[must_use]
    pub const fn retryable(&self) -> bool {
        match self.kind {
            StoreFailureKind::Conflict
            | StoreFailureKind::Throttled
            | StoreFailureKind::Unavailable => true,
            StoreFailureKind::Doubtful | StoreFailureKind::Refused | StoreFailureKind::Corrupt => {
                false
            }
        }
    }
}

/// How far a request to a provider got, in the order the doubt grows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderFailure {
    /// Name, connect or TLS failed: no byte of the request was accepted.
    #[error("The provider could not be reached ({what}); the message was not sent.")]
    NotSent {
        /// Where it failed: `connect`, `dns`, `tls`, `build`.
        what: &'static str,
    },
    /// The provider asked to slow down; known not sent.
    #[error("The provider's rate limit was reached; the message was not sent.")]
    RateLimited {
        /// How long the provider asked us to wait.
        retry_after: Option<Duration>,
    },
    /// The provider said no.
    #[error("{reason}")]
    Rejected {
        /// Our code for it, stable for machines: `CHANNEL_UNAUTHORIZED`.
        code: Cow<'static, str>,
        /// One sentence for people, with what to do.
        reason: String,
    },
    /// This provider cannot do this; known before sending.
    #[error("This channel's provider cannot send this: {what}.")]
    Unsupported {
        /// What it cannot do.
        what: &'static str,
    },
    /// Sent, and then a timeout, a reset, a 5xx or an unreadable answer.
    #[error("The provider did not confirm the message ({what}); it may or may not have been sent.")]
    OutcomeUnknown {
        /// What happened: `timeout`, `reset`, `http 500`, `unreadable answer`.
        what: Cow<'static, str>,
    },
    /// Webhook signature or secret missing or wrong.
    #[error("the webhook could not be verified")]
    Unverified,
}

impl ProviderFailure {
    /// Whether a person may press Retry without risking a second message. An unknown outcome is
    /// never retryable: it is reconciled first.
    #[must_use]
    pub const fn retryable(&self) -> bool {
        match self {
            Self::NotSent { .. } | Self::RateLimited { .. } => true,
            Self::Rejected { .. }
            | Self::Unsupported { .. }
            | Self::OutcomeUnknown { .. }
            | Self::Unverified => false,
        }
    }
}

#[cfg(test)]
mod tests;
