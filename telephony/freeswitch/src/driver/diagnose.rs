//! What an administrator should know, in plain words, with the cure.

use sidetone_base::Finding;

use super::link::{LinkError, Session};
use crate::config::FreeswitchConfig;

/// Looks at everything that calls and taps need. Changes nothing on the switch.
pub async fn diagnose(config: &FreeswitchConfig) -> Vec<Finding> {
    let place = format!("{}:{}", config.esl.host, config.esl.port);
    match Session::open(&config.esl).await {
        Ok(_) => vec![Finding::fine("event socket", format!("let in at {place}"))],
        Err(LinkError::Refused(reason)) => vec![Finding::fault(
            "event socket",
            format!("{place} refused the password: {reason}"),
            "compare freeswitch.esl.password with autoload_configs/event_socket.conf.xml",
        )],
        Err(error) => vec![Finding::fault(
            "event socket",
            format!("{place}: {error}"),
            "is FreeSWITCH running, is mod_event_socket loaded, and does it listen on this address and port?",
        )],
    }
}
