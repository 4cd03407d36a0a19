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
    .unwrap()
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
fn a_disk_that_refuses_costs_nothing_until_memory_is_full() {
    let folder = Folder::new();
    let refusing = folder.0.join("not-there");
    let mut journal = Journal::new(&refusing, &CallId::new("c"));
    let line = |seq: u64| format!("{{\"seq\":{seq},\"type\":\"x\"}}\n").into_bytes();
    assert!(
        journal.append(&line(1), false).unwrap().is_some(),
        "the trouble is told"
    );
    assert!(journal.append(&line(2), false).unwrap().is_some());
    assert_eq!(seqs(&journal), [1, 2]);
    std::fs::create_dir_all(&refusing).unwrap();
    assert!(journal.append(&line(3), true).unwrap().is_none());
    let (read_back, _) = Journal::recover(&refusing.join("c.jsonl")).unwrap();
    assert_eq!(seqs(&read_back), [1, 2, 3]);

    let mut journal = Journal::new(&folder.0.join("nor-this"), &CallId::new("c"));
    let long = vec![b'x'; 1 << 19];
    assert!(journal.append(&long, false).is_ok() && journal.append(&long, false).is_ok());
    assert!(journal.append(&long, false).is_err());
    assert_eq!(journal.last_seq(), 2, "what is lost takes no number");
}

#[test]
fn a_foreign_file_is_left_alone() {
    for name in ["notes.txt", "%4.jsonl", "%zz.jsonl", "%61.jsonl", "a b.jsonl"] {
        assert_eq!(call_of(name), None, "{name}");
    }
}
