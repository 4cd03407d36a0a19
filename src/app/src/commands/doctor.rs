//! `sidetone doctor`

use std::path::Path;

use clap::Args;
use rustix::fs::Access;
use rustix::io::Errno;
use sidetone_asr::models::{ModelStore, SENTENCE_ENCODER, Status};
use sidetone_base::{Finding, Severity};
use sidetone_telephony::Port;

use super::ConfigArgs;
use crate::config::{Config, UseEncoder};
use crate::descriptors;
use crate::runtime::parts;

/// Looks at everything that a call needs and says in plain words what is wrong and how to cure it.
#[derive(Args)]
#[command(after_help = "Example:\n  sidetone doctor --config /etc/sidetone/sidetone.toml\n\n\
    Changes nothing. Exits with 1 when something is broken.")]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// A JSON object a line: severity (fine, warning, fault), check, found, cure
    #[arg(long)]
    json: bool,
}

/// A hotline of a hundred lines, and room.
const ENOUGH_CALLS: u64 = 1_000;

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

    fn json(&self) -> serde_json::Value {
        let severity = match self.severity {
            Severity::Fine => "fine",
            Severity::Warning => "warning",
            Severity::Fault => "fault",
        };
        serde_json::json!({"severity": severity, "check": self.what, "found": self.found, "cure": self.cure})
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
    lines.push(open_files());
    lines.push(knowledge(&config));
    lines.extend(models(&config));
    lines.extend(encoder(&config));
    let remote = crate::runtime::start()?.block_on(async {
        let mut lines = redis(&config).await;
        lines.extend(switch(&config).await);
        lines.extend(engines(&config).await);
        lines.extend(handover(&config).await);
        lines
    });
    lines.extend(remote);
    let broken = lines.iter().filter(|line| line.severity == Severity::Fault).count();
    for line in &lines {
        if args.json {
            println!("{}", line.json());
            continue;
        }
        let mark = match line.severity {
            Severity::Fine => "  ok ",
            Severity::Warning => "note ",
            Severity::Fault => "FAIL ",
        };
        println!("{mark} {:<16} {}", line.what, line.found);
        if !line.cure.is_empty() {
            println!("                       → {}", line.cure);
        }
    }
    if broken == 0 {
        Ok(())
    } else {
        Err(format!("{broken} thing(s) to mend"))
    }
}

/// Whether the daemon can write there, without trying: the doctor leaves everything as it is.
fn state_dir(dir: &Path) -> Line {
    // What is not there yet is made by the daemon, in the first folder above it that is.
    let there = dir.ancestors().find(|folder| folder.exists()).unwrap_or(dir);
    let named = dir.display();
    if !there.is_dir() {
        let found = format!("{} is no folder", there.display());
        return Line::new(Severity::Fault, "state", found, "set outbox.state_dir to a folder");
    }
    match rustix::fs::access(there, Access::WRITE_OK | Access::EXEC_OK) {
        Ok(()) if there == dir => Line::new(Severity::Fine, "state", format!("{named} can be written"), ""),
        Ok(()) => Line::new(
            Severity::Fine,
            "state",
            format!("{named} is not there yet; the daemon makes it"),
            "",
        ),
        Err(error) => {
            let cure = match error {
                Errno::ROFS => {
                    "until then events wait in memory and are lost with the daemon: mount it writable (a unit with \
                     ProtectSystem=strict needs StateDirectory= or ReadWritePaths=), or set outbox.state_dir"
                }
                _ => {
                    "run the doctor as the user that runs sidetone; make the folder belong to that user, or set \
                     outbox.state_dir"
                }
            };
            let found = format!("{named} cannot be written: {}", std::io::Error::from(error));
            Line::new(Severity::Fault, "state", found, cure)
        }
    }
}

/// What is open at once, on a busy day. The daemon raises the soft limit by itself.
fn open_files() -> Line {
    let most = descriptors::most();
    let calls = descriptors::calls(most);
    let found = format!("{most} files may be open, which is good for {calls} calls");
    if calls >= ENOUGH_CALLS {
        return Line::new(Severity::Fine, "files", found, "");
    }
    Line::new(
        Severity::Warning,
        "files",
        found,
        "LimitNOFILE=65536 in the unit, as in deploy/sidetone.service (this is the limit of the doctor's own session)",
    )
}

fn knowledge(config: &Config) -> Line {
    let dir = &config.knowledge.dir;
    let cure = match dir.is_dir() {
        true => "mend the lines named above; knowledge/README.md has the format",
        false => "set knowledge.dir to the folder of your *.jsonl files; the sample is in knowledge/",
    };
    let result = parts::pack(config).map(|pack| {
        let stats = pack.knowledge().stats();
        format!(
            "{} nodes, {} dated figures, {} topics, {} example turns",
            stats.nodes,
            stats.figure_rows,
            stats.topics,
            pack.examples().len()
        )
    });
    Line::of("knowledge", result, cure)
}

