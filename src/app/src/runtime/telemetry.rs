//! What each metric of the daemon means. Labels never name a call, a leg or a person.

mod switches;

use metrics::counter;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use sidetone_assist::Looked;
use sidetone_engine::LegReport;
use sidetone_shell::metrics::{Metric, counts, declare, exporter, gauges};

use crate::config::Config;
use switches::{ASTERISK, FREESWITCH};

pub(super) const CALLS: &str = "sidetone_engine_calls";
pub(super) const CALLS_STARTED: &str = "sidetone_engine_calls_started_total";
pub(super) const OVERRUN: &str = "sidetone_engine_overrun_frames_total";
pub(super) const STRAY: &str = "sidetone_engine_stray_frames_total";
pub(super) const TASK_DEATHS: &str = "sidetone_engine_task_deaths_total";
pub(super) const FINALS_GIVEN_UP: &str = "sidetone_engine_finals_given_up_total";
pub(super) const INBOX_FULL: &str = "sidetone_engine_inbox_full_total";
pub(super) const ABANDONED: &str = "sidetone_engine_calls_abandoned_total";
pub(super) const ASKED: &str = "sidetone_engine_questions_total";
pub(super) const ENCODER: &str = "sidetone_knowledge_encoder";
pub(super) const GAPS: &str = "sidetone_knowledge_gaps_total";
pub(super) const OPINIONS: &str = "sidetone_feedback_nodes_total";
pub(super) const COMPOSED: &str = "sidetone_llm_wrapups_total";
pub(super) const REFUSED: &str = "sidetone_llm_refused_sentences_total";
pub(super) const CALLERS: &str = "sidetone_callers_recalled_total";
const LOOKED: &str = "sidetone_knowledge_library_total";
const FINALS_LOST: &str = "sidetone_engine_finals_lost_total";
const CROSSTALK_LEGS: &str = "sidetone_engine_crosstalk_legs_total";
const CROSSTALK: &str = "sidetone_engine_crosstalk_segments_total";
const CREDITS: &str = "sidetone_engine_credits_dropped_total";
const MEDIA: [&str; 6] = [
    "sidetone_media_received_total",
    "sidetone_media_lost_total",
    "sidetone_media_late_total",
    "sidetone_media_duplicate_total",
    "sidetone_media_concealed_total",
    "sidetone_media_unknown_payload_total",
];

/// Installs the exporter and tells it what each metric means. Those of a switch are there only where it is configured:
/// a connection that nobody wants is not down.
///
/// # Errors
/// When there is an exporter already.
pub fn install(config: &Config) -> Result<PrometheusHandle, String> {
    let exporter = exporter().and_then(PrometheusBuilder::install_recorder);
    let handle = exporter.map_err(|error| format!("metrics: {error}"))?;
    sidetone_shell::metrics::describe();
    declare(&ENGINE);
    declare(&LEGS);
    if config.asterisk.is_some() {
        declare(&ASTERISK);
    }
    if config.freeswitch.is_some() {
        declare(&FREESWITCH);
    }
    Ok(handle)
}

const ENGINE: [Metric; 21] = [
    counts(
        COMPOSED,
        &[("by", &["engine", "rules"])],
        "Wrap-ups that an engine was asked to word, by who wrote them",
    ),
    counts(
        REFUSED,
        &[(
            "why",
            &["answer", "form", "cites", "number", "word", "denial", "matter", "loss"],
        )],
        "Sentences of engines that were left out, by why",
    ),
    gauges(ENCODER, &[], "1 while new calls are read with the sentence encoder"),
    gauges(CALLS, &[], "Calls that are heard now"),
    counts(CALLS_STARTED, &[], "Calls that were heard"),
    counts(OVERRUN, &[], "Frames dropped because their call's queue was full"),
    counts(STRAY, &[], "Frames of calls that are not known (any more)"),
    counts(TASK_DEATHS, &[], "Calls whose task panicked"),
    counts(FINALS_GIVEN_UP, &[], "Finals that found no room in the pool in time"),
    counts(
        INBOX_FULL,
        &[(
            "what",
            &[
                "signal",
                "answer",
                "control",
                "question",
                "dismissed",
                "leave",
                "caller",
            ],
        )],
        "Inputs that a call had no room for, by what they were",
    ),
    counts(ABANDONED, &[], "Calls given up because their task did not keep up"),
    counts(
        ASKED,
        &[("answer", &["heard", "silence", "summary", "gone"])],
        "Questions of dialplans, by what was answered",
    ),
    counts(
        "sidetone_dialplan_notes_dropped_total",
        &[],
        "What dialplans told for metrics that found no room",
    ),
    counts(
        GAPS,
        &[("answer", &["heard", "none"])],
        "Questions for which nothing was shown, by whether an agent answered them",
    ),
    counts(
        LOOKED,
        &[("outcome", &["quoted", "found", "nothing", "command"])],
        "Looks into the library of statutes and cases, by what became of them",
    ),
    counts(
        OPINIONS,
        &[("outcome", &["counted", "unknown_hint", "failed"])],
        "What agents did with hints, by whether it was counted for a node",
    ),
    counts(
        CALLERS,
        &[("outcome", &["known", "new", "failed", "late", "busy"])],
        "Callers that were looked for among those who called before, by outcome",
    ),
    counts(FINALS_LOST, &[], "Segments that got no final text"),
    counts(
        CROSSTALK_LEGS,
        &[("kind", &["crosstalk", "same_sound"])],
        "Legs in which another party's sound was heard, by kind",
    ),
    counts(CROSSTALK, &[], "Segments of which another party's sound was left out"),
    counts(
        CREDITS,
        &[],
        "Sentences left out of finals that were nothing but credits of videos",
    ),
];

const LEGS: [Metric; 6] = [
    counts(MEDIA[0], &[], "Frames and packets received"),
    counts(MEDIA[1], &[], "Packets that never came"),
    counts(MEDIA[2], &[], "Packets that came too late"),
    counts(MEDIA[3], &[], "Packets that came twice"),
    counts(MEDIA[4], &[], "Packets whose place was filled by concealment"),
    counts(MEDIA[5], &[], "Packets with a payload type that nobody announced"),
];

/// Counts a look into the library.
pub(super) fn looked(looked: Looked) {
    counter!(LOOKED, "outcome" => looked.as_str()).increment(1);
}

/// Adds up a leg that is done.
pub(super) fn leg_done(report: &LegReport) {
    let media = &report.media;
    let values = [
        media.received,
        media.lost,
        media.late,
        media.duplicate,
        media.concealed,
        media.unknown_payload,
    ];
    for (name, value) in MEDIA.into_iter().zip(values) {
        counter!(name).increment(value);
    }
    counter!(FINALS_LOST).increment(report.finals_lost);
    if let Some(kind) = report.crosstalk {
        counter!(CROSSTALK_LEGS, "kind" => kind).increment(1);
    }
    counter!(CROSSTALK).increment(report.crosstalk_segments);
    counter!(CREDITS).increment(report.credits);
}

#[cfg(test)]
#[path = "telemetry/tests.rs"]
mod tests;
