//! The program; everything it does is in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    runtime::start("tenant-config", tenant_config::serve)
}
