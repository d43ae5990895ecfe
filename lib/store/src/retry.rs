//! Patience with what passes by itself: throttling and transaction conflicts. The SDK has its own
//! retries for lost connections; conflicts inside a cancelled transaction it does not see.

use std::{future::Future, time::Duration};

use backon::{ExponentialBuilder, Retryable};
use domain::failure::{StoreFailure, StoreFailureKind};

/// Tries up to six times with growing, jittered pauses: about a second and a half at most.
pub(crate) async fn patiently<T, F>(attempt: impl FnMut() -> F) -> Result<T, StoreFailure>
where
    F: Future<Output = Result<T, StoreFailure>>,
{
    let pauses = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(20))
        .with_max_delay(Duration::from_millis(400))
        .with_max_times(5)
        .with_jitter();
    attempt
        .retry(pauses)
        .when(|failure| failure.kind() == StoreFailureKind::Throttled)
        .await
}
