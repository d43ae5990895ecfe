//! The inbox: conversations as agents work with them, and the contacts behind them.

mod app;
mod contacts;
mod conversations;
mod import;
mod list;
#[cfg(test)]
mod tests;
mod thread;
mod view;

use runtime::{StartFailure, env::Env};

pub use crate::app::App;

runtime::routes! {
    App;
    conversations { accounts, conversations, conversation, mark_read, assign, set_status }
    thread { messages, file }
    contacts { contacts, contact, enter, edit, merge }
    import { import }
}

/// Serves until the environment ends.
///
/// # Errors
/// When the configuration is incomplete or the Runtime API is lost.
pub async fn serve(env: &Env) -> Result<(), StartFailure> {
    let app = App::from_env(env)?;
    let guard = app.guard();
    runtime::http::serve(router(app), guard).await
}
