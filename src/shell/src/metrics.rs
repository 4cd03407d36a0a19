//! Every metric of this crate: name, unit, meaning. Labels never name a call, a leg or a person.

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder};

/// A metric as the exporter is told of it.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// As it is exported.
    pub name: &'static str,
    /// What it means.
    pub help: &'static str,
    /// How it behaves.
    pub kind: Kind,
}

/// A label and the values that it may have.
pub type Label = (&'static str, &'static [&'static str]);

/// How a metric behaves.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Only rises. It is there from the start, at 0, with all that its labels may say.
    Counter(&'static [Label]),
    /// Rises and falls. It is there from the start, at 0, unless a label may say anything.
    Gauge(&'static [Label]),
    /// Spread over buckets.
    Histogram,
}

/// A counter; for tables.
#[must_use]
pub const fn counts(name: &'static str, labels: &'static [Label], help: &'static str) -> Metric {
    let kind = Kind::Counter(labels);
    Metric { name, help, kind }
}

/// A gauge; for tables.
#[must_use]
pub const fn gauges(name: &'static str, labels: &'static [Label], help: &'static str) -> Metric {
    let kind = Kind::Gauge(labels);
    Metric { name, help, kind }
}

/// A histogram; for tables.
#[must_use]
pub const fn spreads(name: &'static str, help: &'static str) -> Metric {
    let kind = Kind::Histogram;
    Metric { name, help, kind }
}

/// From a millisecond to what nobody waits for, in seconds.
const LATENCIES: [f64; 14] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];
/// A write to the page cache, in seconds.
const WRITES: [f64; 9] = [0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_5, 0.001, 0.01, 0.1, 1.0];
/// Small numbers.
const BATCHES: [f64; 6] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0];

/// An exporter whose histograms have buckets, so that several daemons can be added up.
///
/// # Errors
/// Never, as long as no list of buckets is empty.
pub fn exporter() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &LATENCIES)?
        .set_buckets_for_metric(Matcher::Full(WIRE_PUBLISH_SECONDS.to_owned()), &WRITES)?
        .set_buckets_for_metric(Matcher::Full(ASR_BATCH.to_owned()), &BATCHES)
}

