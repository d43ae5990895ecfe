//! Carrying webhooks out: lanes keep one message's webhooks in order, and repeats run
//! beside the lanes so that one refused webhook holds up nobody.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use reqwest::{Url, redirect};
use tokio::sync::{mpsc, oneshot};

use crate::{
    channel::Retry,
    journal::{DeliveryState, Try},
    state::{Handle, Work},
};

/// Lanes per outlet: so many messages' webhooks are posted at the same time.
const LANES: usize = 8;

/// One POST on its way.
#[derive(Debug)]
pub(crate) struct Job {
    /// The webhooks in it; more than one when they were joined.
    pub(crate) ids: Vec<u64>,
    /// The reset count when it was emitted.
    pub(crate) generation: u64,
    pub(crate) lane: usize,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) retry: Retry,
    pub(crate) tries: u32,
    /// Told what the first try was answered with.
    pub(crate) first: Vec<oneshot::Sender<Option<u16>>>,
    pub(crate) work: Vec<Work>,
}

/// An outlet's delivery lanes. They end when its last clone is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Lanes(Vec<mpsc::UnboundedSender<Job>>);

impl Lanes {
    /// Lanes hold the handle weakly: the memory owns the lanes, not the other way round.
    pub(crate) fn start(handle: &Handle) -> Self {
        let lane = |_| {
            let (sender, mut jobs) = mpsc::unbounded_channel::<Job>();
            let shared = Arc::downgrade(&handle.0);
            handle.0.runtime.spawn(async move {
                while let Some(job) = jobs.recv().await {
                    let Some(shared) = shared.upgrade() else {
                        return;
                    };
                    Handle(shared).first_try(job).await;
                }
            });
            sender
        };
        Self((0..LANES).map(lane).collect())
    }

    pub(crate) fn push(&self, jobs: Vec<Job>) {
        for job in jobs {
            if let Some(sender) = self.0.get(job.lane % LANES) {
                // A closed lane means the runtime is going away, and the job with it.
                drop(sender.send(job));
            }
        }
    }
}

impl Handle {
    async fn first_try(&self, mut job: Job) {
        let status = self.try_once(&job, 1).await;
        for first in job.first.drain(..) {
            // Nobody needs to wait for it.
            let _ = first.send(status);
        }
        if status != Some(200) && job.tries > 1 {
            let handle = self.clone();
            self.0
                .runtime
                .spawn(async move { handle.repeat(job).await });
        }
    }

    async fn repeat(&self, job: Job) {
        for count in 2..=job.tries.min(1_000) {
            let wait = job.retry.step_ms.saturating_mul(u64::from(count - 1));
            let wait = Duration::from_millis(wait.min(job.retry.max_ms));
            if !self
                .pause(tokio::time::Instant::now() + wait, job.generation)
                .await
            {
                self.settle(&job, DeliveryState::Cancelled, None);
                break;
            }
            if self.try_once(&job, count).await == Some(200) {
                break;
            }
        }
        // The open work ends with the job.
        drop(job.work);
    }

    /// One try, recorded. A job from before a reset is not posted any more.
    async fn try_once(&self, job: &Job, count: u32) -> Option<u16> {
        if self.generation() != job.generation {
            self.settle(job, DeliveryState::Cancelled, None);
            return None;
        }
        let (at, began) = (Timestamp::now(), Instant::now());
        let request = self
            .0
            .client
            .post(job.url.clone())
            .headers(job.headers.clone())
            .body(job.body.clone())
            .timeout(Duration::from_millis(job.retry.timeout_ms));
        let answer = match request.send().await {
            // The answer counts once its body has arrived, whatever that is.
            Ok(response) => {
                let status = response.status();
                response.bytes().await.map(|_| status)
            }
            Err(error) => Err(error),
        };
        let status = answer.as_ref().ok().map(StatusCode::as_u16);
        let error = answer.as_ref().err().map(explain);
        let state = match status {
            Some(200) => DeliveryState::Delivered,
            Some(_) | None if count >= job.tries => DeliveryState::GivenUp,
            Some(_) | None => DeliveryState::Waiting,
        };
        let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let attempt = Try {
            at,
            duration_ms,
            status,
            error,
        };
        self.settle(job, state, Some(attempt));
        status
    }

    fn settle(&self, job: &Job, state: DeliveryState, attempt: Option<Try>) {
        let mut memory = self.memory();
        for id in &job.ids {
            if let Some(entry) = memory.webhooks.get_mut(*id) {
                entry.state = state;
                entry.tries.extend(attempt.clone());
            }
        }
    }
}

/// The error with its causes, which reqwest leaves out of its own text.
fn explain(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

/// A client that follows no redirect, uses no proxy and trusts no certificate: webhooks
/// go by plain HTTP. The TLS settings are given because the workspace's reqwest has TLS
/// compiled in and would otherwise look for a process-wide crypto provider.
pub(crate) fn webhook_client() -> io::Result<reqwest::Client> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .build()
        .map_err(io::Error::other)
}
