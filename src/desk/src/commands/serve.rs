//! `serve`: the web page.

use crate::config::DeskConfig;
use crate::web;

/// Serves until the program is told to end.
pub(super) fn run(config: DeskConfig) -> Result<(), String> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()))
        .with_writer(std::io::stderr)
        .init();
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("no threads: {error}"))?
        .block_on(web::serve(config))
        .map_err(|error| error.to_string())
}
