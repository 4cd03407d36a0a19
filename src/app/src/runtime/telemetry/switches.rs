//! What the switches' metrics mean.

use sidetone_shell::metrics::{Label, Metric, counts, gauges, spreads};

const STATUS: Label = ("status", &["heard", "silence", "ok", "gone", "error"]);
const ASTERISK_TAP: Label = ("kind", &["snoop", "chanspy"]);
const FREESWITCH_TAP: Label = ("kind", &["module", "native", "eavesdrop", "passive"]);

pub(super) const ASTERISK: [Metric; 28] = [
    gauges(
        "sidetone_asterisk_ami_connected",
        &[],
        "1 while the manager connection is up",
    ),
    counts(
        "sidetone_asterisk_ami_reconnects_total",
        &[],
        "Attempts to connect after a loss",
    ),
    counts(
        "sidetone_asterisk_ami_messages_total",
        &[],
        "Messages of the manager interface",
    ),
    counts(
        "sidetone_asterisk_ami_cut_total",
        &[],
        "Messages of the manager interface beyond 64 KiB, of which the rest was left out",
    ),
    gauges("sidetone_asterisk_calls", &[], "Calls that the switch has now"),
    gauges("sidetone_asterisk_taps", &[], "Legs that are tapped now"),
    counts("sidetone_asterisk_signals_total", &[], "Facts told to the engine"),
    counts(
        "sidetone_asterisk_taps_attached_total",
        &[ASTERISK_TAP],
        "Taps that heard something, by kind",
    ),
    counts(
        "sidetone_asterisk_taps_failed_total",
        &[ASTERISK_TAP],
        "Taps that did not, by kind",
    ),
    counts(
        "sidetone_asterisk_taps_silent_total",
        &[ASTERISK_TAP],
        "Taps that brought no sound any more while their party was heard, by kind",
    ),
    counts(
        "sidetone_asterisk_tap_rounds_total",
        &[],
        "Times that a leg was tried again after every kind of tap had failed",
    ),
    counts(
        "sidetone_asterisk_taps_given_up_total",
        &[],
        "Legs that no kind of tap hears",
    ),
    counts(
        "sidetone_asterisk_taps_direct_total",
        &[],
        "Legs that run from phone to phone and are left alone",
    ),
    counts("sidetone_asterisk_facts_total", &[], "Facts for metrics"),
    counts(
        "sidetone_asterisk_facts_dropped_total",
        &[],
        "Facts for metrics that found no room",
    ),
    counts("sidetone_asterisk_audio_frames_total", &[], "Frames taken over"),
    counts(
        "sidetone_asterisk_audio_dropped_total",
        &[],
        "Frames dropped for want of room",
    ),
    counts(
        "sidetone_asterisk_audiosocket_refused_total",
        &[],
        "Audio connections without, or with a wrong, identifier",
    ),
    gauges("sidetone_asterisk_agi_sessions", &[], "Dialplans that ask now"),
    counts(
        "sidetone_asterisk_agi_requests_total",
        &[STATUS],
        "Questions of dialplans, by what they were told",
    ),
    counts(
        "sidetone_asterisk_agi_refused_total",
        &[],
        "Dialplans beyond those that may ask at once",
    ),
    counts(
        "sidetone_asterisk_agi_broken_total",
        &[],
        "FastAGI connections that came to nothing",
    ),
    counts(
        "sidetone_asterisk_agi_strangers_total",
        &[],
        "FastAGI connections without the secret, or for a channel that runs no AGI",
    ),
    gauges("sidetone_asterisk_aeap_sessions", &[], "Speech objects now"),
    counts(
        "sidetone_asterisk_aeap_rounds_total",
        &[],
        "Times that a speech object listened",
    ),
    counts(
        "sidetone_asterisk_aeap_refused_total",
        &[],
        "Speech objects beyond those that may be",
    ),
    counts(
        "sidetone_asterisk_aeap_broken_total",
        &[],
        "Speech objects that came to an early end",
    ),
    counts(
        "sidetone_asterisk_aeap_strangers_total",
        &[],
        "Speech objects without the secret",
    ),
];

