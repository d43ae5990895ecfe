//! Fault points: where a process can be killed. Services await nothing but ports, and the store's
//! ports await nothing but DynamoDB requests; so the moments before and after every request and every
//! call of another port are all the awaits there are. Production code knows nothing of them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use aws_sdk_dynamodb::config::{
    ConfigBag, Intercept, RuntimeComponents,
    interceptors::{
        BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
    },
};
use aws_smithy_runtime_api::{box_error::BoxError, client::orchestrator::HttpRequest};
use aws_smithy_types::config_bag::{Storable, StoreReplace};
use domain::{
    channel::{Channel, Secret},
    failure::{ProviderFailure, StoreFailure},
    notice::Mail,
    ports::{
        DocumentGate, FetchedFile, FileGate, Files, Gate, HandOver, Lanes, Mailer, MediaFiles,
        NotFetched, Pacer, Vault,
    },
    provider::{MediaPlace, WireRequest, WireResponse},
};

use crate::told::{Told, tell};

/// What happens at the points of a process. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Points(Arc<Count>);

#[derive(Debug, Default)]
struct Count {
    armed: AtomicBool,
    passed: AtomicU32,
    kill_at: Option<u32>,
}

impl Points {
    /// Points of a process that dies at the n-th of them, the first being 1.
    pub fn until(kill_at: Option<u32>) -> Self {
        Self(Arc::new(Count {
            kill_at,
            ..Count::default()
        }))
    }

    /// From now on points count.
    pub fn arm(&self) {
        self.0.armed.store(true, Ordering::SeqCst);
        tell(&Told::Armed);
    }

    /// Does something of the scenario's own, in which no point counts.
    pub async fn aside<O>(&self, work: impl Future<Output = O>) -> O {
        let armed = self.0.armed.swap(false, Ordering::SeqCst);
        let answer = work.await;
        self.0.armed.store(armed, Ordering::SeqCst);
        answer
    }

    /// A point is passed, or the process ends here: at once, without a destructor or a flush.
    pub fn pass(&self, name: impl FnOnce() -> String) {
        if !self.0.armed.load(Ordering::SeqCst) {
            return;
        }
        let number = self.0.passed.fetch_add(1, Ordering::SeqCst) + 1;
        let name = name();
        if self.0.kill_at == Some(number) {
            tell(&Told::Killed { name });
            std::process::abort();
        }
        tell(&Told::Point { name });
    }
}

fn operation(request: &HttpRequest) -> &str {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default()
}

/// The operation of a request, for the hook that sees its answer.
#[derive(Debug)]
struct Operation(String);

impl Storable for Operation {
    type Storer = StoreReplace<Self>;
}

impl Intercept for Points {
    fn name(&self) -> &'static str {
        "points"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = operation(context.request()).to_owned();
        self.pass(|| format!("dynamodb:{operation}:before"));
        bag.interceptor_state().store_put(Operation(operation));
        Ok(())
    }

    fn read_after_transmit(
        &self,
        _context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = bag.load::<Operation>().map_or("", |operation| &operation.0);
        self.pass(|| format!("dynamodb:{operation}:after"));
        Ok(())
    }
}

/// A port whose calls are points.
#[derive(Debug)]
pub struct Watched<T> {
    inner: T,
    points: Points,
}

impl<T> Watched<T> {
    /// This port, watched.
    pub const fn new(inner: T, points: Points) -> Self {
        Self { inner, points }
    }

    /// The port itself.
    pub const fn inner(&self) -> &T {
        &self.inner
    }

    /// Calls something of the port, with a point before and after.
    pub async fn watch<O>(&self, port: &str, call: impl Future<Output = O>) -> O {
        self.points.pass(|| format!("{port}:before"));
        let answer = call.await;
        self.points.pass(|| format!("{port}:after"));
        answer
    }
}

impl<T: Gate> Gate for Watched<T> {
    async fn exchange(
        &self,
        channel: &Channel,
        token: &Secret,
        request: &WireRequest,
    ) -> Result<WireResponse, ProviderFailure> {
        let call = self.inner.exchange(channel, token, request);
        self.watch("gate", call).await
    }
}

impl<T: Vault> Vault for Watched<T> {
    async fn token(&self, channel: &Channel) -> Result<Secret, StoreFailure> {
        self.watch("vault", self.inner.token(channel)).await
    }
}

impl<T: Lanes> Lanes for Watched<T> {
    async fn hand_over(&self, hand_over: &HandOver) -> Result<(), StoreFailure> {
        self.watch("lanes", self.inner.hand_over(hand_over)).await
    }
}

impl<T: Files> Files for Watched<T> {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreFailure> {
        self.watch("files:put", self.inner.put(key, bytes)).await
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreFailure> {
        self.watch("files:get", self.inner.get(key)).await
    }
}

impl<T: Mailer> Mailer for Watched<T> {
    async fn mail(&self, mail: &Mail) -> Result<(), StoreFailure> {
        self.watch("mailer", self.inner.mail(mail)).await
    }
}

impl<T: Pacer> Pacer for Watched<T> {
    async fn turn(&self, who: &str, gap_millis: u64) {
        self.watch("pacer", self.inner.turn(who, gap_millis)).await;
    }
}

impl<T: FileGate> FileGate for Watched<T> {
    async fn fetch(
        &self,
        channel: &Channel,
        token: &Secret,
        place: &MediaPlace,
        most: u64,
    ) -> Result<FetchedFile, NotFetched> {
        let call = self.inner.fetch(channel, token, place, most);
        self.watch("shelf", call).await
    }
}

impl<T: DocumentGate> DocumentGate for Watched<T> {
    async fn fetch_document(&self, url: &str, most: u64) -> Result<FetchedFile, NotFetched> {
        self.watch("document", self.inner.fetch_document(url, most))
            .await
    }
}

impl<T: MediaFiles> MediaFiles for Watched<T> {
    async fn share(&self, key: &str, mime: &str) -> Result<String, StoreFailure> {
        self.watch("files:share", self.inner.share(key, mime)).await
    }

    async fn keep(&self, key: &str, bytes: Vec<u8>, mime: &str) -> Result<(), StoreFailure> {
        self.watch("files:keep", self.inner.keep(key, bytes, mime))
            .await
    }

    async fn link(&self, key: &str, filename: &str, mime: &str) -> Result<String, StoreFailure> {
        self.watch("files:link", self.inner.link(key, filename, mime))
            .await
    }
}
