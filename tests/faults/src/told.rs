//! What a child process tells its parent: one line of JSON on standard output for each thing, written
//! at once, so that a process that is killed has told everything that happened before.

use std::io::Write;

use domain::ids::MessageId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One thing a child tells.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "told", rename_all = "snake_case")]
pub enum Told {
    /// From this moment of the machine's clock on, the scenario's clock shows that.
    Clock { wall: Timestamp, shown: Timestamp },
    /// The stage is set: from here on every point counts.
    Armed,
    /// A point was passed.
    Point { name: String },
    /// The process ends itself at this point.
    Killed { name: String },
    /// A webhook the provider posts; it posts it again when it was not answered.
    Hook { body: String },
    /// A caller's request was answered with this message.
    Answered { text: String, message: MessageId },
    /// A mail was sent.
    Mailed { text: String },
    /// Everything was done, nobody was killed.
    Done,
}

/// Tells it.
pub fn tell(told: &Told) {
    let line = serde_json::to_string(told).unwrap();
    let mut out = std::io::stdout().lock();
    // A parent that is gone needs to be told nothing.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
