//! What the publisher takes when there is little room.

use super::super::{OutboxConfig, Publisher};
use super::*;

fn journal(folder: &Folder) -> Vec<Envelope> {
    let text = std::fs::read_to_string(folder.0.join("journal/c.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn partials_go_first_and_leave_no_hole() {
    let folder = Folder::new();
    let config = OutboxConfig {
        state_dir: folder.0.clone(),
        max_bytes: 8_000,
        ..OutboxConfig::default()
    };
    let publisher = Publisher::open(config);
    for _ in 0..60 {
        publisher.publish(spoken("c", "partial", false));
        publisher.publish(spoken("c", "final", true));
    }
    let events = journal(&folder);
    assert!(events.iter().map(|event| event.seq).eq(1..=events.len() as u64));
    let last_partial = events
        .iter()
        .rposition(|event| matches!(event.body, Body::TranscriptPartial(_)))
        .unwrap();
    let bytes = |events: &[Envelope]| {
        events
            .iter()
            .map(|event| serde_json::to_vec(event).unwrap().len() + 1)
            .sum::<usize>()
    };
    assert!(bytes(&events[..last_partial]) < 4_000, "none once half is full");
    assert!(bytes(&events) >= 8_000, "finals up to the whole");
}

#[test]
fn a_full_outbox_ends_calls_and_tells_what_it_lost() {
    let folder = Folder::new();
    let config = OutboxConfig {
        state_dir: folder.0.clone(),
        max_bytes: 8_000,
        ..OutboxConfig::default()
    };
    let publisher = Publisher::open(config);
    publisher.publish(started("c"));
    let finals = 60;
    for _ in 0..finals {
        publisher.publish(spoken("c", "final", true));
    }
    publisher.publish(ended("c"));
    let events = journal(&folder);
    assert!(events.iter().map(|event| event.seq).eq(1..=events.len() as u64));
    let kept = events
        .iter()
        .filter(|event| matches!(event.body, Body::TranscriptFinal(_)))
        .count();
    assert!(kept < finals, "the outbox was full");
    let [.., told, last] = events.as_slice() else { panic!() };
    assert!(matches!(last.body, Body::CallEnded(_)));
    let Body::Error(fault) = &told.body else {
        panic!("{told:?}")
    };
    assert_eq!(fault.code, "events_shed");
    assert!(
        fault.message.ends_with(&format!("{} transcript.final", finals - kept)),
        "{}",
        fault.message
    );
}

#[test]
fn nothing_follows_the_end() {
    let folder = Folder::new();
    let config = OutboxConfig {
        state_dir: folder.0.clone(),
        ..OutboxConfig::default()
    };
    let publisher = Publisher::open(config.clone());
    publisher.publish(started("c"));
    publisher.publish(ended("c"));
    publisher.publish(spoken("c", "late", true));
    assert_eq!(journal(&folder).len(), 2);
    drop(publisher);
    let publisher = Publisher::open(config);
    publisher.publish(spoken("c", "later", true));
    assert_eq!(journal(&folder).len(), 2);
    assert!(publisher.open_calls().is_empty());
}
