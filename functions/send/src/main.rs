//! Accepts messages, and makes the first attempt of those somebody waits for.

mod app;
mod handler;
mod view;

use std::process::ExitCode;

use crate::app::App;

fn main() -> ExitCode {
    runtime::start("send", async |env| {
        runtime::http::serve(handler::router(App::from_env(env)?)).await
    })
}
