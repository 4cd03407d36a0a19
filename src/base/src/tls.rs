//! Cryptography for TLS, once in a process.

/// Puts ring in place, where nothing is in place yet.
///
/// To be called before an HTTP client is built: with TLS in the workspace, `reqwest` panics without it in every client, also
/// in one that speaks plain HTTP to the switch.
pub fn ready_tls() {
    // An error says that one is there already, which serves as well.
    let _there = rustls::crypto::ring::default_provider().install_default();
}
