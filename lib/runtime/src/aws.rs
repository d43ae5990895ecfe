//! What every AWS client shares, built by hand: on Lambda the region and the credentials are in the
//! environment, so the chain of providers that `aws-config` walks (profiles, STS, IMDS) is never needed.

use std::time::Duration;

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::{rt::sleep::TokioSleep, time::SystemTimeSource};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{
    SdkConfig,
    region::Region,
    service_config::{LoadServiceConfig, ServiceConfigKey},
};

use crate::{
    env::{BadVariable, Env},
    net::{CONNECT_TIMEOUT, Net},
};

/// Tries of one operation, the first included. More would outlive the callers' patience.
const TRIES: u32 = 3;
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
const OPERATION_TIMEOUT: Duration = Duration::from_secs(8);

/// The configuration to build AWS clients from: `aws_sdk_dynamodb::Client::new(&config)`.
/// `AWS_ENDPOINT_URL` and its variants per service (`AWS_ENDPOINT_URL_DYNAMODB`) are honoured.
///
/// # Errors
/// [`BadVariable`] when Lambda's own variables (`AWS_REGION`, the access key) are missing.
pub fn config(env: &Env, net: &Net) -> Result<SdkConfig, BadVariable> {
    let credentials = Credentials::new(
        env.required("AWS_ACCESS_KEY_ID")?,
        env.required("AWS_SECRET_ACCESS_KEY")?,
        env.optional("AWS_SESSION_TOKEN"),
        None,
        "environment",
    );
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build();
    let mut config = SdkConfig::builder()
        // Dated, not `latest()`: an update of the SDK must not change how we behave.
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(env.required("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
        .timeout_config(timeouts)
        .sleep_impl(TokioSleep::new())
        .time_source(SystemTimeSource::new())
        .http_client(net.sdk())
        .service_config(ServiceEndpoints(env.clone()));
    config.set_endpoint_url(env.optional("AWS_ENDPOINT_URL"));
    Ok(config.build())
}

/// `AWS_ENDPOINT_URL_<SERVICE>`, as the SDKs ask for it.
#[derive(Debug)]
struct ServiceEndpoints(Env);

impl LoadServiceConfig for ServiceEndpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_uppercase().replace([' ', '-'], "_");
        self.0.optional(&format!("{}_{service}", key.env()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(extra: &[(&str, &str)]) -> Result<SdkConfig, BadVariable> {
        let lambdas = [
            ("AWS_REGION", "me-south-1"),
            ("AWS_ACCESS_KEY_ID", "AKID"),
            ("AWS_SECRET_ACCESS_KEY", "hidden"),
        ];
        let env = Env::given(lambdas.into_iter().chain(extra.iter().copied()));
        config(&env, &Net::from_env(&env).unwrap())
    }

    #[test]
    fn lambdas_own_variables_are_all_it_needs() {
        let config = check(&[]).unwrap();
        assert_eq!(config.region().unwrap().as_ref(), "me-south-1");
        assert_eq!(config.endpoint_url(), None);
        assert!(!format!("{config:?}").contains("hidden"));
    }

    #[test]
    fn a_missing_region_is_named() {
        let env = Env::given([
            ("AWS_ACCESS_KEY_ID", "AKID"),
            ("AWS_SECRET_ACCESS_KEY", "hidden"),
        ]);
        let said = config(&env, &Net::from_env(&env).unwrap()).unwrap_err();
        assert!(said.to_string().contains("AWS_REGION"));
    }

    #[test]
    fn an_endpoint_of_one_service_beats_the_common_one() {
        let config = check(&[
            ("AWS_ENDPOINT_URL", "http://localhost:4566"),
            ("AWS_ENDPOINT_URL_DYNAMODB", "http://localhost:8000"),
        ])
        .unwrap();
        assert_eq!(config.endpoint_url(), Some("http://localhost:4566"));
        let key = ServiceConfigKey::builder()
            .service_id("DynamoDB")
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .unwrap();
        assert_eq!(
            config.service_config().unwrap().load_config(key).as_deref(),
            Some("http://localhost:8000")
        );
    }
}
