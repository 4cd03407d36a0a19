//! What an administrator should know, in plain words, with the cure.

use std::net::IpAddr;

use sidetone_base::Finding;

use super::capture;
use sidetone_telephony::link::Session;

use super::link::{self, Esl, EslError, LinkError};
use crate::config::{FreeswitchConfig, TapChoice};
use crate::esl::{Command, Message};

/// The password that every FreeSWITCH is shipped with.
const SHIPPED_PASSWORD: &str = "ClueCon";

/// Looks at everything that calls and taps need. Changes nothing on the switch.
pub async fn diagnose(config: &FreeswitchConfig) -> Vec<Finding> {
    let mut findings = Vec::new();
    let place = format!("{}:{}", config.esl.host, config.esl.port);
    match link::open(&config.esl).await {
        Ok(mut session) => {
            findings.push(Finding::fine("event socket", format!("let in at {place}")));
            if let Err(error) = inside(config, &mut session, &mut findings).await {
                let cure = "is the switch under heavy load?";
                findings.push(Finding::fault("event socket", format!("{place}: {error}"), cure));
            }
        }
        Err(LinkError::Protocol(EslError::Refused(reason))) => findings.push(Finding::fault(
            "event socket",
            format!("{place} refused the password: {reason}"),
            "compare freeswitch.esl.password with autoload_configs/event_socket.conf.xml",
        )),
        // It closes at once on whoever its access list does not name.
        Err(error @ (LinkError::Protocol(EslError::Goodbye(_)) | LinkError::Closed)) => findings.push(Finding::fault(
            "event socket",
            format!("{place}: {error}"),
            "name this host in the list of apply-inbound-acl of event_socket.conf.xml (see acl_sidetone.xml)",
        )),
        Err(error) => findings.push(Finding::fault(
            "event socket",
            format!("{place}: {error}"),
            "is FreeSWITCH running, is mod_event_socket loaded, and does it listen on this address and port?",
        )),
    }
    here(config, &mut findings);
    findings
}

async fn inside(
    config: &FreeswitchConfig,
    session: &mut Session<Esl>,
    findings: &mut Vec<Finding>,
) -> Result<(), LinkError> {
    if config.esl.password.expose() == SHIPPED_PASSWORD {
        findings.push(Finding::warning(
            "event socket password",
            "it is the one that every FreeSWITCH is shipped with",
            "change it in event_socket.conf.xml and in freeswitch.esl.password",
        ));
    }
    if !loaded(session, "mod_callcenter").await? {
        findings.push(Finding::warning(
            "queues",
            "mod_callcenter is not loaded: agents are known by freeswitch.agents, agent_patterns and the variable sidetone_agent",
            "load mod_callcenter if calls come through it",
        ));
    }
    module(config, session, findings).await?;
    let applications = ask(session, "show application").await?;
    for (application, used) in [
        ("native_eavesdrop", config.tap != TapChoice::Eavesdrop),
        ("eavesdrop", true),
    ] {
        let there = applications
            .lines()
            .any(|line| line.split(',').next() == Some(application));
        if used && !there {
            findings.push(Finding::fault(
                "applications",
                format!("the switch has no {application}"),
                "load mod_dptools; FreeSWITCH 1.10 or newer has both",
            ));
        }
    }
    profile(config, session, findings).await
}

async fn module(
    config: &FreeswitchConfig,
    session: &mut Session<Esl>,
    findings: &mut Vec<Finding>,
) -> Result<(), LinkError> {
    let there = loaded(session, "mod_sidetone").await?;
    match (there, &config.module.socket, config.tap) {
        (true, Some(socket), _) => {
            findings.push(Finding::fine(
                "module",
                format!("mod_sidetone is loaded; it is waited for at {}", socket.display()),
            ));
        }
        (true, None, _) => findings.push(Finding::warning(
            "module",
            "mod_sidetone is loaded, and nobody waits for it",
            "set freeswitch.module.socket to the socket of autoload_configs/sidetone.conf.xml",
        )),
        (false, _, TapChoice::Module) => findings.push(Finding::warning(
            "module",
            "mod_sidetone is not loaded: legs are tapped natively",
            "fs_cli -x 'load mod_sidetone', and name it in modules.conf.xml",
        )),
        (false, ..) => {}
    }
    Ok(())
}

async fn profile(
    config: &FreeswitchConfig,
    session: &mut Session<Esl>,
    findings: &mut Vec<Finding>,
) -> Result<(), LinkError> {
    let name = &config.sip.profile;
    let status = ask(session, &format!("sofia status profile {name}")).await?;
    let address = field(&status, "SIP-IP").and_then(|text| text.parse::<IpAddr>().ok());
    let Some(address) = address else {
        findings.push(Finding::fault(
            "SIP profile",
            format!("the switch has no running profile {name}"),
            "set freeswitch.sip.profile to one that `fs_cli -x 'sofia status'` shows as RUNNING",
        ));
        return Ok(());
    };
    let sent_from = [
        Some(address),
        field(&status, "Ext-SIP-IP").and_then(|text| text.parse().ok()),
    ];
    if sent_from.iter().flatten().any(|from| config.sip.allow.contains(from)) {
        findings.push(Finding::fine("SIP profile", format!("{name} runs on {address}")));
    } else {
        findings.push(Finding::fault(
            "SIP profile",
            format!("{name} sends from {address}, which is not allowed: every tap would be refused"),
            format!("add \"{address}\" to freeswitch.sip.allow"),
        ));
    }
    Ok(())
}

/// What this host must give.
fn here(config: &FreeswitchConfig, findings: &mut Vec<Finding>) {
    if config.tap == TapChoice::Passive {
        findings.push(match capture::permitted() {
            Ok(()) => Finding::fine("capture", "this process may read packets of the network"),
            Err(error) => Finding::warning(
                "capture",
                format!("this process may not read packets ({error}): legs are tapped natively"),
                "AmbientCapabilities=CAP_NET_RAW in the systemd unit",
            ),
        });
    }
}

async fn ask(session: &mut Session<Esl>, api: &str) -> Result<String, LinkError> {
    Ok(match link::ask(session, &Command::api(api)).await? {
        Message::ApiResponse(text) => text,
        _ => String::new(),
    })
}

async fn loaded(session: &mut Session<Esl>, module: &str) -> Result<bool, LinkError> {
    let answer = ask(session, &format!("module_exists {module}")).await?;
    Ok(answer.trim() == "true")
}

/// A line `Name<blanks>value` of `sofia status profile`.
fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = status.lines().map(|line| line.split_ascii_whitespace());
    lines.find_map(|mut words| (words.next() == Some(name)).then(|| words.next())?)
}