/// Events accepted, by `class`.
pub const WIRE_ACCEPTED: &str = "sidetone_wire_accepted_total";
/// Events shed for want of room, by `class`.
pub const WIRE_SHED: &str = "sidetone_wire_shed_total";
/// Events refused because their call had ended.
pub const WIRE_AFTER_END: &str = "sidetone_wire_after_end_total";
/// Events that are in Redis.
pub const WIRE_DELIVERED: &str = "sidetone_wire_delivered_total";
/// Writes to a journal that failed; the event waits in memory.
pub const WIRE_JOURNAL_ERRORS: &str = "sidetone_wire_journal_errors_total";
/// Bytes cut off journals at start: lines torn by a crash.
pub const WIRE_JOURNAL_TORN: &str = "sidetone_wire_journal_torn_bytes";
/// Bytes in all journals.
pub const WIRE_JOURNAL_BYTES: &str = "sidetone_wire_journal_bytes";
/// Of them, bytes that are in memory alone, because the disk refuses them.
pub const WIRE_JOURNAL_MEMORY: &str = "sidetone_wire_journal_memory_bytes";
/// Events that Redis is not known to have.
pub const WIRE_UNDELIVERED: &str = "sidetone_wire_undelivered";
/// How long Redis has taken nothing of the call that it is furthest behind of; 0 while it keeps up.
pub const WIRE_LAG_SECONDS: &str = "sidetone_wire_lag_seconds";
/// Calls that have a journal.
pub const WIRE_JOURNALS: &str = "sidetone_wire_journals";
/// Time to stamp an event and write it to its journal.
pub const WIRE_PUBLISH_SECONDS: &str = "sidetone_wire_publish_seconds";
/// From an event's `ts` to Redis's answer.
pub const WIRE_DELIVERY_SECONDS: &str = "sidetone_wire_delivery_seconds";
/// One round trip to Redis.
pub const WIRE_ROUND_TRIP_SECONDS: &str = "sidetone_wire_round_trip_seconds";
/// 1 while Redis answers.
pub const WIRE_REDIS_UP: &str = "sidetone_wire_redis_up";
/// Connections made to Redis.
pub const WIRE_CONNECTS: &str = "sidetone_wire_redis_connects_total";
/// Errors that Redis or the way to it gave, by `kind`.
pub const WIRE_REDIS_ERRORS: &str = "sidetone_wire_redis_errors_total";
/// Times that a stream was found behind what had been delivered and was filled up from the journal.
pub const WIRE_REWINDS: &str = "sidetone_wire_rewinds_total";
/// HTTP connections that were closed, by `why` (`full`, `slow`).
pub const HTTP_REFUSED: &str = "sidetone_http_refused_total";
/// Steps of the system's clock that were followed.
pub const CLOCK_STEPS: &str = "sidetone_clock_steps_total";
/// Times at which the threads that calls and switches are served by stood still for half a second or more.
pub const STALLS: &str = "sidetone_stalls_total";
/// 1, with the `version`.
pub const BUILD_INFO: &str = "sidetone_build_info";
/// Calls whose numbers went on behind what their stream held of another writer.
pub const WIRE_RENUMBERED: &str = "sidetone_wire_renumbered_total";
/// Entries of the control stream, by `command`; `bad` when not understood.
pub const CONTROL: &str = "sidetone_control_total";
/// Requests sent to an `engine`.
pub const LLM_REQUESTS: &str = "sidetone_llm_requests_total";
/// Of them, requests to the second engine.
pub const LLM_HEDGES: &str = "sidetone_llm_second_total";
/// Requests without a valid answer, by `engine` and `fault`.
pub const LLM_FAULTS: &str = "sidetone_llm_faults_total";
/// Times that an `engine` failed so often that it is left alone.
pub const LLM_OPENED: &str = "sidetone_llm_breaker_opened_total";
/// Tokens of answers that were used, by `engine` and `kind`.
pub const LLM_TOKENS: &str = "sidetone_llm_tokens_total";
/// Requests to who takes wrap-ups, by `outcome`.
pub const HANDOVER_REQUESTS: &str = "sidetone_handover_requests_total";
/// Wrap-ups that went to the stream of dead letters, by `why`.
pub const HANDOVER_DEAD: &str = "sidetone_handover_dead_total";
/// Wrap-ups that are held here until they are taken; others wait in Redis.
pub const HANDOVER_HELD: &str = "sidetone_handover_held";
/// Finals as they were said, for roles that may read them, by `outcome`.
pub const UNMASKED: &str = "sidetone_unmasked_total";
/// Commands whose answer found no room and is lost.
pub const CONTROL_UNANSWERED: &str = "sidetone_control_unanswered_total";
/// Corrections of wrap-ups, by what became of them.
pub const CORRECTIONS: &str = "sidetone_wrapup_corrections_total";
/// Entries of the stream of facts that others tell, by `type`; `bad` when not understood.
pub const FACTS_IN: &str = "sidetone_facts_in_total";
/// Entries of the feedback stream, by `action`; `bad` when not understood.
pub const FEEDBACK: &str = "sidetone_feedback_total";

