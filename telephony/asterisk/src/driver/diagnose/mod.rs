//! What an administrator should know, in plain words, with the cure.

mod direct;

use sidetone_base::{Finding, Severity};

use crate::ami::Action;
use crate::ari::{CDR_MODULE, Request};
use crate::config::{AsteriskConfig, TapChoice};
use crate::driver::ari::{Ari, AriError};
use crate::driver::link::{Ami, AmiError, LinkError, ask, open};
use sidetone_telephony::link::Session;

/// Permissions, as the actions that they allow.
const NEEDED_ACTIONS: [(&str, &str); 4] = [
    ("CoreShowChannels", "reporting"),
    ("BridgeList", "reporting"),
    ("Originate", "originate"),
    ("Setvar", "call"),
];
const MODULES: [&str; 6] = [
    "res_ari_channels.so",
    "res_ari_bridges.so",
    "res_stasis_snoop.so",
    "bridge_simple.so",
    "chan_audiosocket.so",
    "app_chanspy.so",
];
/// Descriptors of Asterisk 22 for one tapped leg, as counted.
const FILES_SNOOP: u32 = 8;
const FILES_CHANSPY: u32 = 3;

/// Looks at everything that calls and taps need. Changes nothing on the switch.
pub async fn diagnose(config: &AsteriskConfig) -> Vec<Finding> {
    let mut findings = Vec::new();
    manager(config, &mut findings).await;
    if config.tap == TapChoice::ChanSpy {
        return findings;
    }
    rest(config, &mut findings).await;
    findings
}

async fn manager(config: &AsteriskConfig, findings: &mut Vec<Finding>) {
    let place = format!("{}:{}", config.ami.host, config.ami.port);
    let mut session = match open(&config.ami).await {
        Ok(session) => session,
        Err(LinkError::Protocol(AmiError::Refused(reason))) => {
            let cure = "compare asterisk.ami.username and .secret with manager.d/sidetone.conf, then: asterisk -rx 'manager reload'";
            findings.push(Finding::fault(
                "AMI login",
                format!("{place} refused the login: {reason}"),
                cure,
            ));
            return;
        }
        Err(error) => {
            let cure = "is Asterisk running, and has manager.conf `enabled = yes` and this bindaddr and port?";
            findings.push(Finding::fault("AMI", format!("{place}: {error}"), cure));
            return;
        }
    };
    findings.push(Finding::fine(
        "AMI login",
        format!("logged in at {place} as {}", config.ami.username),
    ));
    if let Ok(bytes) = Action::new("ListCommands").encode("doctor-1")
        && let Ok(answer) = ask(&mut session, &bytes, "doctor-1").await
    {
        for (action, class) in NEEDED_ACTIONS {
            if answer.get(action).is_none() {
                let cure = format!(
                    "add `{class}` to `write` of [{}] in manager.d/sidetone.conf",
                    config.ami.username
                );
                findings.push(Finding::fault(
                    "AMI permissions",
                    format!("the user may not {action}"),
                    cure,
                ));
            }
        }
        if answer.get("QueueStatus").is_none() {
            findings.push(Finding::warning(
                "queues",
                "app_queue is not loaded: agents are known by asterisk.agents and agent_patterns only",
                "load app_queue.so if calls come through Queue()",
            ));
        }
    }
    limits(&mut session, findings).await;
}

/// The switch's own limits, and what taps take of them.
async fn limits(session: &mut Session<Ami>, findings: &mut Vec<Finding>) {
    let Ok(bytes) = Action::new("CoreSettings").encode("doctor-2") else {
        return;
    };
    match ask(session, &bytes, "doctor-2").await {
        Ok(settings) => {
            let set = |name: &str| settings.get(name).filter(|value| *value != "0").unwrap_or("not set");
            let (calls, files) = (set("CoreMaxCalls"), set("CoreMaxFilehandles"));
            findings.push(Finding::fine(
                "limits",
                format!(
                    "maxcalls: {calls}, of which taps take none; maxfiles: {files}, of which a tapped leg takes \
                     {FILES_SNOOP} by snoop and {FILES_CHANSPY} by ChanSpy"
                ),
            ));
        }
        Err(error) => findings.push(Finding::fault(
            "limits",
            error.to_string(),
            "is Asterisk under heavy load?",
        )),
    }
}

async fn rest(config: &AsteriskConfig, findings: &mut Vec<Finding>) {
    let severity = if config.tap == TapChoice::Auto {
        Severity::Warning
    } else {
        Severity::Fault
    };
    let ari = match Ari::new(config.ari.clone()) {
        Ok(ari) => ari,
        Err(error) => {
            findings.push(Finding::fault(
                "ARI",
                error.to_string(),
                "report this: the HTTP client cannot be made",
            ));
            return;
        }
    };
    let modules = match ari.request(&Request::modules()).await {
        Ok(modules) => modules,
        Err(error) => {
            let cure = match error {
                AriError::Refused { status: 401 | 403, .. } => {
                    "compare asterisk.ari.username and .password with ari_sidetone.conf, then: asterisk -rx 'module reload res_ari.so'"
                }
                AriError::Timeout(_) => {
                    "ARI hangs: restart Asterisk when you can; calls are tapped by ChanSpy until then"
                }
                _ => {
                    "set `enabled = yes` in http.conf and ari.conf (see http_sidetone.conf), and compare asterisk.ari.url"
                }
            };
            let detail = format!("{error}; taps go by ChanSpy, 8 kHz");
            findings.push(Finding {
                severity,
                check: "ARI",
                found: detail,
                cure: cure.to_owned(),
            });
            return;
        }
    };
    findings.push(Finding::fine("ARI", format!("answers at {}", config.ari.url)));
    for module in MODULES.into_iter().filter(|module| !is_running(&modules, module)) {
        let cure = format!("asterisk -rx 'module load {module}' and look into modules.conf");
        findings.push(Finding {
            severity,
            check: "modules",
            found: format!("{module} is not running"),
            cure,
        });
    }
    if !is_running(&modules, CDR_MODULE) {
        findings.push(Finding::warning(
            "call records",
            format!("{CDR_MODULE} is not running: where the switch keeps call records, each tap adds a row"),
            format!("asterisk -rx 'module load {CDR_MODULE}', or `enable = no` in cdr.conf"),
        ));
    }
    direct::look(config, &ari, findings).await;
}

fn is_running(list: &str, module: &str) -> bool {
    let Ok(serde_json::Value::Array(modules)) = serde_json::from_str(list) else {
        return false;
    };
    modules.iter().any(|entry| {
        let is = |field: &str, value: &str| entry.get(field).and_then(|found| found.as_str()) == Some(value);
        is("name", module) && is("status", "Running")
    })
}