fn models(config: &Config) -> Vec<Line> {
    let dir = &config.speech.models_dir;
    let store = match ModelStore::open(dir) {
        Ok(store) => store,
        Err(error) => {
            let cure = "mend or remove the manifest.toml in speech.models_dir: without one the built-in list holds";
            return vec![Line::new(Severity::Fault, "models", error.to_string(), cure)];
        }
    };
    let speech = &config.speech;
    let detector = speech.neural_vad.then_some(("speech.neural_vad", parts::DETECTOR));
    speech
        .models()
        .into_iter()
        .chain(detector)
        .map(|(key, name)| model(&store, dir, key, name))
        .collect()
}

/// Without it turns are understood by their words alone, which is less, not nothing.
fn encoder(config: &Config) -> Option<Line> {
    let dir = &config.speech.models_dir;
    let store = ModelStore::open(dir)
        .ok()
        .filter(|_| config.knowledge.encoder == UseEncoder::Auto)?;
    let line = model(&store, dir, "knowledge.encoder", SENTENCE_ENCODER);
    let absent = store
        .manifest()
        .model(SENTENCE_ENCODER)
        .is_ok_and(|model| store.status(model) == Status::Absent);
    Some(match absent {
        true => Line::new(
            Severity::Warning,
            &line.what,
            format!("{}: turns are understood by their words alone", line.found),
            format!("{}, or knowledge.encoder = \"off\"", line.cure),
        ),
        false => line,
    })
}

fn model(store: &ModelStore, dir: &Path, key: &str, name: &str) -> Line {
    let fault = |found: String, cure: String| Line::new(Severity::Fault, "models", found, cure);
    let model = match store.manifest().model(name) {
        Ok(model) => model,
        Err(error) => {
            let cure = format!("set {key} to one of those that `sidetone models list` names");
            return fault(format!("{key}: {error}"), cure);
        }
    };
    let fetch = format!("sidetone models fetch --models {} {name}", dir.display());
    if store.status(model) == Status::Absent {
        let cure = format!("run `{fetch}`, or set speech.models_dir to where models are");
        return fault(format!("{name} is not in {}", dir.display()), cure);
    }
    match store.verify(model) {
        Ok(()) => Line::new(Severity::Fine, "models", format!("{name} is there and whole"), ""),
        Err(error) => {
            let folder = store.folder(model);
            fault(
                error.to_string(),
                format!("remove {} and run `{fetch}`", folder.display()),
            )
        }
    }
}

/// Asks each engine once.
async fn engines(config: &Config) -> Vec<Line> {
    let mut lines = Vec::new();
    for (name, engine) in &config.llm.engines {
        lines.push(sidetone_shell::llm::diagnose(name, engine).await.into());
    }
    lines
}

async fn handover(config: &Config) -> Option<Line> {
    let handover = config.handover.as_ref()?;
    Some(sidetone_shell::handover::diagnose(handover).await.into())
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
        findings.push(Finding::warning("switch", "none is configured", cure));
    }
    findings.into_iter().map(Line::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_doctor_leaves_the_disk_as_it_is() {
        let root = std::env::temp_dir().join(format!("sidetone-doctor-unit-{}", std::process::id()));
        std::fs::create_dir(&root).unwrap();
        let (there, not_there, file) = (root.join("a"), root.join("b/c"), root.join("f"));
        std::fs::create_dir(&there).unwrap();
        std::fs::write(&file, b"").unwrap();
        let severity = |dir: &Path| state_dir(dir).severity;
        assert_eq!(severity(&there), Severity::Fine);
        assert_eq!(severity(&not_there), Severity::Fine);
        assert_eq!(severity(&file.join("below")), Severity::Fault);
        assert_eq!(std::fs::read_dir(&there).unwrap().count(), 0);
        assert!(!root.join("b").exists());
        std::fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn a_finding_as_json_has_all_that_a_line_has() {
        let line = Line::new(Severity::Warning, "switch", "none is configured", "add one");
        assert_eq!(
            line.json().to_string(),
            r#"{"check":"switch","cure":"add one","found":"none is configured","severity":"warning"}"#
        );
    }

    #[test]
    fn a_cure_is_for_what_is_wrong() {
        let mut config = Config::default();
        config.speech.model = "whisper-huge".to_owned();
        config.speech.models_dir = std::env::temp_dir().join("sidetone-no-models-here");
        let lines = models(&config);
        assert!(lines.iter().all(|line| line.severity == Severity::Fault));
        assert!(lines[0].cure.contains("models list"), "{}", lines[0].cure);
        assert!(lines[1].cure.contains("models fetch --models"), "{}", lines[1].cure);
        assert!(lines[1].cure.contains("sidetone-zh"), "{}", lines[1].cure);
        let line = encoder(&config).unwrap();
        assert_eq!(line.severity, Severity::Warning);
        assert!(line.cure.contains("models fetch --models") && line.cure.contains("sentence-encoder"));
        config.knowledge.encoder = UseEncoder::Off;
        assert!(encoder(&config).is_none());
        config.knowledge.dir = std::env::temp_dir().join("sidetone-no-knowledge-here");
        let line = knowledge(&config);
        assert!(line.cure.starts_with("set knowledge.dir"), "{}", line.cure);
    }
}
