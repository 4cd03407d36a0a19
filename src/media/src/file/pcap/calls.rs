//! Who speaks with whom: streams to parties, parties to calls.
//!
//! A party is a person on the line, not an SSRC: a re-INVITE changes the SSRC, the port or both, and an
//! announcement comes from another source than the agent who follows it.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::streams::{Stream, Traffic};

/// Microseconds of silence on both ways after which a new SSRC on the same two sockets is a new call.
const SAME_PATH: i64 = 10_000_000;
/// Microseconds between the end of one stream and its successor's begin, when only one socket stays.
const SAME_SOCKET: i64 = 3_000_000;
/// The same when both ports changed and only the hosts stay.
const SAME_HOSTS: i64 = 300_000;
/// Microseconds by which a successor may begin before its predecessor's end.
const OVERLAP: i64 = 300_000;

/// One call: the streams of its one or two parties.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    /// Indices of streams; who sent the first packet comes first.
    pub(super) parties: [Vec<usize>; 2],
}

impl Group {
    fn all(&self) -> impl Iterator<Item = usize> {
        self.parties.iter().flatten().copied()
    }

    fn is_one_way(&self) -> bool {
        self.parties.iter().any(Vec::is_empty)
    }
}

/// A stream with its time.
#[derive(Clone, Copy)]
struct Span<'a> {
    stream: &'a Stream,
    begin: i64,
    end: i64,
}

/// How another stream belongs to a call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Party {
    Same,
    Other,
}

/// The calls of a capture in the order of their begins, and how many were left out because they carry the sound of
/// one that is kept: a switch was heard on both of its sides.
pub(super) fn calls(traffic: &Traffic) -> (Vec<Group>, usize) {
    let streams = traffic.streams.iter().enumerate();
    let mut spans: Vec<(usize, Span<'_>)> = streams
        .filter_map(|(index, stream)| Some((index, span(traffic, stream)?)))
        .collect();
    spans.sort_by_key(|(index, span)| (span.begin, *index));
    let paths: HashSet<_> = spans
        .iter()
        .map(|(_, span)| (span.stream.from, span.stream.to))
        .collect();
    let two_way = |span: &Span<'_>| paths.contains(&(span.stream.to, span.stream.from));
    let mut groups: Vec<Group> = Vec::new();
    for (position, (index, span)) in spans.iter().enumerate() {
        let earlier = &spans[..position];
        let related = earlier.iter().rev().filter_map(|(known, other)| {
            let (rank, party) = relation(other, span, two_way(other) || two_way(span))?;
            Some((rank, *known, party))
        });
        // The strongest reason; of equals the latest stream.
        let joined = related.min_by_key(|(rank, ..)| *rank).and_then(|(_, known, party)| {
            let group = groups
                .iter_mut()
                .find(|group| group.all().any(|member| member == known))?;
            let side = usize::from(group.parties[1].contains(&known));
            Some((group, if party == Party::Same { side } else { 1 - side }))
        });
        match joined {
            Some((group, side)) => group.parties[side].push(*index),
            None => groups.push(Group {
                parties: [vec![*index], Vec::new()],
            }),
        }
    }
    let (groups, copies) = without_copies(traffic, groups);
    (pair_of_strangers(groups), copies)
}

fn span<'a>(traffic: &Traffic, stream: &'a Stream) -> Option<Span<'a>> {
    let times = traffic.of(stream).map(|packet| packet.at);
    let (begin, end) = times.fold((i64::MAX, i64::MIN), |(begin, end), at| (begin.min(at), end.max(at)));
    (begin <= end).then_some(Span { stream, begin, end })
}

/// The way back between the same two sockets.
fn is_back(one: &Span<'_>, other: &Span<'_>) -> bool {
    one.stream.from == other.stream.to && one.stream.to == other.stream.from
}

