//! The ports that the switch asks on.
//!
//! A port that the configuration names must be had. A default one may belong to another server: then this
//! way of asking is missing here, it is said once, and everything else works.

use std::net::SocketAddr;

use sidetone_base::SwitchOutput;
use sidetone_telephony::Port;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::asks::Asks;
use super::{StartError, agi, speech};
use crate::config::AsteriskConfig;

pub(super) async fn agi(
    config: &AsteriskConfig,
    door: agi::Door,
    tasks: &mut JoinSet<()>,
) -> Result<Option<SocketAddr>, StartError> {
    let [Port { address, .. }, _] = config.ports();
    let bound = async {
        let server = agi::Server::bind(address, door).await?;
        let address = server.address()?;
        Ok((server.run(), address))
    };
    serve("agi", config.agi.is_some(), address, bound, tasks).await
}

pub(super) async fn aeap(
    config: &AsteriskConfig,
    output: mpsc::Sender<SwitchOutput>,
    asks: Asks,
    tasks: &mut JoinSet<()>,
) -> Result<Option<SocketAddr>, StartError> {
    let [_, Port { address, .. }] = config.ports();
    let secret = config.aeap.as_ref().map(|aeap| aeap.secret.clone()).unwrap_or_default();
    let bound = async {
        let server = speech::Server::bind(address, output, asks, secret).await?;
        let address = server.address()?;
        Ok((server.run(), address))
    };
    serve("aeap", config.aeap.is_some(), address, bound, tasks).await
}

async fn serve<T: Future<Output = ()> + Send + 'static>(
    what: &'static str,
    asked_for: bool,
    address: SocketAddr,
    bound: impl Future<Output = std::io::Result<(T, SocketAddr)>>,
    tasks: &mut JoinSet<()>,
) -> Result<Option<SocketAddr>, StartError> {
    match bound.await {
        Ok((server, address)) => {
            tasks.spawn(server);
            Ok(Some(address))
        }
        Err(source) => {
            let error = StartError::Dialplan { what, address, source };
            if asked_for {
                return Err(error);
            }
            tracing::warn!(%error, "dialplans cannot ask this way");
            Ok(None)
        }
    }
}
