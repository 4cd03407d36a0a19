//! A server's door: so many sessions at once, and whoever comes then is turned away at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Out of descriptors: it passes, or it does not, but spinning does not help.
const PAUSE: Duration = Duration::from_millis(100);

/// Runs `session` for each connection, `most` of them at once; `refuse` is given those beyond. Dropping it ends every
/// session.
pub async fn accept<S: Future<Output = ()> + Send + 'static>(
    listener: &TcpListener,
    most: usize,
    refuse: impl Fn(TcpStream),
    session: impl Fn(TcpStream) -> S,
) {
    let permits = Arc::new(Semaphore::new(most));
    let mut sessions = JoinSet::new();
    loop {
        while sessions.try_join_next().is_some() {}
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                let address = listener.local_addr().ok();
                tracing::warn!(%error, ?address, "a connection cannot be accepted");
                sleep(PAUSE).await;
                continue;
            }
        };
        match Arc::clone(&permits).try_acquire_owned() {
            Ok(permit) => {
                let session = session(stream);
                sessions.spawn(async move {
                    let _permit = permit;
                    session.await;
                });
            }
            Err(_) => refuse(stream),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// Says `in`, or `full`; whoever is in stays until it closes its end.
    async fn door(most: usize) -> std::net::SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let refuse = |stream: TcpStream| drop(stream.try_write(b"full"));
            let session = |mut stream: TcpStream| async move {
                stream.write_all(b"in  ").await.unwrap();
                let _ = stream.read(&mut [0]).await;
            };
            accept(&listener, most, refuse, session).await;
        });
        address
    }

    async fn knock(address: std::net::SocketAddr) -> (TcpStream, String) {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let mut said = [0; 4];
        stream.read_exact(&mut said).await.unwrap();
        (stream, String::from_utf8_lossy(&said).trim().to_owned())
    }

    #[tokio::test]
    async fn whoever_finds_no_room_is_told_at_once_and_a_place_that_is_left_is_taken() {
        let address = door(3).await;
        let mut inside = Vec::new();
        for _ in 0..3 {
            let (stream, said) = knock(address).await;
            assert_eq!(said, "in");
            inside.push(stream);
        }
        let (mut outside, said) = knock(address).await;
        assert_eq!(said, "full");
        assert_eq!(outside.read(&mut [0]).await.unwrap(), 0, "and closed");
        inside.pop();
        // The session ends a moment after its connection does.
        let refused = AtomicUsize::new(0);
        while knock(address).await.1 == "full" {
            assert!(
                refused.fetch_add(1, Ordering::Relaxed) < 1_000,
                "the place is never free"
            );
            tokio::task::yield_now().await;
        }
    }
}
