//! `sidetone doctor`

use std::path::Path;

use clap::Args;
use sidetone_asr::models::{ModelStore, Status};
use sidetone_base::{Finding, Severity};
use sidetone_telephony::Port;

use super::ConfigArgs;
use crate::config::Config;
use crate::runtime::parts;

/// Looks at everything that a call needs and says in plain words what is wrong and how to cure it.
#[derive(Args)]
#[command(after_help = "Example:\n  sidetone doctor --config /etc/sidetone/sidetone.toml\n\n\
    Changes nothing. Exits with 1 when something is broken.")]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    config: ConfigArgs,
}

/// One line of the report.
struct Line {
    severity: Severity,
    what: String,
    found: String,
    cure: String,
}

impl Line {
    fn new(severity: Severity, what: &str, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            severity,
            what: what.to_owned(),
            found: found.into(),
            cure: cure.into(),
        }
    }

    /// Fine, or broken with a cure.
    fn of(what: &str, result: Result<String, String>, cure: &str) -> Self {
        match result {
            Ok(found) => Self::new(Severity::Fine, what, found, ""),
            Err(found) => Self::new(Severity::Fault, what, found, cure),
        }
    }
}

impl From<Finding> for Line {
    fn from(finding: Finding) -> Self {
        Self::new(finding.severity, finding.check, finding.found, finding.cure)
    }
}

pub(super) fn run(args: &DoctorArgs) -> Result<(), String> {
    let config = args.config.load()?;
    let mut lines = vec![Line::new(Severity::Fine, "configuration", "valid", "")];
    lines.push(state_dir(&config.outbox.state_dir));
    lines.push(knowledge(&config));
    lines.extend(models(&config));
    let remote = crate::runtime::start()?.block_on(async {
        let mut lines = redis(&config).await;
        lines.extend(switch(&config).await);
        lines
    });
    lines.extend(remote);
    let mut broken = 0;
    for line in &lines {
        let mark = match line.severity {
            Severity::Fine => "  ok ",
            Severity::Warning => "note ",
            Severity::Fault => "FAIL ",
        };
        println!("{mark} {:<16} {}", line.what, line.found);
        if !line.cure.is_empty() {
            println!("                       → {}", line.cure);
        }
        broken += usize::from(line.severity == Severity::Fault);
    }
    if broken == 0 {
        Ok(())
    } else {
        Err(format!("{broken} thing(s) to mend"))
    }
}

fn state_dir(dir: &Path) -> Line {
    let probe = dir.join(".doctor");
    let result = std::fs::create_dir_all(dir)
        .and_then(|()| std::fs::write(&probe, b"x"))
        .and_then(|()| std::fs::remove_file(&probe))
        .map(|()| format!("{} can be written", dir.display()))
        .map_err(|error| format!("{} cannot be written: {error}", dir.display()));
    Line::of(
        "state",
        result,
        "make the folder belong to the user that runs sidetone, or set outbox.state_dir",
    )
}

fn knowledge(config: &Config) -> Line {
    let result = parts::knowledge(config).map(|kb| {
        let stats = kb.stats();
        format!(
            "{} nodes, {} dated figures, {} topics",
            stats.nodes, stats.figure_rows, stats.topics
        )
    });
    Line::of("knowledge", result, "mend the lines named above, or set knowledge.dir")
}

fn models(config: &Config) -> Vec<Line> {
    let cure = "run `sidetone models fetch`";
    let store = match ModelStore::open(&config.speech.models_dir) {
        Ok(store) => store,
        Err(error) => return vec![Line::new(Severity::Fault, "models", error.to_string(), cure)],
    };
    let mut wanted = vec![config.speech.model.as_str()];
    wanted.extend(config.speech.second_model());
    if config.speech.neural_vad {
        wanted.push(parts::DETECTOR);
    }
    wanted
        .into_iter()
        .map(|name| {
            let result = store
                .manifest()
                .model(name)
                .map_err(|error| error.to_string())
                .and_then(|model| {
                    match store.status(model) {
                        Status::Present => store.verify(model).map(|()| format!("{name} is there and whole")),
                        Status::Absent => {
                            return Err(format!("{name} is not in {}", config.speech.models_dir.display()));
                        }
                    }
                    .map_err(|error| error.to_string())
                });
            Line::of("models", result, cure)
        })
        .collect()
}

async fn redis(config: &Config) -> Vec<Line> {
    let findings = sidetone_shell::wire::diagnose(&config.redis).await;
    findings.into_iter().map(Line::from).collect()
}

/// Everything that others connect to by TCP.
fn ports(config: &Config) -> Vec<Port> {
    let mut ports = vec![Port {
        setting: "http.listen",
        address: config.http.listen,
        needed: true,
        // Who asks for metrics is not known here.
        peer: "localhost".to_owned(),
        ask: "GET /live HTTP/1.0\r\n\r\n",
        answer: "\r\n\r\nlive\n",
    }];
    ports.extend(config.asterisk.iter().flat_map(|asterisk| asterisk.ports()));
    ports.extend(config.freeswitch.iter().map(|freeswitch| freeswitch.port()));
    ports
}

async fn switch(config: &Config) -> Vec<Line> {
    let mut findings = Vec::new();
    if let Some(asterisk) = &config.asterisk {
        findings.extend(sidetone_asterisk::diagnose(asterisk).await);
    }
    if let Some(freeswitch) = &config.freeswitch {
        findings.extend(sidetone_freeswitch::diagnose(freeswitch).await);
    }
    findings.extend(sidetone_telephony::look(&ports(config)).await);
    if config.asterisk.is_none() && config.freeswitch.is_none() {
        let cure = "add a section [asterisk] or [freeswitch] when there is one to listen to";
        return vec![Line::new(Severity::Warning, "switch", "none is configured", cure)];
    }
    findings.into_iter().map(Line::from).collect()
}
