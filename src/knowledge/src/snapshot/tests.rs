//! A small base through the file and back; files that are not what they should be.

use proptest::prelude::*;

use super::*;
use crate::graph::Direction;
use crate::model::{Edge, Figure, Node, Relation, TopicInfo};

fn node(id: &str, title: &str, body: &str, more: &str) -> Node {
    let json = format!(
        r#"{{"id":"{id}","layer":"policy","topic":"t","title":"{title}","body":"{body}","region":"370000","doc_title":"中华人民共和国劳动合同法","confidence":"A"{more}}}"#
    );
    serde_json::from_str(&json).unwrap()
}

fn contents() -> Contents {
    let edge = |from: &str, rel, to: &str| Edge {
        from: from.to_owned(),
        rel,
        to: to.to_owned(),
    };
    Contents {
        topics: vec![TopicInfo {
            id: "t".into(),
            name: "劳动合同".into(),
            terms: vec!["合同".into()],
            spans_regions: false,
        }],
        nodes: vec![
            node("law.b", "经济补偿的计算", "经济补偿按劳动者在本单位工作的年限计算。", r#","article":"第四十七条","effective_from":"2013-07-01""#),
            node("law.a", "经济补偿的计算", "经济补偿按工作年限支付。", r#","article":"第四十七条","effective_to":"2013-06-30""#),
            node("case.c", "社保卡丢了", "补办社保卡。", r#","asked_as":["社保卡补办要多久"],"todos":["带身份证"],"doc_no":"1号""#),
        ],
        edges: vec![
            edge("law.b", Relation::Supersedes, "law.a"),
            edge("case.c", Relation::Cites, "law.b"),
            edge("case.c", Relation::Cites, "law.a"),
        ],
        figures: vec![
            serde_json::from_str::<Figure>(
                r#"{"id":"f","name":"数","value":"20.5","unit":"%","region":"000000","doc_title":"文","confidence":"B","effective_from":"2024-01-01"}"#,
            )
            .unwrap(),
        ],
        turns: vec![("case.c".into(), "卡不见了咋整".into())],
    }
}

fn bytes() -> Vec<u8> {
    let mut out = Vec::new();
    build(contents(), &mut out).unwrap();
    out
}

fn ids(found: &[Found<'_>]) -> Vec<String> {
    found.iter().map(|found| found.entry.id().to_owned()).collect()
}

#[test]
fn what_goes_in_comes_out() {
    let snapshot = Snapshot::open(bytes()).unwrap();
    let stats = snapshot.stats();
    assert_eq!(
        (stats.nodes, stats.edges, stats.figure_rows, stats.topics),
        (3, 3, 1, 1)
    );
    let given = contents();
    for node in &given.nodes {
        assert_eq!(snapshot.entry(&node.id).unwrap().node().as_ref(), Some(node));
    }
    assert_eq!(snapshot.figures().collect::<Vec<_>>(), given.figures);
    assert_eq!(snapshot.topics(), given.topics);
    let mut edges = given.edges;
    edges.sort_by(|a, b| (&a.from, a.rel, &a.to).cmp(&(&b.from, b.rel, &b.to)));
    assert_eq!(snapshot.edges().collect::<Vec<_>>(), edges);
    assert!(snapshot.entry("law.c").is_none());
}

#[test]
fn only_what_applies_is_found() {
    let snapshot = Snapshot::open(bytes()).unwrap();
    let at = |date: &str| snapshot.view(date.parse().unwrap(), "370500");
    let law = |date: &str| ids(&at(date).search("经济补偿怎么计算", 5));
    assert_eq!(law("2024-05-01"), ["law.b"]);
    assert_eq!(law("2010-05-01"), ["law.a"]);
    let case = snapshot.entry("case.c").unwrap();
    let cited: Vec<_> = at("2024-05-01")
        .neighbours(case, Relation::Cites, Direction::Out)
        .collect();
    assert_eq!(cited, [snapshot.entry("law.b").unwrap()]);
    let view = at("2013-07-01");
    assert_eq!(
        view.neighbours_any(cited[0], Relation::Supersedes, Direction::Out)
            .count(),
        1
    );
    assert_eq!(view.neighbours_any(cited[0], Relation::Cites, Direction::In).count(), 1);
    let article = crate::cite::articles("第四十七条")[0];
    assert_eq!(at("2010-01-01").article("劳动合同法", article).unwrap().id(), "law.a");
    assert_eq!(snapshot.articles("《劳动合同法》", article).count(), 2);
    assert!(
        snapshot
            .view("2024-05-01".parse().unwrap(), "310000")
            .search("经济补偿", 5)
            .is_empty()
    );
}

#[test]
fn what_a_recogniser_misspells_is_found_by_its_sound() {
    let snapshot = Snapshot::open(bytes()).unwrap();
    let found = snapshot
        .view("2024-05-01".parse().unwrap(), "370000")
        .search("射保咔步办", 3);
    assert_eq!(found.first().map(|found| found.entry.id()), Some("case.c"));
    assert!(found[0].why.sound > 0.0);
}

#[test]
fn what_callers_said_finds_what_they_meant_and_what_it_rests_on() {
    let mut given = contents();
    given.nodes[2].layer = crate::model::Layer::Business;
    let mut out = Vec::new();
    build(given, &mut out).unwrap();
    let snapshot = Snapshot::open(out).unwrap();
    let found = snapshot
        .view("2024-05-01".parse().unwrap(), "370000")
        .search("卡不见了咋整", 3);
    assert_eq!(ids(&found), ["case.c", "law.b"]);
    assert!(found[1].why.rests > 0.0 && found[1].why.cited > 0.0, "{found:?}");
}

#[test]
fn contents_that_do_not_fit_together_are_refused() {
    let mut twice = contents();
    twice.nodes.push(twice.nodes[0].clone());
    assert!(matches!(build(twice, &mut Vec::new()), Err(BuildError::DuplicateId(id)) if id == "law.b"));
    let mut dangling = contents();
    dangling.edges[0].to = "nobody".into();
    assert!(matches!(build(dangling, &mut Vec::new()), Err(BuildError::DanglingEdge(id)) if id == "nobody"));
}

#[test]
fn files_of_another_kind_and_version_are_named() {
    let refused = |bytes: Vec<u8>| Snapshot::open(bytes).unwrap_err();
    assert!(matches!(refused(Vec::new()), SnapshotError::NotASnapshot));
    assert!(matches!(
        refused(b"%PDF-1.7 and more".to_vec()),
        SnapshotError::NotASnapshot
    ));
    let mut other = bytes();
    other[8] = 9;
    assert!(matches!(refused(other), SnapshotError::Version { found: 9 }));
    let mut longer = bytes();
    longer.push(0);
    assert!(matches!(refused(longer), SnapshotError::Truncated { .. }));
}

#[test]
fn a_bad_file_leaves_the_old_one_in_use() {
    let slot = Slot::default();
    assert!(slot.get().is_none());
    slot.replace(bytes()).unwrap();
    let held = slot.get().unwrap();
    assert!(slot.replace(bytes()[..200].to_vec()).is_err());
    assert!(std::sync::Arc::ptr_eq(&held, &slot.get().unwrap()));
    slot.replace(bytes()).unwrap();
    assert!(!std::sync::Arc::ptr_eq(&held, &slot.get().unwrap()));
    assert_eq!(held.stats().nodes, 3, "who holds the old one keeps it");
}

/// Asks for everything that a snapshot can be asked for.
fn read_all(snapshot: &Snapshot) {
    let _ = snapshot.stats();
    for entry in snapshot.entries() {
        let _ = (entry.node(), entry.effective(), entry.article(), entry.document());
        let ties: Vec<_> = entry.ties(Direction::Out).chain(entry.ties(Direction::In)).collect();
        assert!(
            ties.into_iter()
                .all(|(_, to)| snapshot.at(to).is_none_or(|to| to.id().len() < usize::MAX))
        );
    }
    let _ = (snapshot.edges().count(), snapshot.figures().count());
    let view = snapshot.view("2024-05-01".parse().unwrap(), "370500");
    let _ = view.search("经济补偿怎么计算社保卡", 5);
    let _ = view.article("劳动合同法", crate::cite::articles("第四十七条")[0]);
    let _ = snapshot.entry("law.a");
}

proptest! {
    #[test]
    fn every_changed_byte_is_noticed(at in any::<prop::sample::Index>(), flip in 1_u8..) {
        let mut bytes = bytes();
        let at = at.index(bytes.len());
        // The four bytes that stand for nothing are in the header's checksum, too.
        bytes[at] ^= flip;
        prop_assert!(Snapshot::open(bytes).is_err());
    }

    #[test]
    fn every_cut_is_noticed(keep in any::<prop::sample::Index>()) {
        let bytes = bytes();
        let keep = keep.index(bytes.len());
        prop_assert!(Snapshot::open(bytes[..keep].to_vec()).is_err());
    }

    /// A file that was made to lie: its checksums hold, its contents do not.
    #[test]
    fn a_file_that_lies_does_no_harm(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40)) {
        let mut bytes = bytes();
        for (at, byte) in changes {
            let begin = format::BODY;
            let at = begin + at.index(bytes.len() - begin);
            bytes[at] = byte;
        }
        format::seal(&mut bytes);
        if let Ok(snapshot) = Snapshot::open(bytes) {
            read_all(&snapshot);
        }
    }
}
