//! The provider sandbox: a program that speaks the messaging providers' HTTP
//! contracts, so that production code differs from a real run by its base URL only.
//!
//! It speaks WHAPI's gate at the root and its manager below `/manager` ([`whapi`]), Meta's WhatsApp
//! Cloud API below `/meta` ([`meta`]), 360Messenger below `/m360` ([`m360`]) and PayPal below `/paypal`
//! ([`paypal`]). It keeps what it received, posts
//! webhooks with retries, advances statuses, presses buttons, and takes fault orders.
//! Everything it can be told is a method of [`Handle`]; [`control`] offers the same over
//! HTTP below `/_sandbox`. Nothing in production depends on this crate.

mod accept;
mod address;
mod answer;
mod behaviour;
pub mod channel;
mod connection;
pub mod control;
pub mod deliver;
mod dialect;
mod documents;
pub mod fault_book;
pub mod faults;
mod gate;
mod hold;
pub mod journal;
mod lanes;
pub mod m360;
pub mod messages;
pub mod meta;
pub mod orders;
mod outlet;
pub mod paypal;
pub mod provider;
mod raw;
mod signing;
pub mod state;
pub mod whapi;

use std::{io, net::SocketAddr, ops::Deref};

use axum::{Router, http::StatusCode, response::IntoResponse};
use tokio::{net::TcpListener, task::JoinHandle};

use connection::{Cut, CuttableListener};
pub use state::{Handle, Refusal};

/// Serves a new sandbox on `listener` until the process ends.
///
/// # Errors
/// When the HTTP client for webhooks cannot be built.
pub async fn serve(listener: TcpListener) -> io::Result<()> {
    serve_handle(listener, Handle::new()?).await
}

/// Serves the sandbox behind `handle`, which the caller keeps for its own orders.
///
/// # Errors
/// When the server ends, which only an unusable listener causes.
pub async fn serve_handle(listener: TcpListener, handle: Handle) -> io::Result<()> {
    let service = router(handle).into_make_service_with_connect_info::<Cut>();
    axum::serve(CuttableListener::new(listener), service).await
}

fn router(handle: Handle) -> Router {
    Router::new()
        .nest("/_sandbox", control::routes())
        .merge(whapi::routes())
        .merge(meta::routes())
        .merge(m360::routes())
        .merge(paypal::routes())
        .fallback(async || (StatusCode::NOT_FOUND, "no such path in the sandbox").into_response())
        .with_state(handle)
}

/// A sandbox inside the calling process, on a random loopback port.
///
/// It dereferences to its [`Handle`]. Dropping it stops the server.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    handle: Handle,
    server: JoinHandle<()>,
}

impl Sandbox {
    /// Starts a sandbox on a port the system chooses.
    ///
    /// # Errors
    /// When no port can be bound or the webhook client cannot be built.
    pub async fn start() -> io::Result<Self> {
        Self::on(TcpListener::bind(("127.0.0.1", 0)).await?)
    }

    /// Starts a sandbox on a listener that is already bound.
    ///
    /// # Errors
    /// When the listener has no address or the webhook client cannot be built.
    pub fn on(listener: TcpListener) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let handle = Handle::new()?;
        let served = handle.clone();
        let server = tokio::spawn(async move {
            if let Err(error) = serve_handle(listener, served).await {
                tracing::error!(%error, "the sandbox stopped serving");
            }
        });
        Ok(Self {
            address,
            handle,
            server,
        })
    }

    /// `http://127.0.0.1:<port>`, without a trailing slash.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A handle of its own, which can still be read after the sandbox is dropped.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }
}

impl Deref for Sandbox {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
        self.handle.halt();
    }
}
