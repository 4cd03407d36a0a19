//! Steps of the clock of the host that captured.
//!
//! A capture is written in the order of arrival, so time that goes back is a clock that was set back. Time
//! that leaps on is one that was set forward only if the senders' own clocks did not go on meanwhile: else it is
//! a pause.

use std::collections::HashMap;

use super::streams::{Packet, Traffic};

/// Microseconds between two packets of a file that need no explanation: reordered by the interface, or a pause.
const ORDINARY: std::ops::RangeInclusive<i64> = -20_000..=100_000;
/// Microseconds that are a step of the clock; less is the network.
const STEP: i64 = 100_000;
/// Microseconds back that can only be a step, whatever the senders' clocks say.
const CERTAIN: i64 = -1_000_000;
/// Packets on each side of a leap that are looked at.
const WINDOW: usize = 800;

/// Takes the steps out of the packets' times. What is left rises with the senders' clocks, at any pace.
pub(super) fn mend(traffic: &mut Traffic) {
    let clocks: Vec<u32> = traffic.streams.iter().map(|stream| traffic.clock(stream)).collect();
    let media = media(&traffic.packets, &clocks);
    let packets = &mut traffic.packets;
    let mut offset = 0_i64;
    for index in 1..packets.len() {
        let (done, rest) = packets.split_at_mut(index);
        let (Some(before), Some(packet)) = (done.last(), rest.first()) else {
            return;
        };
        let leap = packet.at.saturating_sub(offset).saturating_sub(before.at);
        if !ORDINARY.contains(&leap) {
            offset = offset.saturating_add(step(done, rest, &media, offset, leap));
        }
        if let Some(packet) = rest.first_mut() {
            packet.at = packet.at.saturating_sub(offset);
        }
    }
}

/// Each packet's place on its sender's clock, in microseconds since the stream's first.
fn media(packets: &[Packet], clocks: &[u32]) -> Vec<i64> {
    let mut newest: HashMap<(usize, u32), (u32, i64)> = HashMap::new();
    let place = |packet: &Packet| {
        let (last, ticks) = newest
            .entry((packet.stream, packet.run))
            .or_insert((packet.timestamp, 0));
        *ticks += i64::from(packet.timestamp.wrapping_sub(*last) as i32);
        *last = packet.timestamp;
        let clock = clocks.get(packet.stream).copied().unwrap_or(1).max(1);
        ticks.saturating_mul(1_000_000) / i64::from(clock)
    };
    packets.iter().map(place).collect()
}

/// How far the clock was set between `done`, whose times are mended, and `rest`, whose times are `offset` too late.
fn step(done: &[Packet], rest: &[Packet], media: &[i64], offset: i64, leap: i64) -> i64 {
    // Least delay against the sender's clock on both sides: what stalled comes in a burst, and then is as early
    // as before.
    let mut before: HashMap<(usize, u32), i64> = HashMap::new();
    let first = done.len().saturating_sub(WINDOW);
    for (packet, media) in done[first..].iter().zip(&media[first..]) {
        let delay = packet.at.saturating_sub(*media);
        let least = before.entry((packet.stream, packet.run)).or_insert(delay);
        *least = delay.min(*least);
    }
    let mut after: HashMap<(usize, u32), (i64, bool)> = HashMap::new();
    let mut last = rest.first().map_or(0, |packet| packet.at);
    for (packet, media) in rest.iter().zip(&media[done.len()..]).take(WINDOW) {
        // The next step is not this one's matter.
        if packet.at.saturating_sub(last) < CERTAIN {
            break;
        }
        last = packet.at;
        let delay = packet.at.saturating_sub(offset).saturating_sub(*media);
        let (least, _) = after
            .entry((packet.stream, packet.run))
            .or_insert((delay, packet.is_marked));
        *least = delay.min(*least);
    }
    // Who begins to speak again may have a clock that stood still meanwhile: no witness of a step forward.
    let witnesses = after.iter().filter(|(_, (_, is_marked))| leap < 0 || !is_marked);
    let steps = witnesses.filter_map(|(stream, (after, _))| Some(after.saturating_sub(*before.get(stream)?)));
    match steps.min_by_key(|step| step.saturating_abs()) {
        Some(step) if step.saturating_abs() >= STEP && step.signum() == leap.signum() => step,
        None if leap < CERTAIN => leap,
        _ => 0,
    }
}
