//! Every metric of this crate: name, unit, meaning. Labels never name a call, a leg or a person.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

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
/// Entries of the control stream, by `command`; `bad` when not understood.
pub const CONTROL: &str = "sidetone_control_total";
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

/// Tells the exporter what each metric means. Call once, after the recorder is installed.
pub fn describe() {
    describe_wire();
    describe_pool();
}

fn describe_wire() {
    describe_counter!(WIRE_ACCEPTED, Unit::Count, "Events accepted, by class");
    describe_counter!(WIRE_SHED, Unit::Count, "Events shed for want of room, by class");
    describe_counter!(
        WIRE_AFTER_END,
        Unit::Count,
        "Events refused because their call had ended"
    );
    describe_counter!(WIRE_DELIVERED, Unit::Count, "Events that are in Redis");
    describe_counter!(
        WIRE_JOURNAL_ERRORS,
        Unit::Count,
        "Journal writes that failed; the event waits in memory"
    );
    describe_gauge!(
        WIRE_JOURNAL_TORN,
        Unit::Bytes,
        "Bytes of torn lines cut off journals at start"
    );
    describe_gauge!(WIRE_JOURNAL_BYTES, Unit::Bytes, "Bytes in all journals");
    describe_gauge!(WIRE_JOURNALS, Unit::Count, "Calls that have a journal");
    describe_histogram!(
        WIRE_PUBLISH_SECONDS,
        Unit::Seconds,
        "Stamping an event and writing its journal line"
    );
    describe_histogram!(
        WIRE_DELIVERY_SECONDS,
        Unit::Seconds,
        "From an event's ts to Redis's answer"
    );
    describe_histogram!(
        WIRE_ROUND_TRIP_SECONDS,
        Unit::Seconds,
        "One pipelined round trip to Redis"
    );
    describe_gauge!(WIRE_REDIS_UP, Unit::Count, "1 while Redis answers");
    describe_counter!(WIRE_CONNECTS, Unit::Count, "Connections made to Redis");
    describe_counter!(
        WIRE_REDIS_ERRORS,
        Unit::Count,
        "Errors of Redis or the way to it, by kind"
    );
    describe_counter!(
        WIRE_REWINDS,
        Unit::Count,
        "Streams found behind and filled up from the journal"
    );
    describe_counter!(CONTROL, Unit::Count, "Control entries, by command");
    describe_counter!(FEEDBACK, Unit::Count, "Feedback entries, by action");
}

fn describe_pool() {
    describe_counter!(ASR_SUBMITTED, Unit::Count, "Jobs handed to the pool, by pass");
    describe_counter!(ASR_DONE, Unit::Count, "Jobs recognised, by pass and outcome");
    describe_counter!(
        ASR_CHOSEN,
        Unit::Count,
        "Texts where two models read, by the model that wrote it"
    );
    describe_counter!(
        ASR_PASSED_OVER,
        Unit::Count,
        "Segments on which one of two models failed, by model"
    );
    describe_counter!(ASR_SHED, Unit::Count, "Jobs not recognised, by pass and reason");
    describe_counter!(ASR_UNANSWERED, Unit::Count, "Answers that nobody took, by pass");
    describe_gauge!(ASR_QUEUED, Unit::Count, "Jobs waiting, by pass");
    describe_histogram!(ASR_QUEUED_SECONDS, Unit::Seconds, "From submission to start, by pass");
    describe_histogram!(ASR_TOOK_SECONDS, Unit::Seconds, "Time in the recogniser, by pass");
    describe_counter!(ASR_LATE, Unit::Count, "Finals started after their deadline");
    describe_histogram!(ASR_BATCH, Unit::Count, "Partials that one worker did at once");
    describe_gauge!(SHEDDING, Unit::Count, "1 while it is being shed, by what");
    describe_counter!(ASR_REBUILT, Unit::Count, "Recognisers thrown away after a panic");
}
