//! Logs: JSON lines on stdout. One span per invocation carries the standard keys; a
//! failure is logged once, where it is handled; bodies, tokens and telephone numbers never are.

use std::{
    cell::RefCell,
    error::Error,
    fmt::Write as _,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use domain::{
    failure::{AppFailure, Code},
    ids::TenantId,
};
use tracing::{Span, error, field, info, info_span, level_filters::LevelFilter, warn};
use tracing_subscriber::{filter::Targets, fmt::MakeWriter, layer::SubscriberExt};

use crate::{env::Env, panics};

/// Our own crates. Everyone else's lines are kept from `WARN` on: below that, SDKs print requests.
const OURS: [&str; 8] = [
    "domain",
    "store",
    "queue",
    "files",
    "mail",
    "vault",
    "providers",
    "runtime",
];

static SERVICE: OnceLock<&'static str> = OnceLock::new();
static WARM: AtomicBool = AtomicBool::new(false);

/// Starts logging for a function; `LOG_LEVEL` is one of off, error, warn, info (the default), debug,
/// trace. From here on a panic is one log line with its place, and never with the values in its text.
pub fn init(service: &'static str, env: &Env) {
    SERVICE.get_or_init(|| service);
    let level = env
        .parsed_or("LOG_LEVEL", LevelFilter::INFO)
        .unwrap_or(LevelFilter::INFO);
    let subscriber = subscriber(service, level, std::io::stdout);
    // A second call (tests in one process) keeps the first subscriber, which is as good.
    let _already_set = tracing::subscriber::set_global_default(subscriber);
    panics::log_instead_of_printing();
}

/// The subscriber, writing anywhere: tests read what a function would have logged.
pub fn subscriber<W>(
    service: &str,
    level: LevelFilter,
    writer: W,
) -> impl tracing::Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_ansi(false)
        .with_writer(writer);
    let ours = OURS
        .into_iter()
        .map(str::to_owned)
        .chain([service.replace('-', "_")]);
    let levels = Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_targets(ours.map(|target| (target, level)));
    tracing_subscriber::registry().with(levels).with(lines)
}

thread_local! {
    /// Of the invocation at hand: an environment has one at a time, and its record spans repeat it.
    static INVOCATION: RefCell<(String, bool)> = const { RefCell::new((String::new(), false)) };
}

/// The one span of an invocation. Every key a line may carry is declared here.
pub(crate) fn invocation(function_request_id: &str) -> Span {
    let cold_start = !WARM.swap(true, Ordering::Relaxed);
    INVOCATION.set((function_request_id.to_owned(), cold_start));
    span("")
}

/// The span of one record of a batch, with the same keys: records of several tenants share an invocation.
pub(crate) fn record(record_id: &str) -> Span {
    span(record_id)
}

/// Lambda's own id of the invocation at hand, for answers to requests that have none.
pub(crate) fn function_request_id() -> String {
    INVOCATION.with_borrow(|(id, _)| id.clone())
}

fn span(record_id: &str) -> Span {
    INVOCATION.with_borrow(|(function_request_id, cold_start)| {
        info_span!(
            target: "runtime",
            "invocation",
            service = SERVICE.get().copied().unwrap_or("test"),
            cold_start,
            function_request_id,
            record_id = (!record_id.is_empty()).then_some(record_id),
            request_id = field::Empty,
            correlation_id = field::Empty,
            tenant.id = field::Empty,
            user.id = field::Empty,
        )
    })
}

/// Puts the tenant on every further line of this invocation or record.
pub fn tenant(id: TenantId) {
    Span::current().record("tenant.id", field::display(id));
}

/// Puts what ties lines of several functions together (a message's or job's id) on every further line.
pub fn correlation(id: impl std::fmt::Display) {
    Span::current().record("correlation_id", field::display(id));
}

/// Logs a failure: the one place. `what` names what failed in constant words: a route, an operation.
pub fn failed(failure: &AppFailure, what: &str) {
    let code = failure.code().as_str();
    let reason = failure.details().get("reason").map(String::as_str);
    let problems = problems(failure);
    let cause = causes(failure);
    let retryable = failure.retryable();
    match level(failure) {
        Level::Expected => info!(code, reason, problems, cause, "`{what}` answered {code}"),
        Level::Passing => warn!(
            code,
            reason, retryable, cause, "`{what}` failed for now with {code}"
        ),
        Level::Act => error!(
            code,
            reason, retryable, cause, "`{what}` failed with {code}"
        ),
    }
}

enum Level {
    /// The caller's to mend.
    Expected,
    /// Passes by itself when tried again.
    Passing,
    /// Someone should act.
    Act,
}

fn level(failure: &AppFailure) -> Level {
    match failure.code() {
        Code::Unauthorized
        | Code::Forbidden
        | Code::NotFound
        | Code::Validation
        | Code::Conflict => Level::Expected,
        Code::DbError | Code::ProviderError if failure.retryable() => Level::Passing,
        Code::DbError | Code::ProviderError | Code::Unknown => Level::Act,
    }
}

/// The codes of the wrong fields. Neither their names nor their sentences: callers can put anything
/// into an unknown field's name.
fn problems(failure: &AppFailure) -> Option<String> {
    let codes: Vec<_> = failure
        .fields()
        .iter()
        .map(|problem| problem.code)
        .collect();
    (!codes.is_empty()).then(|| codes.join(" "))
}

