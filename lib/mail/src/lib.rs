#![doc = include_str!("../README.md")]

#[cfg(test)]
mod tests;

use aws_sdk_sesv2::{
    Client,
    config::{Builder, http::HttpResponse, retry::RetryConfig},
    error::{BuildError, ProvideErrorMetadata, SdkError},
    types::{Body, Content, Destination, EmailContent, Message},
};
use aws_types::SdkConfig;
use domain::{
    failure::{StoreFailure, StoreFailureKind},
    notice::Mail,
    ports::Mailer,
};

const OPERATION: &str = "mailer.mail";

/// Sends mails from one address.
#[derive(Debug, Clone)]
pub struct SesMailer {
    client: Client,
    from: String,
}

impl SesMailer {
    /// A mailer that sends from this verified address: `Waypost <alerts@waypost.example>`.
    #[must_use]
    pub fn new(config: &SdkConfig, from: impl Into<String>) -> Self {
        // The shared configuration retries, which here would mail twice after a lost answer.
        let config = Builder::from(config).retry_config(RetryConfig::disabled());
        Self {
            client: Client::from_conf(config.build()),
            from: from.into(),
        }
    }
}

impl Mailer for SesMailer {
    async fn mail(&self, mail: &Mail) -> Result<(), StoreFailure> {
        let message = Message::builder()
            .subject(utf8(&mail.subject)?)
            .body(Body::builder().text(utf8(&mail.text)?).build());
        self.client
            .send_email()
            .from_email_address(&self.from)
            .destination(Destination::builder().to_addresses(&mail.to).build())
            .content(EmailContent::builder().simple(message.build()).build())
            .send()
            .await
            .map(|_sent| ())
            .map_err(|cause| failure(&cause))
    }
}

fn utf8(text: &str) -> Result<Content, StoreFailure> {
    Content::builder()
        .data(text)
        .charset("UTF-8")
        .build()
        .map_err(|cause: BuildError| {
            StoreFailure::new(OPERATION, StoreFailureKind::Refused).because(cause.to_string())
        })
}

/// What an SDK error means to us: retryable only when the mail was surely not taken.
fn failure<E>(cause: &SdkError<E, HttpResponse>) -> StoreFailure
where
    E: ProvideErrorMetadata,
{
    let doubt = |what: &str| {
        let why = format!("{what}: the mail may have been taken");
        (StoreFailureKind::Doubtful, why)
    };
    let (kind, why) = match cause {
        SdkError::ConstructionFailure(_) => (StoreFailureKind::Refused, "request not built".into()),
        SdkError::DispatchFailure(failure) if failure.is_user() => {
            (StoreFailureKind::Refused, "request not sent".into())
        }
        SdkError::DispatchFailure(failure) if failure.is_timeout() => doubt("timeout"),
        // Mostly a connection that was never made. A reset after writing cannot be told apart; one
        // mail too many is the smaller harm there.
        SdkError::DispatchFailure(_) => (StoreFailureKind::Unavailable, "connection".into()),
        SdkError::TimeoutError(_) => doubt("timeout"),
        SdkError::ResponseError(_) => doubt("unreadable answer"),
        SdkError::ServiceError(answer) => {
            let code = answer.err().code().unwrap_or("unknown");
            // The message may quote the address: only the code is kept.
            let kind = match code {
                "TooManyRequestsException" | "ThrottlingException" | "LimitExceededException" => {
                    StoreFailureKind::Throttled
                }
                _ if answer.raw().status().as_u16() >= 500 => StoreFailureKind::Unavailable,
                _ => StoreFailureKind::Refused,
            };
            (kind, code.to_owned())
        }
        _ => doubt("unknown"),
    };
    StoreFailure::new(OPERATION, kind).because(why)
}
