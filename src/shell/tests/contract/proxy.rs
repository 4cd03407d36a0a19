//! A way to Redis that can be led elsewhere, and whose connections can go silent.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use sidetone_shell::wire::RedisConfig;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::watch;

use crate::support::Server;

/// A name and what lies between it and the server.
pub(crate) struct Proxy {
    port: u16,
    target: Arc<Mutex<PathBuf>>,
    cuts: watch::Sender<u32>,
}

impl Proxy {
    pub(crate) async fn to(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let target = Arc::new(Mutex::new(server.socket()));
        let (cuts, cut) = watch::channel(0);
        tokio::spawn(serve(listener, Arc::clone(&target), cut));
        Self { port, target, cuts }
    }

    /// New connections reach another server; those that are there stay with the old one.
    pub(crate) fn lead_to(&self, server: &Server) {
        *self.target.lock().unwrap() = server.socket();
    }

    /// Everything that is connected stays connected, and nothing comes through any more, as when a firewall has
    /// forgotten a connection or a host has lost its power.
    pub(crate) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    pub(crate) fn config(&self, server: &Server) -> RedisConfig {
        RedisConfig {
            url: format!("redis://127.0.0.1:{}/", self.port),
            ..server.config()
        }
    }
}

async fn serve(listener: TcpListener, target: Arc<Mutex<PathBuf>>, cut: watch::Receiver<u32>) {
    while let Ok((mut client, _)) = listener.accept().await {
        let path = target.lock().unwrap().clone();
        let mut cut = cut.clone();
        cut.mark_unchanged();
        tokio::spawn(async move {
            let Ok(mut server) = UnixStream::connect(path).await else {
                return;
            };
            tokio::select! {
                _ = copy_bidirectional(&mut client, &mut server) => {}
                Ok(()) = cut.changed() => std::future::pending().await,
            }
        });
    }
}