/// The failure's sources, outermost first, without numbers that could be a telephone's.
fn causes(failure: &AppFailure) -> Option<String> {
    let mut text = String::new();
    let mut next = failure.source();
    while let Some(cause) = next {
        let separator = if text.is_empty() { "" } else { ": " };
        // Writing to a String cannot fail.
        let _infallible = write!(text, "{separator}{cause}");
        next = cause.source();
    }
    (!text.is_empty()).then(|| without_numbers(&text))
}

/// Runs of seven and more digits keep their first three: long enough to be dialled, so never logged.
/// Digits inside a word (request ids, hashes, UUIDs) are no telephone number and stay.
pub(crate) fn without_numbers(text: &str) -> String {
    let in_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(in_word) {
        let (before, from) = rest.split_at(start);
        let (word, after) = from.split_at(from.find(|c| !in_word(c)).unwrap_or(from.len()));
        clean.push_str(before);
        let digits = word.chars().filter(char::is_ascii_digit).count();
        if digits >= 7 && word.chars().all(|c| c.is_ascii_digit() || c == '-') {
            clean.extend(word.chars().take(3));
            clean.push('…');
        } else {
            clean.push_str(word);
        }
        rest = after;
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
pub(crate) mod tests {
    use std::{cell::RefCell, io, sync::Once};

    use domain::failure::{FieldProblem, StoreFailure, StoreFailureKind};
    use serde_json::Value;

    use super::*;

    thread_local! {
        static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }

    /// What this thread has logged since. One subscriber for all tests: with one per test, tracing
    /// forgets call sites that another test's thread met first.
    pub(crate) struct Captured;

    impl Captured {
        pub(crate) fn start() -> Self {
            static ONCE: Once = Once::new();
            ONCE.call_once(|| {
                let all = subscriber("probe", LevelFilter::TRACE, || Captured);
                tracing::subscriber::set_global_default(all).unwrap();
            });
            LOGGED.take();
            Self
        }

        pub(crate) fn text(&self) -> String {
            String::from_utf8(LOGGED.with_borrow(Clone::clone)).unwrap()
        }

        pub(crate) fn lines(&self) -> Vec<Value> {
            let read = |line| serde_json::from_str(line).unwrap();
            self.text().lines().map(read).collect()
        }
    }

    impl io::Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            LOGGED.with_borrow_mut(|logged| logged.extend_from_slice(bytes));
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_is_json_with_the_standard_keys() {
        let log = Captured::start();
        let tenant_id = TenantId::fresh();
        invocation("req-1").in_scope(|| {
            tenant(tenant_id);
            info!(message.id = "m1", "sent message `m1`");
        });
        let lines = log.lines();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["message"], "sent message `m1`");
        assert_eq!(lines[0]["message.id"], "m1");
        let span = &lines[0]["span"];
        assert_eq!(span["function_request_id"], "req-1");
        assert_eq!(span["tenant.id"], tenant_id.to_string());
        assert!(span["service"].is_string() && span["cold_start"].is_boolean());
        assert!(!log.text().contains('\u{1b}'));
    }

    #[test]
    fn others_are_heard_from_warnings_on_even_at_trace() {
        let log = Captured::start();
        tracing::trace!("ours");
        tracing::trace!(target: "lambda_runtime::layers", "raw JSON event");
        tracing::debug!(target: "aws_smithy_runtime", "request");
        tracing::warn!(target: "hyper", "theirs");
        let said: Vec<_> = log
            .lines()
            .iter()
            .map(|line| line["message"].clone())
            .collect();
        assert_eq!(said, ["ours", "theirs"]);
    }

    #[test]
    fn a_failure_is_logged_at_its_level_with_its_causes_and_without_numbers() {
        let log = Captured::start();
        let store = |kind| {
            AppFailure::from(
                StoreFailure::new("messages.save", kind).because("no item for +97339000001"),
            )
        };
        failed(&store(StoreFailureKind::Unavailable), "messages");
        failed(&store(StoreFailureKind::Refused), "messages");
        failed(&AppFailure::unknown("odd"), "messages");
        let wrong = vec![FieldProblem::new(
            "to 97339000001",
            "PHONE",
            "97339000001 is no number",
        )];
        failed(
            &AppFailure::validation("97339000001 is wrong", wrong),
            "messages",
        );
        let levels: Vec<_> = log
            .lines()
            .iter()
            .map(|line| line["level"].clone())
            .collect();
        assert_eq!(levels, ["WARN", "ERROR", "ERROR", "INFO"]);
        assert_eq!(
            log.lines()[0]["cause"],
            "messages.save: unavailable: no item for +973…"
        );
        assert_eq!(log.lines()[3]["problems"], "PHONE");
        assert!(!log.text().contains("39000001"), "{}", log.text());
    }

    #[test]
    fn ids_are_no_telephone_numbers() {
        for kept in [
            "67e55044-10b1-426f-9247-bb680e5fe0c8",
            "HTTP 503 after 3000 ms",
            "req AB12345678901",
            "x",
        ] {
            assert_eq!(without_numbers(kept), kept);
        }
        assert_eq!(without_numbers("(97339000001)"), "(973…)");
        assert_eq!(
            without_numbers("97339000001@s.whatsapp.net"),
            "973…@s.whatsapp.net"
        );
    }
}
