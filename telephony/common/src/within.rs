//! How long to wait for a switch's answer.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use tokio::time::timeout;

/// A process that stood still finds its timer over and the answer of that time waiting in the socket: what has come is
/// read within this.
const CATCH_UP: Duration = Duration::from_millis(250);

/// What the future gives within `limit` of this process's own time; `None` when that is over.
pub async fn within<F: Future>(limit: Duration, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    match timeout(limit, &mut future).await {
        Ok(output) => Some(output),
        Err(_) => timeout(CATCH_UP, future).await.ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::{advance, sleep};

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_came_while_the_process_stood_still_is_taken() {
        let steps = async {
            sleep(Duration::from_millis(10)).await;
            tokio::task::yield_now().await;
            sleep(Duration::from_millis(10)).await;
            "answer"
        };
        let waiting = tokio::spawn(within(Duration::from_secs(2), steps));
        tokio::task::yield_now().await;
        advance(Duration::from_secs(5)).await;
        assert_eq!(waiting.await.unwrap(), Some("answer"));
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_answer_is_not_waited_for() {
        let before = tokio::time::Instant::now();
        assert_eq!(within(Duration::from_secs(2), std::future::pending::<()>()).await, None);
        assert!(before.elapsed() < Duration::from_secs(3));
    }
}
