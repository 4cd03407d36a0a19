//! What was witnessed against what the streams have.

use std::collections::{HashMap, HashSet};
use std::fmt;

use sidetone_schema::Body;

use crate::Plan;
use crate::stage::{Issued, Stage};
use crate::support::stream;

/// What came of it. All but the plan and `finals`, `masked` and `commands` is to be 0.
pub(crate) struct Figures {
    plan: Plan,
    finals: usize,
    masked: usize,
    commands: usize,
    lost: usize,
    doubled: usize,
    holes: usize,
    unmasked: usize,
    control_lost: usize,
}

impl Figures {
    pub(crate) const fn faults(&self) -> usize {
        self.lost + self.doubled + self.holes + self.unmasked + self.control_lost
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan {
            calls,
            kills,
            failovers,
            silences,
            seed,
        } = self.plan;
        let figures = serde_json::json!({
            "calls": calls, "kills": kills, "failovers": failovers, "silences": silences, "seed": seed,
            "finals": self.finals, "masked": self.masked, "commands": self.commands,
            "finals_lost": self.lost, "finals_doubled": self.doubled, "holes": self.holes,
            "unmasked_after_mask": self.unmasked, "control_lost": self.control_lost,
        });
        figures.fmt(f)
    }
}

/// What the killed processes said that they did.
#[derive(Default)]
struct Witnessed {
    /// Call, segment, and whether it was withheld.
    finals: HashMap<(String, String), bool>,
    obeyed: HashSet<String>,
    /// Finals in clear while their call was masked.
    unmasked: usize,
}

fn read<'a>(witness: &'a str, issued: &'a [Issued]) -> Witnessed {
    let mut witnessed = Witnessed::default();
    let mut masked: HashSet<&str> = HashSet::new();
    for line in witness.lines() {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["final", call, segment, kind] => {
                witnessed.unmasked += usize::from(masked.contains(call) && kind == "clear");
                witnessed
                    .finals
                    .insert((call.to_owned(), segment.to_owned()), kind == "masked");
            }
            ["place", id] => {
                // What was written down holds, whether or not there was time to obey it.
                masked.clear();
                for command in issued.iter().filter(|command| order(&command.id) <= order(id)) {
                    witnessed.obeyed.insert(command.id.clone());
                    if command.command == "mask" {
                        masked.insert(&command.call);
                    } else {
                        masked.remove(command.call.as_str());
                    }
                }
            }
            ["mask" | "resume", _, ""] => {}
            ["mask", call, id] => {
                masked.insert(call);
                witnessed.obeyed.insert(id.to_owned());
            }
            ["resume", call, id] => {
                masked.remove(call);
                witnessed.obeyed.insert(id.to_owned());
            }
            _ => {}
        }
    }
    witnessed
}

/// The parts of an id `<ms>-<n>`, to compare.
fn order(id: &str) -> (u64, u64) {
    let (ms, n) = id.split_once('-').unwrap_or_default();
    (ms.parse().unwrap_or(0), n.parse().unwrap_or(0))
}

pub(crate) async fn judge(plan: Plan, stage: Stage) -> Figures {
    let witness = stage.witness();
    let witnessed = read(&witness, &stage.issued);
    let mut redis = stage.primary().await;
    let mut figures = Figures {
        plan,
        finals: witnessed.finals.len(),
        masked: witnessed.finals.values().filter(|masked| **masked).count(),
        commands: stage.issued.len(),
        lost: 0,
        doubled: 0,
        holes: 0,
        unmasked: witnessed.unmasked,
        control_lost: 0,
    };
    let mut told: HashMap<(String, String), String> = HashMap::new();
    for number in 0..plan.calls {
        let call = format!("call{number}");
        for (place, (seq, event)) in stream(&mut redis, &call).await.into_iter().enumerate() {
            figures.holes += usize::from(seq != place as u64 + 1 || event.seq != seq);
            if let Body::TranscriptFinal(heard) = event.body {
                let before = told.insert((call.clone(), heard.segment_id), heard.text);
                figures.doubled += usize::from(before.is_some());
            }
        }
    }
    for (name, masked) in &witnessed.finals {
        match told.get(name) {
            None => figures.lost += 1,
            Some(text) => figures.unmasked += usize::from(*masked && text != "****"),
        }
    }
    for issued in &stage.issued {
        if !witnessed.obeyed.contains(&issued.id) {
            eprintln!("{} of {} ({}) was lost", issued.command, issued.call, issued.id);
            figures.control_lost += 1;
        }
    }
    figures
}
