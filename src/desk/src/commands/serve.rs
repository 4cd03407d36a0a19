//! `serve`: the web page.

use crate::config::DeskConfig;
use crate::web;

/// Serves until the program is told to end.
pub(super) fn run(config: DeskConfig) -> Result<(), String> {
    super::log();
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("no threads: {error}"))?
        .block_on(web::serve(config))
        .map_err(|error| error.to_string())
}
