//! `pack.toml`: whose line it is.

use serde::Deserialize;
use sidetone_knowledge::{Fault, FaultKind};

/// What a line is called and what its recogniser should expect. Unknown keys are faults.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackInfo {
    /// Stable id: `12333`.
    pub id: String,
    /// As an agent calls the line.
    pub name: String,
    /// The number that callers dial, where there is one.
    #[serde(default)]
    pub number: Option<String>,
    /// GB/T 2260 code of the place that the line answers for.
    pub region: String,
    /// For recognisers that can be told what to expect.
    #[serde(default)]
    pub recogniser: Recogniser,
}

/// What helps a recogniser with the line's words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recogniser {
    /// A sentence that a caller might say, full of the line's terms, with few particles: a recogniser that is given a
    /// prompt writes on as the prompt is written.
    #[serde(default)]
    pub prompt: String,
}

impl PackInfo {
    /// Reads `pack.toml`; a fault names the line.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, Vec<Fault>> {
        let info: Self = toml::from_str(text).map_err(|error| {
            let before = error.span().map_or("", |span| text.get(..span.start).unwrap_or(""));
            vec![Fault {
                file: file.to_owned(),
                line: before.matches('\n').count() + 1,
                kind: FaultKind::PackKey(error.message().to_owned()),
            }]
        })?;
        let mut faults = Vec::new();
        let mut fault = |kind| {
            faults.push(Fault {
                file: file.to_owned(),
                line: 0,
                kind,
            });
        };
        if info.id.trim().is_empty() {
            fault(FaultKind::Empty("id"));
        }
        if info.name.trim().is_empty() {
            fault(FaultKind::Empty("name"));
        }
        if info.region.len() != 6 || !info.region.bytes().all(|b| b.is_ascii_digit()) {
            fault(FaultKind::BadRegion(info.region.clone()));
        }
        if faults.is_empty() { Ok(info) } else { Err(faults) }
    }
}
