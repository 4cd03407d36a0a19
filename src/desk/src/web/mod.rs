//! The web side: routes, sessions, the stream of events.

use crate::config::DeskConfig;

/// Serves until the program is told to end.
pub(crate) async fn serve(config: DeskConfig) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind(config.listen).await?;
    tracing::info!(address = %config.listen, "the desk is served");
    axum::serve(listener, axum::Router::new()).await
}