/// Why `new` belongs to the call of `known`, the strongest reason first, and to which of its parties.
fn relation(known: &Span<'_>, new: &Span<'_>, two_way: bool) -> Option<(u8, Party)> {
    let (old, young) = (known.stream, new.stream);
    let gap = new.begin.saturating_sub(known.end);
    let follows = gap >= -OVERLAP;
    let same_hosts = old.from.ip() == young.from.ip() && old.to.ip() == young.to.ip();
    let turned_hosts = old.from.ip() == young.to.ip() && old.to.ip() == young.from.ip();
    let told_apart = old.from.ip() != old.to.ip();
    if old.from == young.from && old.to == young.to {
        return (gap <= SAME_PATH).then_some((0, Party::Same));
    }
    if is_back(known, new) {
        return (gap <= SAME_PATH).then_some((0, Party::Other));
    }
    // Another port and the same count: nobody else has that SSRC.
    if old.ssrc == young.ssrc && follows && (old.from.ip() == young.from.ip() || old.to.ip() == young.to.ip()) {
        return Some((1, Party::Same));
    }
    // Who hears on another port than the one it sends from.
    let is_turned = old.from == young.to || old.to == young.from;
    if turned_hosts && gap <= SAME_SOCKET && (is_turned || (!two_way && told_apart)) {
        return Some((if is_turned { 2 } else { 4 }, Party::Other));
    }
    if follows && gap <= SAME_SOCKET {
        if old.from == young.from || old.to == young.to {
            return Some((3, Party::Same));
        }
        if is_turned {
            return Some((3, Party::Other));
        }
    }
    // Both ports changed.
    let moved = told_apart && (-OVERLAP..=SAME_HOSTS).contains(&gap);
    match () {
        () if moved && same_hosts => Some((5, Party::Same)),
        () if moved && turned_hosts => Some((5, Party::Other)),
        () => None,
    }
}

/// Leaves out calls that carry another one's sound; kept is the one with both parties, and of equals the longest.
fn without_copies(traffic: &Traffic, mut groups: Vec<Group>) -> (Vec<Group>, usize) {
    /// Sounds that two streams share before one can be the other's copy: silence is alike everywhere.
    const ENOUGH: usize = 20;
    let mut owners: HashMap<u64, usize> = HashMap::new();
    let mut drop = HashSet::new();
    let packets = |group: &Group| {
        group
            .all()
            .map(|stream| traffic.streams[stream].packets.len())
            .sum::<usize>()
    };
    for index in 0..groups.len() {
        let mut rival: HashMap<usize, usize> = HashMap::new();
        let (mut own, mut most) = (HashSet::new(), 0);
        for stream in groups[index].all() {
            let sounds = sounds(traffic, &traffic.streams[stream]);
            for sound in &sounds {
                if let Some(owner) = owners.get(sound) {
                    *rival.entry(*owner).or_default() += 1;
                }
            }
            most = most.max(sounds.len());
            own.extend(sounds);
        }
        let copied = rival.into_iter().max_by_key(|(_, shared)| *shared);
        let Some((other, _)) = copied.filter(|(_, shared)| *shared >= ENOUGH && *shared * 2 >= most) else {
            own.into_iter().for_each(|sound| {
                owners.entry(sound).or_insert(index);
            });
            continue;
        };
        let worth = |group: &Group| (!group.is_one_way(), packets(group));
        if worth(&groups[index]) > worth(&groups[other]) {
            drop.insert(other);
            owners.retain(|_, owner| *owner != other);
            owners.extend(own.into_iter().map(|sound| (sound, index)));
        } else {
            drop.insert(index);
        }
    }
    let mut index = 0;
    groups.retain(|_| {
        index += 1;
        !drop.contains(&(index - 1))
    });
    (groups, drop.len())
}

/// What a stream's packets sound like, each sound once; those that are too short to say are passed over.
fn sounds(traffic: &Traffic, stream: &Stream) -> HashSet<u64> {
    const SHORTEST: usize = 20;
    let long = traffic.of(stream).filter(|packet| packet.payload >= SHORTEST);
    let sound = long.map(|packet| {
        let mut hasher = DefaultHasher::new();
        packet
            .bytes
            .get(packet.bytes.len() - packet.payload..)
            .hash(&mut hasher);
        hasher.finish()
    });
    sound.collect()
}

/// Two parties of whom each is heard on a way of its own, as a recorder gets them, are one call.
fn pair_of_strangers(mut groups: Vec<Group>) -> Vec<Group> {
    if let [one, other] = groups.as_mut_slice()
        && one.is_one_way()
        && other.is_one_way()
    {
        let second = std::mem::take(&mut other.parties).into_iter().flatten().collect();
        let first = std::mem::take(&mut one.parties).into_iter().flatten().collect();
        return vec![Group {
            parties: [first, second],
        }];
    }
    groups
}
