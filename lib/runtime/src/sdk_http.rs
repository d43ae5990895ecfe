//! Lets the AWS SDKs speak through our one reqwest client.

use std::{error::Error, fmt, time::Duration};

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::HttpError,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;

/// A smithy client on reqwest. The connect timeout is the client's own ([`crate::net::CONNECT_TIMEOUT`],
/// the one `aws` configures); the read timeout is taken from the settings of each operation.
#[derive(Debug, Clone)]
pub(crate) struct SdkHttp {
    client: reqwest::Client,
}

impl SdkHttp {
    pub(crate) const fn new(client: reqwest::Client) -> Self {
        Self { client }
    }
}

impl HttpClient for SdkHttp {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            client: self.client.clone(),
            first_byte: settings.read_timeout(),
        })
    }
}

#[derive(Debug, Clone)]
struct Connector {
    client: reqwest::Client,
    first_byte: Option<Duration>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self { client, first_byte } = self.clone();
        HttpConnectorFuture::new(async move {
            let request = translate(request)?;
            let answer = match first_byte {
                Some(limit) => tokio::time::timeout(limit, client.execute(request))
                    .await
                    .map_err(|_elapsed| ConnectorError::timeout(Box::new(NoAnswer(limit))))?,
                None => client.execute(request).await,
            };
            let answer: http::Response<reqwest::Body> = answer.map_err(classify)?.into();
            HttpResponse::try_from(answer.map(SdkBody::from_body_1_x)).map_err(unusable)
        })
    }
}

fn translate(request: HttpRequest) -> Result<reqwest::Request, ConnectorError> {
    let request = request.try_into_http1x().map_err(unusable)?;
    // A body in memory is handed over whole: reqwest then sends its length instead of chunks.
    let request = request.map(|body| match body.bytes() {
        Some(bytes) => reqwest::Body::from(Bytes::copy_from_slice(bytes)),
        None => reqwest::Body::wrap(body),
    });
    reqwest::Request::try_from(request).map_err(|cause| ConnectorError::user(cause.into()))
}

/// Timeouts and broken connections are what the SDK's retry strategy acts on; a request that cannot
/// be built never becomes better by trying again.
fn classify(cause: reqwest::Error) -> ConnectorError {
    // The endpoint is in the SDK's own error already, and a presigned address is a secret.
    let cause = cause.without_url();
    let never_connected = cause.is_connect();
    let error = if cause.is_timeout() {
        ConnectorError::timeout(cause.into())
    } else if cause.is_builder() {
        ConnectorError::user(cause.into())
    } else {
        ConnectorError::io(cause.into())
    };
    if never_connected { error.never_connected() } else { error }
}

fn unusable(cause: HttpError) -> ConnectorError {
    ConnectorError::user(cause.into())
}

#[derive(Debug)]
struct NoAnswer(Duration);

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no answer within {:?}", self.0)
    }
}

impl Error for NoAnswer {}
