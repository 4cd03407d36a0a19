//! What an administrator should know, in plain words, with the cure.

use sidetone_base::{Finding, Severity};

use crate::ami::{Action, Kind};
use crate::ari::{Request, TAP_CONTEXT};
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
    "res_stasis_snoop.so",
    "app_stasis.so",
    "chan_audiosocket.so",
    "app_chanspy.so",
    "app_dial.so",
];

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
    if config.tap != TapChoice::ChanSpy {
        context(&mut session, findings).await;
    }
}

async fn context(session: &mut Session<Ami>, findings: &mut Vec<Finding>) {
    let action = Action::new("ShowDialPlan").with("Context", TAP_CONTEXT);
    let Ok(bytes) = action.encode("doctor-2") else { return };
    match ask(session, &bytes, "doctor-2").await {
        Ok(answer) if matches!(answer.kind(), Kind::Response(true)) => {
            findings.push(Finding::fine("dialplan", format!("the context {TAP_CONTEXT} is loaded")));
        }
        Ok(answer) => findings.push(Finding::fault(
            "dialplan",
            format!("the context {TAP_CONTEXT}: {}", answer.get("Message").unwrap_or("not found")),
            "copy extensions_sidetone.conf to /etc/asterisk, #include it in extensions.conf, then: asterisk -rx 'dialplan reload'",
        )),
        Err(error) => findings.push(Finding::fault("dialplan", error.to_string(), "is Asterisk under heavy load?")),
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
