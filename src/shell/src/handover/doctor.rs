//! What may be wrong with who takes wrap-ups, in plain words, for `sidetone doctor`.

use sidetone_base::{Finding, Severity};

use super::config::HandoverConfig;
use super::post::Post;

/// Asks whether anything answers at the address, without a wrap-up.
pub async fn diagnose(config: &HandoverConfig) -> Finding {
    let finding = |severity, found: String, cure: &str| Finding {
        severity,
        check: "handover",
        found,
        cure: cure.to_owned(),
    };
    let reached = match Post::new(config) {
        Ok(post) => post.reach().await,
        Err(fault) => return finding(Severity::Fault, fault.to_string(), "mend handover in the configuration"),
    };
    match reached {
        Ok(status) => finding(
            Severity::Fine,
            format!("handover.url answers (status {status} to a request without a wrap-up)"),
            "",
        ),
        Err(why) => finding(
            Severity::Warning,
            format!("handover.url cannot be reached: {why}; wrap-ups wait in Redis"),
            "start the receiver, or set handover.url; look at the firewall and at its certificate",
        ),
    }
}
