//! Lets the AWS SDKs speak through our one reqwest client.

use std::{error::Error, fmt, time::Duration};

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpConnector,
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
    if never_connected {
        error.never_connected()
    } else {
        error
    }
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

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, Read, Write},
        net::TcpListener,
        thread,
    };

    use aws_sdk_dynamodb::{
        Client, config::Builder, error::SdkError, operation::get_item::GetItemError,
    };
    use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};

    use super::*;
    use crate::{aws, env::Env, net::Net};

    const ITEM: &str = r#"{"Item":{"pk":{"S":"x"}}}"#;

    /// Answers each connection once, with the next of these; an empty one is never answered.
    fn server(answers: &'static [&'static str]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            let mut silent = Vec::new();
            for (answer, connection) in answers.iter().zip(listener.incoming()) {
                let mut connection = BufReader::new(connection.unwrap());
                let (mut line, mut length) = (String::new(), 0);
                while connection.read_line(&mut line).unwrap() > 2 {
                    if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                    line.clear();
                }
                let mut body = vec![0; length];
                connection.read_exact(&mut body).unwrap();
                assert!(
                    String::from_utf8(body).unwrap().contains("probe-table"),
                    "every try has the body"
                );
                if answer.is_empty() {
                    silent.push(connection);
                    continue;
                }
                connection.get_mut().write_all(answer.as_bytes()).unwrap();
            }
            // Silent connections stay open as long as the test.
            thread::park();
        });
        endpoint
    }

    async fn check(
        endpoint: &str,
        change: impl FnOnce(Builder) -> Builder,
    ) -> Result<usize, SdkError<GetItemError>> {
        let env = Env::given([
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "AKID"),
            ("AWS_SECRET_ACCESS_KEY", "hidden"),
            ("AWS_ENDPOINT_URL", endpoint),
        ]);
        let shared = aws::config(&env, &Net::from_env(&env).unwrap()).unwrap();
        let quick = RetryConfig::standard()
            .with_max_attempts(3)
            .with_initial_backoff(Duration::from_millis(1));
        let config = change(Builder::from(&shared).retry_config(quick)).build();
        let answer = Client::from_conf(config)
            .get_item()
            .table_name("probe-table")
            .send()
            .await?;
        Ok(answer.item().map_or(0, |item| item.len()))
    }

    fn ok() -> &'static str {
        Box::leak(
            format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{ITEM}",
                ITEM.len()
            )
            .into_boxed_str(),
        )
    }

    fn answers<const N: usize>(answers: [&'static str; N]) -> &'static [&'static str] {
        Box::leak(Box::new(answers))
    }

    #[tokio::test]
    async fn a_plain_endpoint_is_asked_and_an_error_of_the_service_is_tried_again() {
        let broken = "HTTP/1.1 500 Oops\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        assert_eq!(
            check(&server(answers([ok()])), |config| config)
                .await
                .unwrap(),
            1
        );
        assert_eq!(
            check(&server(answers([broken, ok()])), |config| config)
                .await
                .unwrap(),
            1
        );
    }

    #[tokio::test]
    async fn a_connection_that_breaks_is_tried_again() {
        let cut = "HTTP/1.1 200 OK\r\ncontent-le";
        assert_eq!(
            check(&server(answers([cut, ok()])), |config| config)
                .await
                .unwrap(),
            1
        );
    }

    #[tokio::test]
    async fn silence_is_a_timeout_and_is_tried_again() {
        let short = TimeoutConfig::builder()
            .read_timeout(Duration::from_millis(50))
            .build();
        let impatient = |config: Builder| config.timeout_config(short.clone());
        assert_eq!(
            check(&server(answers(["", ok()])), impatient)
                .await
                .unwrap(),
            1
        );
        let silent = check(&server(answers(["", "", ""])), impatient)
            .await
            .unwrap_err();
        assert!(
            matches!(&silent, SdkError::DispatchFailure(failure) if failure.is_timeout()),
            "{silent:?}"
        );
    }

    #[tokio::test]
    async fn nobody_there_is_an_io_failure_that_was_never_sent() {
        let refused = check("http://127.0.0.1:1", |config| config)
            .await
            .unwrap_err();
        assert!(
            matches!(&refused, SdkError::DispatchFailure(failure) if failure.is_io()),
            "{refused:?}"
        );
    }
}
