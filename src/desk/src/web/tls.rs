//! TLS from two files, which may be renewed while the desk runs.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

use crate::config::TlsConfig;

/// Handshakes at once; beyond it connections wait in the system's own queue.
const HANDSHAKES: usize = 256;
/// A handshake that takes longer is ended.
const WAIT: Duration = Duration::from_secs(10);
/// The files are looked at so often.
const LOOK: Duration = Duration::from_secs(60);
/// After a connection that could not be accepted (no descriptor is free).
const PAUSE: Duration = Duration::from_millis(100);

/// Hands out connections whose handshake is done.
pub(super) struct TlsListener {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
}

impl TlsListener {
    /// Reads the files and begins to accept.
    pub(super) fn start(listener: TcpListener, address: SocketAddr, config: TlsConfig) -> Result<Self, String> {
        let keys = Keys::read(config)?;
        let (out, ready) = mpsc::channel(HANDSHAKES);
        tokio::spawn(accept(listener, keys, out));
        Ok(Self { ready, address })
    }
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(accepted) => accepted,
            // The task that accepts never ends.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        Ok(self.address)
    }
}

async fn accept(listener: TcpListener, mut keys: Keys, out: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>) {
    let permits = Arc::new(Semaphore::new(HANDSHAKES));
    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else {
            return;
        };
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection is not accepted");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let acceptor = keys.acceptor(Instant::now());
        let out = out.clone();
        tokio::spawn(async move {
            match tokio::time::timeout(WAIT, acceptor.accept(stream)).await {
                // Nobody serves any more when this fails.
                Ok(Ok(stream)) => drop(out.send((stream, peer)).await),
                Ok(Err(error)) => tracing::debug!(%error, "a handshake fails"),
                Err(_) => tracing::debug!("a handshake takes too long"),
            }
            drop(permit);
        });
    }
}

/// Certificate and key, as they are on disk now.
struct Keys {
    config: TlsConfig,
    acceptor: TlsAcceptor,
    changed: Option<SystemTime>,
    looked: Instant,
}

impl Keys {
    fn read(config: TlsConfig) -> Result<Self, String> {
        Ok(Self {
            acceptor: acceptor(&config)?,
            changed: changed(&config.certificate),
            looked: Instant::now(),
            config,
        })
    }

    /// What is on disk, looked at every minute. Files that cannot be used leave the old ones in place.
    fn acceptor(&mut self, now: Instant) -> TlsAcceptor {
        if now.duration_since(self.looked) >= LOOK {
            self.looked = now;
            let changed = changed(&self.config.certificate);
            if changed != self.changed {
                match acceptor(&self.config) {
                    Ok(acceptor) => (self.acceptor, self.changed) = (acceptor, changed),
                    Err(error) => tracing::error!(error, "the renewed certificate cannot be used; the old one stays"),
                }
            }
        }
        self.acceptor.clone()
    }
}

fn changed(file: &Path) -> Option<SystemTime> {
    file.metadata().ok()?.modified().ok()
}

fn acceptor(config: &TlsConfig) -> Result<TlsAcceptor, String> {
    let certificates = CertificateDer::pem_file_iter(&config.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| format!("tls.certificate, {}: {error}", config.certificate.display()))?;
    let key = PrivateKeyDer::from_pem_file(&config.key)
        .map_err(|error| format!("tls.key, {}: {error}", config.key.display()))?;
    let mut server = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(|error| format!("tls: certificate and key do not go together: {error}"))?;
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(server)))
}