pub(super) const FREESWITCH: [Metric; 31] = [
    gauges(
        "sidetone_freeswitch_esl_connected",
        &[],
        "1 while the event socket is up",
    ),
    counts(
        "sidetone_freeswitch_esl_reconnects_total",
        &[],
        "Attempts to connect after a loss",
    ),
    counts(
        "sidetone_freeswitch_esl_messages_total",
        &[],
        "Messages of the event socket",
    ),
    gauges("sidetone_freeswitch_calls", &[], "Calls that the switch has now"),
    gauges("sidetone_freeswitch_taps", &[], "Legs that are tapped now"),
    counts("sidetone_freeswitch_signals_total", &[], "Facts told to the engine"),
    counts(
        "sidetone_freeswitch_taps_attached_total",
        &[FREESWITCH_TAP],
        "Taps that heard something, by kind",
    ),
    counts(
        "sidetone_freeswitch_taps_failed_total",
        &[FREESWITCH_TAP],
        "Taps that did not, by kind",
    ),
    counts(
        "sidetone_freeswitch_taps_renewed_total",
        &[],
        "Taps that were made anew because another bug started or stopped on their leg",
    ),
    counts(
        "sidetone_freeswitch_taps_given_up_total",
        &[],
        "Legs that no kind of tap hears",
    ),
    counts(
        "sidetone_freeswitch_taps_orphaned_total",
        &[],
        "Taps of an earlier run that were hung up",
    ),
    spreads(
        "sidetone_freeswitch_attach_seconds",
        "From the wish for a tap to its first packet, by kind",
    ),
    counts(
        "sidetone_freeswitch_sip_refused_total",
        &[("why", &["stranger", "unasked", "media", "request", "garbage"])],
        "SIP requests that nobody asked for, by why they were refused",
    ),
    counts(
        "sidetone_freeswitch_rtp_foreign_total",
        &[],
        "Packets from elsewhere than the switch",
    ),
    counts(
        "sidetone_freeswitch_srtp_failed_total",
        &[],
        "Packets that do not decrypt",
    ),
    counts("sidetone_freeswitch_facts_total", &[], "Facts for metrics"),
    counts(
        "sidetone_freeswitch_facts_dropped_total",
        &[],
        "Facts for metrics that found no room",
    ),
    counts("sidetone_freeswitch_audio_frames_total", &[], "Frames taken over"),
    counts(
        "sidetone_freeswitch_audio_dropped_total",
        &[],
        "Frames dropped for want of room",
    ),
    gauges(
        "sidetone_freeswitch_module_connected",
        &[],
        "1 while mod_sidetone is connected",
    ),
    counts(
        "sidetone_freeswitch_module_lost_total",
        &[],
        "Frames that the module lost",
    ),
    counts(
        "sidetone_freeswitch_module_dropped_total",
        &[],
        "Frames of the module that found no room here",
    ),
    counts(
        "sidetone_freeswitch_module_unheard_total",
        &[],
        "Frames of legs that a dialplan started and that are in no call",
    ),
    counts(
        "sidetone_freeswitch_module_strangers_total",
        &[],
        "Connections that were no mod_sidetone of this version",
    ),
    counts(
        "sidetone_freeswitch_module_unsent_total",
        &[],
        "Words to the module that found no room",
    ),
    counts(
        "sidetone_freeswitch_listens_refused_total",
        &[],
        "Questions by the module beyond those that may be at once",
    ),
    gauges("sidetone_freeswitch_outbound_sessions", &[], "Dialplans that ask now"),
    counts(
        "sidetone_freeswitch_outbound_requests_total",
        &[STATUS],
        "Questions of dialplans, by what they were told",
    ),
    counts(
        "sidetone_freeswitch_outbound_refused_total",
        &[],
        "Dialplans beyond those that may ask at once",
    ),
    counts(
        "sidetone_freeswitch_outbound_broken_total",
        &[],
        "Outbound sockets that came to an early end",
    ),
    counts(
        "sidetone_freeswitch_outbound_strangers_total",
        &[],
        "Outbound sockets without the secret",
    ),
];