/// Jobs handed to the pool, by `pass`.
pub const ASR_SUBMITTED: &str = "sidetone_asr_submitted_total";
/// Jobs recognised, by `pass` and `outcome` (`text`, `silence`, `failed`, `panicked`).
pub const ASR_DONE: &str = "sidetone_asr_done_total";
/// Finals, and what was decoded ahead of them, where two models read: by `model`, whose text was taken (`quick`,
/// `thorough`).
pub const ASR_CHOSEN: &str = "sidetone_asr_chosen_total";
/// Segments on which one of two models, `model`, failed; the other one's text was asked for or taken.
pub const ASR_PASSED_OVER: &str = "sidetone_asr_passed_over_total";
/// Stretches of sound that were read again in halves, because one of two models had left out much of it.
pub const ASR_HALVED: &str = "sidetone_asr_halved_total";
/// Texts taken although the other of two models had a good deal more, by `reason` (`unlikely`).
pub const ASR_SHORTENED: &str = "sidetone_asr_shortened_total";
/// Jobs not recognised, by `pass` and `reason` (`superseded`, `expired`, `too_slow`, `call_full`, `full`, `refused`).
pub const ASR_SHED: &str = "sidetone_asr_shed_total";
/// Answers that were lost because nobody took them, by `pass`; finals only while the pool stops.
pub const ASR_UNANSWERED: &str = "sidetone_asr_unanswered_total";
/// Jobs waiting, by `pass`.
pub const ASR_QUEUED: &str = "sidetone_asr_queued";
/// From submission to start, by `pass`.
pub const ASR_QUEUED_SECONDS: &str = "sidetone_asr_queued_seconds";
/// Time in the recogniser, by `pass`.
pub const ASR_TOOK_SECONDS: &str = "sidetone_asr_took_seconds";
/// Finals that were started after their deadline.
pub const ASR_LATE: &str = "sidetone_asr_late_finals_total";
/// Partials that one worker did at once.
pub const ASR_BATCH: &str = "sidetone_asr_batch_partials";
/// 1 while `what` (`partials`, `second_passes`, `hints`) is being shed.
pub const SHEDDING: &str = "sidetone_shedding";
/// Recognisers that were thrown away after a panic.
pub const ASR_REBUILT: &str = "sidetone_asr_workers_rebuilt_total";

