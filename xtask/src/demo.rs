//! The main job, done once: a real message through the API, delivered and answered by webhooks.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use xtask::{client::Api, workspace::step};

/// How long the sandbox and the stream may take; a laptop needs about two seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the sandbox does with every message of the demo tenant: as a person would, only quicker.
pub(crate) fn automatic() -> Value {
    json!([
        {"after_ms": 200, "action": "sent"},
        {"after_ms": 500, "action": "delivered"},
        {"after_ms": 900, "action": "read"},
        {"after_ms": 1300, "action": "press:0"},
    ])
}

/// The message of the demo.
pub(crate) fn message() -> Value {
    json!({
        "to": "+97300000001",
        "name": "Ada Example",
        "interactive": {
            "header": "Delivery",
            "body": "Your parcel arrives tomorrow between 9 and 12. Does that suit you?",
            "footer": "Example Courier",
            "buttons": [{"title": "Confirmed"}, {"title": "Reschedule"}]
        }
    })
}

/// Sends it and waits until it is answered; prints the totals and the pill.
pub(crate) async fn run(api: &Api) -> Result<()> {
    step("sending an interactive message through the API");
    let answer = api.post("/v1/messages", &message()).await?;
    let sent = answer.data()?.clone();
    let id = text(&sent, "id")?;
    let job = text(&sent, "job_id")?;
    println!("message   {id}: {}", text(&sent, "status")?);

    step("waiting for the customer to press a button");
    let deadline = Instant::now() + PATIENCE;
    let totals = loop {
        let answer = api.get(&format!("/v1/jobs/{job}")).await?;
        let shown = answer.data()?;
        let totals = shown.get("totals").context("a job without totals")?.clone();
        let sum: u64 = totals
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(_, count)| count.as_u64())
            .sum();
        let size = shown.get("size").and_then(Value::as_u64);
        ensure!(
            size == Some(sum),
            "the totals {totals} do not sum to the size"
        );
        if totals.get("replied") == Some(&json!(1)) {
            break totals;
        }
        ensure!(
            Instant::now() < deadline,
            "nobody answered within {} s; the totals are {totals}. See the logs.",
            PATIENCE.as_secs()
        );
        tokio::time::sleep(Duration::from_millis(250)).await;
    };
    let answer = api.get(&format!("/v1/messages/{id}")).await?;
    let reply = answer
        .data()?
        .get("last_reply")
        .context("no reply")?
        .clone();
    println!("job       {job}: {}", in_words(&totals));
    println!(
        "pill      [{}] {}",
        text(&reply, "title")?,
        text(&reply, "at")?
    );
    Ok(())
}

fn text(value: &Value, name: &str) -> Result<String> {
    let text = value.get(name).and_then(Value::as_str);
    Ok(text
        .with_context(|| format!("no `{name}` in {value}"))?
        .to_owned())
}

/// `queued: 0, …, replied: 1`.
fn in_words(totals: &Value) -> String {
    let names = [
        "queued",
        "pending",
        "sent",
        "delivered",
        "read",
        "failed",
        "replied",
        "cancelled",
    ];
    names
        .iter()
        .map(|name| format!("{name}: {}", totals.get(name).unwrap_or(&Value::Null)))
        .collect::<Vec<_>>()
        .join(", ")
}
