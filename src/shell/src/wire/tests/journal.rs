//! A crash at any byte, and any order of reading and writing.

use proptest::prelude::*;

use super::super::journal::{Head, Journal, call_of};
use super::super::{OutboxConfig, Publisher};
use super::*;

fn publisher(folder: &Folder) -> Publisher {
    Publisher::open(OutboxConfig {
        state_dir: folder.0.clone(),
        ..OutboxConfig::default()
    })
}

fn file(folder: &Folder) -> PathBuf {
    let mut files = std::fs::read_dir(folder.0.join("journal")).unwrap();
    files.next().unwrap().unwrap().path()
}

/// The numbers in a journal.
fn seqs(journal: &Journal) -> Vec<u64> {
    let (mut offset, mut seqs) = (0, Vec::new());
    loop {
        let bytes = journal.read(offset, 64).unwrap();
        if bytes.is_empty() {
            return seqs;
        }
        offset += bytes.len() as u64;
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        seqs.extend(lines.map(|line| serde_json::from_slice::<Head>(line).unwrap().seq));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_crash_at_any_byte_costs_at_most_the_last_event(texts in prop::collection::vec("\\PC{0,40}", 1..8), cut in 0.0..1.0) {
        let folder = Folder::new();
        let first = publisher(&folder);
        for text in &texts {
            first.publish(spoken("c", text, true));
        }
        let path = file(&folder);
        let whole = std::fs::read(&path).unwrap();
        let cut = (whole.len() as f64 * cut) as usize;
        std::fs::write(&path, &whole[..cut]).unwrap();
        let lines = whole[..cut].iter().filter(|byte| **byte == b'\n').count() as u64;

        let second = publisher(&folder);
        prop_assert_eq!(second.resume(&CallId::new("c")), (lines > 0).then_some(lines));
        second.publish(ended("c"));
        let (journal, torn) = Journal::recover(&path).unwrap();
        prop_assert_eq!(torn, 0);
        prop_assert!(journal.ended());
        prop_assert_eq!(seqs(&journal), (1..=lines + 1).collect::<Vec<_>>());
    }

    #[test]
    fn new_numbers_keep_every_event_in_order_and_outlive_a_restart(count in 1..9_u64, kept in 0..9_u64, over in 0..1_000_u64) {
        let folder = Folder::new();
        let first = publisher(&folder);
        (0..count).for_each(|number| first.publish(spoken("c", &format!("text {number}"), true)));
        let (kept, top) = (kept.min(count), count + over);
        let (mut journal, _) = Journal::recover(&file(&folder)).unwrap();
        journal.renumber(kept, top, envelope(started("c"), 0)).unwrap();
        let expected: Vec<u64> = (1..=kept).chain(top + 1..=top + 1 + count - kept).collect();
        prop_assert_eq!(seqs(&journal), expected.clone());
        let (read_back, torn) = Journal::recover(&file(&folder)).unwrap();
        prop_assert_eq!((seqs(&read_back), torn), (expected, 0));
        let again = publisher(&folder);
        let history = again.history(&CallId::new("c"));
        let texts: Vec<&str> = history
            .iter()
            .filter_map(|event| match &event.body {
                Body::TranscriptFinal(heard) => Some(heard.text.as_str()),
                _ => None,
            })
            .collect();
        let said: Vec<String> = (0..count).map(|number| format!("text {number}")).collect();
        prop_assert_eq!(texts, said);
        prop_assert_eq!(again.resume(&CallId::new("c")), Some(top + 1 + count - kept));
    }

    #[test]
    fn what_is_no_journal_is_cut_off_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let folder = Folder::new();
        let path = folder.0.join("x.jsonl");
        std::fs::write(&path, &bytes).unwrap();
        let (journal, torn) = Journal::recover(&path).unwrap();
        prop_assert_eq!(journal.len() + torn, bytes.len() as u64);
        prop_assert_eq!(std::fs::metadata(&path).unwrap().len(), journal.len());
    }

    #[test]
    fn any_call_id_makes_a_file_name_and_back(id in "\\PC{1,30}") {
        let folder = Folder::new();
        publisher(&folder).publish(spoken(&id, "x", true));
        let path = file(&folder);
        let name = path.file_name().unwrap().to_str().unwrap();
        prop_assert!(!name.contains('/') && !name.starts_with('.'));
        prop_assert_eq!(call_of(name), Some(CallId::new(id)));
    }
}

