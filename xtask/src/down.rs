//! `cargo xtask down`: stops an emulator and a sandbox that `up` could not stop itself.

use anyhow::Result;
use xtask::stack::stop_recorded;
use xtask::workspace::local;

use crate::up::{INSTANCE, SANDBOX};

/// Stops both; nothing running is no failure.
pub(crate) fn run() -> Result<()> {
    let folder = local(INSTANCE);
    for (name, program) in [(SANDBOX, SANDBOX), ("emulator", "ministack")] {
        let stopped = stop_recorded(&folder.join(format!("{name}.pid")), program)?;
        println!(
            "{name}: {}",
            if stopped {
                "stopped"
            } else {
                "was not running"
            }
        );
    }
    Ok(())
}