/// Tells the exporter what this crate's metrics mean, and that they are there. Call once, after the recorder is installed.
pub fn describe() {
    declare(&WIRE);
    declare(&POOL);
    declare(&LLM);
    declare(&HANDOVER);
    declare(&DAEMON);
    gauge!(BUILD_INFO, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}

/// Tells the exporter what metrics mean, and that they are there.
pub fn declare(metrics: &[Metric]) {
    for Metric { name, help, kind } in metrics {
        match kind {
            Kind::Counter(labels) => {
                describe_counter!(*name, *help);
                each(labels, &mut Vec::new(), &mut |labels| {
                    counter!(*name, labels).increment(0)
                });
            }
            Kind::Gauge(labels) => {
                describe_gauge!(*name, *help);
                each(labels, &mut Vec::new(), &mut |labels| {
                    gauge!(*name, labels).increment(0.0)
                });
            }
            Kind::Histogram => describe_histogram!(*name, *help),
        }
    }
}

/// A label and its value.
type Chosen = (&'static str, &'static str);

/// Every choice of one value of each label; none where a label may say anything.
fn each(labels: &[Label], chosen: &mut Vec<Chosen>, take: &mut dyn FnMut(&[Chosen])) {
    let Some(((name, values), rest)) = labels.split_first() else {
        return take(chosen);
    };
    for value in *values {
        chosen.push((name, value));
        each(rest, chosen, take);
        chosen.pop();
    }
}

/// A label that may say anything.
const OPEN: &[&str] = &[];
const CLASS: Label = ("class", &["partial", "second_pass", "hint", "kept"]);
const PASS: Label = ("pass", &["partial", "ahead", "final"]);

const WIRE: [Metric; 25] = [
    counts(WIRE_ACCEPTED, &[CLASS], "Events accepted, by class"),
    counts(WIRE_SHED, &[CLASS], "Events shed for want of room, by class"),
    counts(WIRE_AFTER_END, &[], "Events refused because their call had ended"),
    counts(WIRE_DELIVERED, &[], "Events that are in Redis"),
    gauges(WIRE_UNDELIVERED, &[], "Events that Redis is not known to have"),
    gauges(
        WIRE_LAG_SECONDS,
        &[],
        "How long Redis has taken nothing of the call that it is furthest behind of",
    ),
    counts(
        WIRE_JOURNAL_ERRORS,
        &[],
        "Journal writes that failed; the event waits in memory",
    ),
    gauges(WIRE_JOURNAL_TORN, &[], "Bytes of torn lines cut off journals at start"),
    gauges(WIRE_JOURNAL_BYTES, &[], "Bytes in all journals"),
    gauges(
        WIRE_JOURNAL_MEMORY,
        &[],
        "Bytes of journals that are in memory alone, because the disk refuses them",
    ),
    gauges(WIRE_JOURNALS, &[], "Calls that have a journal"),
    spreads(WIRE_PUBLISH_SECONDS, "Stamping an event and writing its journal line"),
    spreads(WIRE_DELIVERY_SECONDS, "From an event's ts to Redis's answer"),
    spreads(WIRE_ROUND_TRIP_SECONDS, "One pipelined round trip to Redis"),
    gauges(WIRE_REDIS_UP, &[], "1 while Redis answers"),
    counts(WIRE_CONNECTS, &[], "Connections made to Redis"),
    counts(
        WIRE_REDIS_ERRORS,
        &[("kind", OPEN)],
        "Errors of Redis or the way to it, by kind",
    ),
    counts(WIRE_REWINDS, &[], "Streams found behind and filled up from the journal"),
    counts(
        WIRE_RENUMBERED,
        &[],
        "Calls whose numbers went on behind entries of another writer in their stream",
    ),
    counts(
        CONTROL,
        &[("command", &["pause", "resume", "mask", "reload", "bad"])],
        "Control entries, by command",
    ),
    counts(
        CONTROL_UNANSWERED,
        &[],
        "Commands whose answer found no room and is lost",
    ),
    counts(
        FACTS_IN,
        &[(
            "type",
            &[
                "survey.offered",
                "survey.answered",
                "ticket.created",
                "ticket.closed",
                "agent.acw_ended",
                "agent.state",
                "bad",
            ],
        )],
        "Facts that others tell",
    ),
    counts(
        CORRECTIONS,
        &[("outcome", &["recorded", "no_record", "not_understood", "too_many"])],
        "Corrections of wrap-ups, by what became of them",
    ),
    counts(
        FEEDBACK,
        &[(
            "action",
            &["shown", "clicked", "copied", "dismissed", "corrected", "bad"],
        )],
        "Feedback entries, by action",
    ),
    gauges(
        SHEDDING,
        &[("what", &["partials", "second_passes", "hints"])],
        "1 while it is being shed, by what",
    ),
];

const POOL: [Metric; 13] = [
    counts(ASR_SUBMITTED, &[PASS], "Jobs handed to the pool, by pass"),
    counts(
        ASR_DONE,
        &[PASS, ("outcome", &["text", "silence", "failed", "panicked"])],
        "Jobs recognised, by pass and outcome",
    ),
    counts(
        ASR_CHOSEN,
        &[("model", &["quick", "thorough"])],
        "Texts where two models read, by the model that wrote it",
    ),
    counts(
        ASR_PASSED_OVER,
        &[("model", &["quick", "thorough"])],
        "Segments on which one of two models failed, by model",
    ),
    counts(
        ASR_HALVED,
        &[],
        "Stretches read again in halves, because one of two models left out much of them",
    ),
    counts(
        ASR_SHORTENED,
        &[("reason", &["unlikely"])],
        "Texts taken although the other of two models had a good deal more, by reason",
    ),
    counts(
        ASR_SHED,
        &[
            PASS,
            (
                "reason",
                &["superseded", "expired", "too_slow", "call_full", "full", "refused"],
            ),
        ],
        "Jobs not recognised, by pass and reason",
    ),
    counts(ASR_UNANSWERED, &[PASS], "Answers that nobody took, by pass"),
    gauges(ASR_QUEUED, &[("pass", &["partial", "final"])], "Jobs waiting, by pass"),
    spreads(ASR_QUEUED_SECONDS, "From submission to start, by pass"),
    spreads(ASR_TOOK_SECONDS, "Time in the recogniser, by pass"),
    counts(ASR_LATE, &[], "Finals started after their deadline"),
    spreads(ASR_BATCH, "Partials that one worker did at once"),
];

const LLM: [Metric; 5] = [
    counts(
        LLM_REQUESTS,
        &[("engine", OPEN)],
        "Requests to a language model, by engine",
    ),
    counts(
        LLM_HEDGES,
        &[],
        "Requests that went to the second engine as well or instead",
    ),
    counts(
        LLM_FAULTS,
        &[("engine", OPEN), ("fault", &crate::llm::Fault::CODES)],
        "Requests without a valid answer, by engine and fault",
    ),
    counts(
        LLM_OPENED,
        &[("engine", OPEN)],
        "Times that an engine failed so often that it is left alone, by engine",
    ),
    counts(
        LLM_TOKENS,
        &[("engine", OPEN), ("kind", &["prompt", "answer", "cached"])],
        "Tokens of answers that were used, by engine and kind",
    ),
];

const HANDOVER: [Metric; 3] = [
    counts(
        HANDOVER_REQUESTS,
        &[(
            "outcome",
            &[
                "taken",
                "refused",
                "failed",
                "timeout",
                "busy",
                "misconfigured",
                "unreachable",
            ],
        )],
        "Requests to who takes wrap-ups, by outcome",
    ),
    counts(
        HANDOVER_DEAD,
        &[("why", &["refused", "attempts", "expired"])],
        "Wrap-ups that nobody took and that are in the stream of dead letters, by why",
    ),
    gauges(HANDOVER_HELD, &[], "Wrap-ups that are held until they are taken"),
];

const DAEMON: [Metric; 6] = [
    counts(
        UNMASKED,
        &[("outcome", &["sent", "dropped", "failed"])],
        "Finals as they were said, for roles that may read them, by outcome",
    ),
    counts(ASR_REBUILT, &[], "Recognisers thrown away after a panic"),
    counts(
        HTTP_REFUSED,
        &[("why", &["full", "slow"])],
        "HTTP connections that were closed, by why",
    ),
    counts(CLOCK_STEPS, &[], "Steps of the system's clock that were followed"),
    counts(
        STALLS,
        &[],
        "Times at which the threads that calls are served by stood still for half a second or more",
    ),
    gauges(BUILD_INFO, &[("version", OPEN)], "1, with the version"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_there_from_the_start_and_latencies_have_buckets() {
        let recorder = exporter().unwrap().build_recorder();
        let handle = recorder.handle();
        metrics::with_local_recorder(&recorder, || {
            describe();
            counter!(WIRE_SHED, "class" => "kept").increment(2);
            metrics::histogram!(WIRE_DELIVERY_SECONDS).record(0.3);
        });
        let text = handle.render();
        for line in [
            "sidetone_wire_shed_total{class=\"kept\"} 2",
            "sidetone_wire_shed_total{class=\"hint\"} 0",
            "sidetone_asr_done_total{pass=\"final\",outcome=\"panicked\"} 0",
            "# TYPE sidetone_wire_delivery_seconds histogram",
            "sidetone_wire_delivery_seconds_bucket{le=\"0.25\"} 0",
            "sidetone_wire_delivery_seconds_bucket{le=\"0.5\"} 1",
            concat!("sidetone_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
        ] {
            assert!(text.lines().any(|said| said == line), "no {line} in\n{text}");
        }
        assert!(
            !text.contains("sidetone_wire_redis_errors_total{"),
            "its kinds are not known before"
        );
    }
}