#[test]
fn a_disk_that_refuses_costs_nothing_while_memory_may_be_used() {
    let folder = Folder::new();
    // A file where the folder should be: nobody, root included, can write below it.
    let refusing = folder.0.join("not-a-folder");
    std::fs::write(&refusing, b"").unwrap();
    let mut journal = Journal::new(&refusing, &CallId::new("c"));
    let line = |seq: u64| format!("{{\"seq\":{seq},\"type\":\"x\"}}\n").into_bytes();
    assert!(
        journal.append(&line(1), false, true).unwrap().is_some(),
        "the trouble is told"
    );
    assert!(journal.append(&line(2), false, true).unwrap().is_some());
    assert_eq!(seqs(&journal), [1, 2]);
    assert!(journal.append(&line(3), false, false).is_err());
    assert_eq!(journal.last_seq(), 2, "what is lost takes no number");
    std::fs::remove_file(&refusing).unwrap();
    assert!(journal.append(&line(3), true, true).unwrap().is_none());
    assert_eq!(journal.waiting(), 0);
    let (read_back, _) = Journal::recover(&refusing.join("c.jsonl")).unwrap();
    assert_eq!(seqs(&read_back), [1, 2, 3]);
}

#[test]
fn a_state_folder_that_refuses_at_the_start_is_used_as_soon_as_it_can_be() {
    let folder = Folder::new();
    let refusing = folder.0.join("state");
    std::fs::write(&refusing, b"").unwrap();
    let publisher = Publisher::open(OutboxConfig {
        state_dir: refusing.clone(),
        ..OutboxConfig::default()
    });
    publisher.publish(spoken("c", "before", true));
    publisher.publish(ended("c"));
    assert_eq!(publisher.history(&CallId::new("c")).len(), 2, "in memory");
    std::fs::remove_file(&refusing).unwrap();
    // Nothing more is said of the call: the sweep writes it.
    publisher.outbox.measure(|_| 0);
    let path = refusing.join("journal/c.jsonl");
    let (journal, torn) = Journal::recover(&path).unwrap();
    assert_eq!((seqs(&journal), torn), (vec![1, 2], 0));
    assert_eq!(publisher.undelivered(), 2);
}

#[test]
fn nobody_else_reads_a_journal() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = Folder::new();
    publisher(&folder).publish(spoken("c", "x", true));
    let path = file(&folder);
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    // Those of a version that left it to the umask are closed at the start.
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::set_permissions(path.parent().unwrap(), std::fs::Permissions::from_mode(0o755)).unwrap();
    drop(publisher(&folder));
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
}

#[test]
fn times_of_a_call_never_step_back() {
    let at = |text: &str| Timestamp::new(text.parse().unwrap());
    let folder = Folder::new();
    let mut journal = Journal::new(&folder.0, &CallId::new("c"));
    let mut said = |text: &str| journal.stamp(at(text)).to_string();
    assert_eq!(said("2026-11-22T08:00:10Z"), "2026-11-22T08:00:10.000Z");
    // Handed in out of order.
    assert_eq!(said("2026-11-22T08:00:09.500Z"), "2026-11-22T08:00:10.000Z");
    assert_eq!(said("2026-11-22T08:00:10.100Z"), "2026-11-22T08:00:10.100Z");
    // Set back by a day: the call's time goes on.
    assert_eq!(said("2026-11-21T08:00:11Z"), "2026-11-22T08:00:10.100Z");
    assert_eq!(said("2026-11-21T08:00:14Z"), "2026-11-22T08:00:13.100Z");
    // Set right again: the call follows.
    assert_eq!(said("2026-11-22T08:00:16Z"), "2026-11-22T08:00:16.000Z");
    assert_eq!(said("2026-11-23T08:00:17Z"), "2026-11-23T08:00:17.000Z");
}

#[test]
fn a_restart_with_an_older_clock_goes_on_from_the_last_time() {
    let folder = Folder::new();
    publisher(&folder).publish(spoken("c", "x", true));
    let second = publisher(&folder);
    let mut earlier = spoken("c", "y", true);
    earlier.at = Timestamp::new("2026-11-21T08:00:00Z".parse().unwrap());
    second.publish(earlier);
    let times: Vec<Timestamp> = second.history(&CallId::new("c")).iter().map(|event| event.ts).collect();
    assert_eq!(times, [ts(), ts()]);
}

#[test]
fn a_foreign_file_is_left_alone() {
    for name in ["notes.txt", "%4.jsonl", "%zz.jsonl", "%61.jsonl", "a b.jsonl"] {
        assert_eq!(call_of(name), None, "{name}");
    }
}
