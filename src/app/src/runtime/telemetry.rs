//! The engine's metrics: name, unit, meaning. Labels never name a call, a leg or a person.

use metrics::{Unit, counter, describe_counter, describe_gauge};
use sidetone_engine::LegReport;

pub(super) const CALLS: &str = "sidetone_engine_calls";
pub(super) const CALLS_STARTED: &str = "sidetone_engine_calls_started_total";
pub(super) const OVERRUN: &str = "sidetone_engine_overrun_frames_total";
pub(super) const STRAY: &str = "sidetone_engine_stray_frames_total";
pub(super) const TASK_DEATHS: &str = "sidetone_engine_task_deaths_total";
pub(super) const FINALS_GIVEN_UP: &str = "sidetone_engine_finals_given_up_total";
pub(super) const INBOX_FULL: &str = "sidetone_engine_inbox_full_total";
pub(super) const ABANDONED: &str = "sidetone_engine_calls_abandoned_total";
pub(super) const ASKED: &str = "sidetone_engine_questions_total";
const FINALS_LOST: &str = "sidetone_engine_finals_lost_total";
const MEDIA: [&str; 6] = [
    "sidetone_media_received_total",
    "sidetone_media_lost_total",
    "sidetone_media_late_total",
    "sidetone_media_duplicate_total",
    "sidetone_media_concealed_total",
    "sidetone_media_unknown_payload_total",
];

/// Tells the exporter what each metric means. Call once, after the recorder is installed.
pub fn describe() {
    describe_gauge!(CALLS, Unit::Count, "Calls that are heard now");
    describe_counter!(CALLS_STARTED, Unit::Count, "Calls that were heard");
    describe_counter!(
        OVERRUN,
        Unit::Count,
        "Frames dropped because their call's queue was full"
    );
    describe_counter!(STRAY, Unit::Count, "Frames of calls that are not known (any more)");
    describe_counter!(TASK_DEATHS, Unit::Count, "Calls whose task panicked");
    describe_counter!(
        FINALS_GIVEN_UP,
        Unit::Count,
        "Finals that found no room in the pool in time"
    );
    describe_counter!(
        INBOX_FULL,
        Unit::Count,
        "Inputs that a call had no room for, by what they were"
    );
    describe_counter!(
        ABANDONED,
        Unit::Count,
        "Calls given up because their task did not keep up"
    );
    describe_counter!(ASKED, Unit::Count, "Questions of dialplans, by what was answered");
    describe_counter!(FINALS_LOST, Unit::Count, "Segments that got no final text");
    for (name, what) in MEDIA.into_iter().zip([
        "Frames and packets received",
        "Packets that never came",
        "Packets that came too late",
        "Packets that came twice",
        "Packets whose place was filled by concealment",
        "Packets with a payload type that nobody announced",
    ]) {
        describe_counter!(name, Unit::Count, what);
    }
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
}
