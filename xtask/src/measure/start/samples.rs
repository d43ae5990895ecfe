//! The event each function is invoked with, and the variables all of them are given.

use std::fs;

use anyhow::{Context, Result};
use xtask::workspace::root;

/// The sample of a function, below `events/`. Each leads to at least one call to the table.
fn file(function: &str) -> String {
    match function {
        "send" => "http/send-message.json".to_owned(),
        "outbox-query" => "http/get-message.json".to_owned(),
        "projector" => "stream/message-delivered.json".to_owned(),
        "reminder-cron" => "cron/every-minute.json".to_owned(),
        // A function that is not listed brings its own.
        other => format!("{other}/start.json"),
    }
}

/// Reads the sample of a function. `events/<function>/start.json` goes before the common one.
pub fn of(function: &str) -> Result<String> {
    let events = root().join("events");
    let own = events.join(function).join("start.json");
    let path = if own.is_file() {
        own
    } else {
        events.join(file(function))
    };
    fs::read_to_string(&path).with_context(|| {
        format!(
            "`{function}` needs a sample event: cannot read {}",
            path.display()
        )
    })
}

/// What Lambda sets, and what infra/template.yaml sets for one function or another.
pub fn environment(
    function: &str,
    runtime_api: &str,
    endpoint: &str,
    bundle: &str,
) -> Vec<(&'static str, String)> {
    let own = |text: &str| text.to_owned();
    vec![
        ("AWS_ACCESS_KEY_ID", own("AKIDSAMPLE")),
        ("AWS_SECRET_ACCESS_KEY", own("sample")),
        ("AWS_SESSION_TOKEN", own("sample")),
        ("AWS_REGION", own("us-east-1")),
        ("AWS_LAMBDA_FUNCTION_NAME", own(function)),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", own("256")),
        ("AWS_LAMBDA_FUNCTION_VERSION", own("$LATEST")),
        ("AWS_LAMBDA_LOG_GROUP_NAME", own("sample")),
        ("AWS_LAMBDA_LOG_STREAM_NAME", own("sample")),
        ("AWS_LAMBDA_RUNTIME_API", own(runtime_api)),
        ("AWS_ENDPOINT_URL", own(endpoint)),
        ("AWS_CA_BUNDLE", own(bundle)),
        ("LOG_LEVEL", own("info")),
        ("TABLE_NAME", own("waypost")),
        ("BUCKET_NAME", own("waypost")),
        (
            "LANES_QUEUE_URL",
            format!("{endpoint}/123456789012/waypost-lanes.fifo"),
        ),
        (
            "DEAD_LETTERS_URL",
            format!("{endpoint}/123456789012/waypost-dead-letters.fifo"),
        ),
        (
            "TOKEN_KEY_ID",
            own("arn:aws:kms:us-east-1:123456789012:key/00000000-0000-4000-8000-000000000001"),
        ),
        ("USER_POOL_ID", own("us-east-1_sample")),
        ("WHAPI_BASE_URL", own(endpoint)),
        ("WEBHOOK_BASE_URL", own("https://hooks.example/")),
        ("MAIL_SENDER", own("waypost@example.com")),
    ]
}
