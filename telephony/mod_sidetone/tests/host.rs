//! The built module in a switch of our own: loaded with `dlopen`, fed at real pace, hung up on, broken on purpose.
//!
//! Under valgrind: `valgrind --leak-check=full target/debug/deps/host-… --test-threads=1`.
#![allow(unsafe_code, unreachable_pub, missing_docs)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::not_unsafe_ptr_arg_deref
)]

#[path = "host/daemon.rs"]
mod daemon;
#[path = "host/dialplan.rs"]
mod dialplan;
#[path = "host/module.rs"]
mod module;
#[path = "host/play.rs"]
mod play;
#[path = "host/scenarios.rs"]
mod scenarios;
#[path = "host/switch.rs"]
mod switch;
#[path = "host/xml.rs"]
mod xml;

#[test]
fn everything_arrives_whole_and_in_order() {
    scenarios::plays_at_real_pace();
}

#[test]
fn a_hangup_during_attach_leaves_nothing() {
    scenarios::hangs_up_during_attach(300);
}

#[test]
fn fifty_starts_and_stops_under_load() {
    scenarios::starts_and_stops_under_load();
}

/// The hook that fails on purpose is in debug builds only, and so is this test.
#[cfg(debug_assertions)]
#[test]
fn a_fault_stays_inside() {
    scenarios::panics_stay_inside();
}

#[test]
fn without_a_daemon_frames_are_counted_and_dropped() {
    scenarios::daemon_gone_and_back();
}

#[test]
fn a_daemon_may_die_at_any_time() {
    scenarios::daemon_killed_again_and_again();
}

#[test]
fn a_deaf_daemon_holds_nobody_up() {
    scenarios::deaf_daemon();
}

#[test]
fn bypass_works_at_once() {
    scenarios::bypass_does_nothing_at_once();
}

#[test]
fn pause_is_silence_and_no_loss() {
    scenarios::pause_is_silence();
}

#[test]
fn a_dialplan_gets_its_answer_or_says_why_not() {
    dialplan::listens();
}

#[test]
fn a_dialplan_gets_a_summary() {
    dialplan::sums_up();
}

#[test]
fn a_start_before_media_waits_for_media() {
    dialplan::starts_later_without_media();
}

#[test]
fn wrong_requests_are_answered_in_words() {
    dialplan::says_what_is_wrong();
}

#[test]
fn events_of_the_daemon_are_fired() {
    scenarios::fires_events();
}
