//! The loop of a function: one event after the other, each in its span.

use std::{process::ExitCode, sync::Arc, time::Instant};

use lambda_runtime::{Diagnostic, LambdaEvent, Runtime, service_fn};
use serde::Serialize;
use serde_json::value::RawValue;
use tracing::{Instrument, error};

use crate::{env::Env, tracing as log};

/// What stops a function at its start.
pub type StartFailure = Box<dyn std::error::Error + Send + Sync>;

/// Runs a function's `main`: logging, then one thread, which is what a Lambda function has, and which
/// starts faster than a pool. A failure at the start is logged with its causes and ends the process.
///
/// ```no_run
/// fn main() -> std::process::ExitCode {
///     runtime::start("sweep", async |env| {
///         let net = runtime::net::Net::from_env(env)?;
///         let _aws = runtime::aws::config(env, &net)?;
///         runtime::cron::serve(async |_event| Ok(())).await
///     })
/// }
/// ```
pub fn start<F>(service: &'static str, main: F) -> ExitCode
where
    F: AsyncFnOnce(&Env) -> Result<(), StartFailure>,
{
    let env = Env::process();
    log::init(service, &env);
    let ended = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(StartFailure::from)
        .and_then(|executor| executor.block_on(main(&env)));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let mut cause = failure.to_string();
            let mut next = failure.source();
            while let Some(source) = next {
                cause = format!("{cause}: {source}");
                next = source.source();
            }
            error!("`{service}` could not start: {cause}");
            ExitCode::FAILURE
        }
    }
}

/// Answers events until the environment ends. The event is handed over as it came, so that what is
/// unreadable in it is ours to answer.
pub(crate) async fn run<R, F>(handle: F) -> Result<(), StartFailure>
where
    R: Serialize,
    F: AsyncFn(&str) -> Result<R, Diagnostic>,
{
    let handle = Arc::new(handle);
    let service = service_fn(move |event: LambdaEvent<Box<RawValue>>| {
        let handle = Arc::clone(&handle);
        let span = log::invocation(&event.context.request_id);
        let answer = async move { handle(event.payload.get()).await }.instrument(span);
        // Boxed: inside the loop's, the layout of a function's whole work is too deep for the compiler.
        Box::pin(answer)
    });
    Runtime::new(service).run().await
}

/// Milliseconds since then, for log lines.
pub(crate) fn millis_since(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)
}
