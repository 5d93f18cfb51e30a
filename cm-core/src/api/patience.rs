//! Waits until a moment, and a little longer if it was we who were late.
//!
//! When this program stood still (it was stopped, or a large report was read), an answer may lie in the socket while its
//! time limit has passed. The host is not to blame: what is already there is taken before the limit is called.

use std::pin::pin;

use futures_util::future::{Either, select};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};

/// Turns of the runtime that an answer takes from the socket through the connection's task to whoever waits for it.
const TURNS: usize = 8;

/// The outcome, or `None` if there is none at that moment.
pub(super) async fn until<F: Future>(moment: Instant, work: F) -> Option<F::Output> {
    let mut work = pin!(work);
    if let Either::Left((outcome, _)) = select(work.as_mut(), pin!(sleep_until(moment))).await {
        return Some(outcome);
    }
    for _ in 0..TURNS {
        yield_now().await;
        if let Some(outcome) = futures_util::FutureExt::now_or_never(work.as_mut()) {
            return Some(outcome);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::sync::oneshot;

    #[tokio::test(start_paused = true)]
    async fn a_limit_is_kept() {
        let start = Instant::now();
        assert_eq!(until(start + Duration::from_secs(3), std::future::pending::<()>()).await, None);
        assert_eq!(start.elapsed(), Duration::from_secs(3));
    }

    #[tokio::test(start_paused = true)]
    async fn what_came_while_we_stood_still_counts() {
        let (answer, asked) = oneshot::channel();
        // Like a connection: a task of its own, which passes on what lay in the socket once it gets its turn.
        tokio::spawn(async move {
            yield_now().await;
            yield_now().await;
            answer.send(7)
        });
        let late = Instant::now();
        tokio::time::advance(Duration::from_mins(1)).await;
        assert_eq!(until(late + Duration::from_secs(3), asked).await, Some(Ok(7)));
    }
}
