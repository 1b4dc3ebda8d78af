//! The one way from a handler to the authority: off the async workers, bounded in number and time.

use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::ApiError;

/// Runs `act` on a thread that may block.
///
/// An act that was begun runs to its end even if the client has gone or the time is over: the store
/// decides what happened, and the same request again gets the same answer.
pub(super) async fn blocking<T, E>(
    act: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, ApiError>
where
    T: Send + 'static,
    E: Send + 'static,
    ApiError: From<E>,
{
    within(TIME_LIMIT, act).await
}

async fn within<T, E>(
    limit: Duration,
    act: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, ApiError>
where
    T: Send + 'static,
    E: Send + 'static,
    ApiError: From<E>,
{
    let act = async {
        let permit = PERMITS.acquire().await.map_err(|_| ApiError::Unavailable)?;
        let running = tokio::task::spawn_blocking(move || {
            let _held = permit;
            act()
        });
        running.await.map_err(|error| {
            tracing::error!(panic = error.is_panic(), "request died");
            ApiError::Internal
        })
    };
    let Ok(outcome) = timeout(limit, act).await else {
        tracing::error!("request not finished after {} s", limit.as_secs());
        return Err(ApiError::Unavailable);
    };
    Ok(outcome??)
}

/// Enough for the committer to group writes, few enough that key operations do not starve one
/// another.
static PERMITS: Semaphore = Semaphore::const_new(64);
/// How long a request may wait for its answer.
const TIME_LIMIT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_in_the_act_is_an_internal_error() {
        let act = || -> Result<(), ApiError> { panic!("on purpose") };
        assert_eq!(blocking(act).await, Err(ApiError::Internal));
    }

    #[tokio::test]
    async fn an_act_that_hangs_is_answered_when_the_time_is_over() {
        let (release, held) = std::sync::mpsc::channel::<()>();
        let act = move || -> Result<(), ApiError> {
            let _ = held.recv();
            Ok(())
        };
        let answer = within(Duration::from_millis(20), act).await;
        assert_eq!(answer, Err(ApiError::Unavailable));
        drop(release);
    }
}
