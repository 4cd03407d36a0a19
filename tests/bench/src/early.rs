//! `early [--calls N] [--models DIR] [--model NAME] [--partial-model NAME] [--verbose]`: hints before the caller is done.
//!
//! The sound of N scripted calls (10) through the daemon's models and engine on virtual time, so that what comes out does
//! not hang on the machine: recognising takes no time here, `load` has it as it is. `--verbose` tells each hint.
//!
//! - `shown`, of `turns` that got a hint at all; `precision`: those whose topic the script expects on that turn.
//! - `lead_ms_p50`: from an early hint to the end of the caller's turn in the script; below zero where it came behind it.
//! - `first_hint_ms`: from the end of a turn to the first hint on it, early or not; below zero where it came before it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sidetone_app::runtime::{Offline, Outlet, parts, playback};
use sidetone_base::CallId;
use sidetone_engine::{Call, EngineConfig, Parts};
use sidetone_shell::pool::Models;
use sidetone_speech::{AudioJob, Hypothesis, Pass, RecogniseError, Recogniser, SegmentKey};

use crate::calls::{self, Collector, Played, Said, percentile};

/// Runs the bench.
pub(crate) fn run(args: &[String]) -> Result<Value, String> {
    let calls::Options {
        mut config,
        calls: wanted,
        verbose,
        ..
    } = calls::options(args, 10)?;
    let pack = parts::pack(&config)?;
    let shared = Arc::new(parts::shared(&config, Arc::clone(&pack))?);
    let models = parts::models(&config.speech, &pack)?;
    parts::suit(&mut config.speech, &models);
    let engine = parts::engine(&config, calls::DAY);
    let collector = Collector::default();
    for (number, played) in calls::recordings(wanted)?.into_iter().enumerate() {
        let id = CallId::new(format!("bench-{number}"));
        collector.expect(&id, Arc::clone(&played.script), Arc::clone(&played.spans));
        play(&id, &played, engine.clone(), &shared, &models, &collector)?;
        eprintln!("{} of {wanted} calls played", number + 1);
    }
    let (said, _) = collector.take();
    if verbose {
        said.iter().flat_map(Said::story).for_each(|line| eprintln!("{line}"));
    }
    let mut figures = figures(&said);
    let mut first: Vec<i64> = said.iter().flat_map(Said::first_hints).collect();
    figures["turns"] = json!(first.len());
    figures["first_hint_ms_p50"] = json!(percentile(&mut first, 50));
    figures["first_hint_ms_p95"] = json!(percentile(&mut first, 95));
    Ok(figures)
}

fn play(
    id: &CallId,
    played: &Played,
    engine: EngineConfig,
    shared: &Arc<Parts>,
    models: &Models,
    collector: &Collector,
) -> Result<(), String> {
    // A mere origin: nothing reads a clock after it.
    let begun = Instant::now();
    let call = Call::new(begun, id.clone(), engine, Arc::clone(shared));
    let worker = |model: &dyn sidetone_speech::Recognise| model.worker().map_err(|error| error.to_string());
    let both = Both {
        partial: worker(models.partial.as_ref())?,
        last: worker(models.last.as_ref())?,
    };
    let sink = |at, event| collector.publish(id, begun + at, event);
    let mut offline = Offline::new(begun, call, Box::new(both), sink).live();
    for event in playback::opening(&played.recording, "8001") {
        offline.signal(Duration::ZERO, event);
    }
    let mut end = Duration::ZERO;
    for (at, leg, frame) in played.recording.frames() {
        end = at + Duration::from_millis(20);
        offline.audio(at, &leg, frame);
    }
    drop(offline.hang_up(end));
    Ok(())
}

/// Early hints and what became of them.
pub(crate) fn figures(calls: &[Said]) -> Value {
    let mut leads = Vec::new();
    let (mut shown, mut right, mut withdrawn) = (0_usize, 0_usize, 0_usize);
    for call in calls {
        for hint in call.hints.iter().filter(|hint| hint.early) {
            shown += 1;
            right += usize::from(call.is_expected(hint));
            withdrawn += usize::from(hint.withdrawn);
            leads.extend(call.lead(hint));
        }
    }
    let share = |part: usize| (shown > 0).then(|| (part as f64 / shown as f64 * 1_000.0).round() / 1_000.0);
    json!({
        "shown": shown,
        "lead_ms_p50": percentile(&mut leads, 50),
        "precision": share(right),
        "withdrawn_rate": share(withdrawn),
    })
}

/// The daemon's two models as one recogniser.
struct Both {
    partial: Box<dyn Recogniser>,
    last: Box<dyn Recogniser>,
}

impl Recogniser for Both {
    fn recognise(&mut self, job: &AudioJob) -> Result<Option<Hypothesis>, RecogniseError> {
        match job.pass {
            Pass::Partial => self.partial.recognise(job),
            Pass::Ahead | Pass::Final | Pass::Again => self.last.recognise(job),
        }
    }

    fn forget(&mut self, segment: &SegmentKey) {
        self.partial.forget(segment);
        self.last.forget(segment);
    }
}
