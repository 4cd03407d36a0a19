//! Each format through the importer, and files as they should not be.

use std::io::{BufReader, Cursor};

use super::*;
use crate::fault::Fault;
use crate::model::Relation;

const TOPICS: &str = r#"{"id":"t","name":"题","terms":["题"]}"#;

fn node_row(id: &str) -> String {
    format!(
        r#"{{"id":"{id}","layer":"business","topic":"t","title":"{id}","body":"b","region":"370000","doc_title":"d","confidence":"B"}}"#
    )
}

fn import<'a>(files: impl IntoIterator<Item = (&'a str, Vec<u8>)>) -> (Contents, Report) {
    let mut importer = Importer::new();
    for (name, bytes) in files {
        importer.file(name, &mut BufReader::new(Cursor::new(bytes))).unwrap();
    }
    importer.finish()
}

fn rows(nodes: &str, edges: &str) -> (Contents, Report) {
    import([
        ("topics.jsonl", TOPICS.into()),
        ("nodes.jsonl", nodes.into()),
        ("edges.jsonl", edges.into()),
    ])
}

fn ids(contents: &Contents) -> Vec<&str> {
    contents.nodes.iter().map(|node| node.id.as_str()).collect()
}

fn places(report: &Report) -> Vec<(&str, usize)> {
    report
        .faults
        .iter()
        .map(|Fault { file, line, .. }| (file.as_str(), *line))
        .collect()
}

fn edge(from: &str, rel: &str, to: &str) -> String {
    format!(r#"{{"from":"{from}","rel":"{rel}","to":"{to}"}}"#)
}

#[test]
fn a_bad_row_costs_itself() {
    let nodes = [node_row("a"), "{".into(), node_row("a"), node_row("B!"), node_row("b")].join("\n");
    let (contents, report) = rows(
        &nodes,
        &[edge("a", "CITES", "b"), edge("a", "CITES", "gone")].join("\n"),
    );
    assert_eq!(ids(&contents), ["a", "b"]);
    assert_eq!(contents.edges.len(), 1);
    let mut at = places(&report);
    at.sort_unstable();
    assert_eq!(
        at,
        [
            ("edges.jsonl", 2),
            ("nodes.jsonl", 2),
            ("nodes.jsonl", 3),
            ("nodes.jsonl", 4)
        ]
    );
    assert_eq!(report.rejected, 4);
    assert_eq!(report.by_kind["id used before"], 1);
}

#[test]
fn what_hung_on_a_bad_row_goes_with_it() {
    let stranger = node_row("c").replace(r#""topic":"t""#, r#""topic":"nowhere""#);
    let (contents, report) = rows(&[node_row("a"), stranger].join("\n"), &edge("a", "CITES", "c"));
    assert_eq!((ids(&contents), contents.edges.len()), (vec!["a"], 0));
    assert_eq!(places(&report), [("nodes.jsonl", 2), ("edges.jsonl", 1)]);
}

#[test]
fn a_line_of_ten_megabytes_and_bytes_that_are_no_text_cost_one_row_each() {
    let mut bytes = node_row("a").into_bytes();
    bytes.extend_from_slice(b"\n{\"id\":\"");
    bytes.resize(bytes.len() + 10_000_000, b'x');
    bytes.extend_from_slice(b"\"}\n\xff\xfe\n");
    bytes.extend_from_slice(node_row("b").as_bytes());
    let (contents, report) = import([("topics.jsonl", TOPICS.into()), ("nodes.jsonl", bytes)]);
    assert_eq!(ids(&contents), ["a", "b"]);
    let kinds: Vec<&FaultKind> = report.faults.iter().map(|fault| &fault.kind).collect();
    assert_eq!(kinds, [&FaultKind::LongLine(LONGEST), &FaultKind::NotUtf8]);
    assert_eq!(places(&report), [("nodes.jsonl", 2), ("nodes.jsonl", 3)]);
}

#[test]
fn succession_in_a_circle_is_cut_once() {
    let old = |id: &str| node_row(id).replace(r#""body""#, r#""effective_to":"2020-01-01","body""#);
    let nodes = [old("a"), old("b"), old("c"), old("d")].join("\n");
    let circle = [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")];
    let edges: Vec<String> = circle.iter().map(|(from, to)| edge(from, "SUPERSEDES", to)).collect();
    let (contents, report) = rows(&nodes, &edges.join("\n"));
    assert_eq!(contents.edges.len(), 3);
    assert_eq!(report.rejected, 1);
    assert!(matches!(&report.faults[0].kind, FaultKind::Cycle { from, to } if from == "c" && to == "a"));
}

#[test]
fn a_million_dangling_edges_leave_a_short_report() {
    let edges = (edge("a", "CITES", "gone") + "\n").repeat(1_000_000);
    let (contents, report) = rows(&node_row("a"), &edges);
    assert_eq!((ids(&contents), contents.edges.len()), (vec!["a"], 0));
    assert_eq!((report.rejected, report.faults.len()), (1_000_000, KEPT));
    assert!(report.to_string().contains("and 999000 more"));
}

#[test]
fn a_table_is_rows_with_names_in_the_first_line() {
    let nodes = "\u{feff}id,layer,topic,title,body,asked_as,region,doc_title,confidence\r\n\
        a,business,t,\"Title, with comma\",\"two\nlines and \"\"marks\"\"\",one|two,370000,d,B\r\n\
        b,business,t,short\r\n\
        c,business,t,c,\"never closed,,370000,d,B\r\n\
        d,business,t,d,b,,370000,d,B\r\n";
    let (contents, report) = import([
        ("topics.jsonl", TOPICS.into()),
        ("nodes.csv", nodes.into()),
        ("edges.csv", "from,rel,to\na,REQUIRES,d\n".into()),
    ]);
    assert_eq!(ids(&contents), ["a", "d"]);
    assert_eq!(contents.nodes[0].title, "Title, with comma");
    assert_eq!(contents.nodes[0].body, "two\nlines and \"marks\"");
    assert_eq!(contents.nodes[0].asked_as, ["one", "two"]);
    assert_eq!(contents.edges.len(), 1);
    assert_eq!(places(&report), [("nodes.csv", 4), ("nodes.csv", 5)]);
}

#[test]
fn concepts_become_nodes_and_their_ties_edges() {
    let turtle = r#"@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix : <http://example.org/kb/> .
:cards a skos:ConceptScheme ; skos:prefLabel "社保卡"@zh .
:lost a skos:Concept ; skos:prefLabel "补卡"@zh ; skos:altLabel "卡丢了"@zh ; skos:definition "到网点补办。" ;
  skos:inScheme :cards ; skos:related :report ; dct:valid "2020-01-01/2030-12-31" .
:broken skos:prefLabel ;;; "x" y .
:report skos:prefLabel "挂失" .
"#;
    let (contents, report) = import([("kb.ttl", turtle.into())]);
    assert_eq!(ids(&contents), ["lost", "report"]);
    let lost = &contents.nodes[0];
    assert_eq!((lost.topic.as_str(), lost.body.as_str()), ("cards", "到网点补办。"));
    assert_eq!(lost.asked_as, ["卡丢了"]);
    assert_eq!(lost.effective.effective_to, "2030-12-31".parse().ok());
    assert_eq!(contents.nodes[1].topic, "imported");
    assert_eq!(contents.edges.len(), 1);
    assert!(places(&report).contains(&("kb.ttl", 7)), "{report}");
}

#[test]
fn files_of_other_kinds_are_named() {
    let (contents, report) = import([
        ("pack.toml", b"id = 1".to_vec()),
        ("scripts.jsonl", b"{\"id\":\"never\"}".to_vec()),
        (
            "examples-a.jsonl",
            b"{\"text\":\"a\",\"node\":null}\n{\"text\":\"b\",\"node\":\"c\"}".to_vec(),
        ),
    ]);
    assert_eq!(report.skipped, ["pack.toml", "scripts.jsonl"]);
    assert_eq!(contents.turns, [("c".to_owned(), "b".to_owned())]);
    assert_eq!(report.rejected, 0);
}

const OLD: &str = "# 中华人民共和国工会条例\n\n2010年1月1日 公布\n\n<!-- INFO END -->\n\n## 第一章 总则\n\n\
    第一条 为了试验，制定本条例。\n\n第二条 依照本条例第一条办理。\n";
const NEW: &str = "# 中华人民共和国工会条例\n\n2020年3月1日 修订\n\n2020年5月1日 施行\n\n<!-- INFO END -->\n\n## 第一章 总则\n\n\
    第一条 为了再次试验，依照《试行办法》第一条，制定本条例。\n\n（一）一项；\n\n第二条 罚款1万元。《试行办法》同时废止。\n";
const TRIAL: &str =
    "# 试行办法\n\n<!-- INFO END -->\n\n第一条 试行。\n\n第一条之一 再试，见《工会条例》第二条和《没有的法》第一条。\n";
const CASE: &str =
    "# 加班的案子\n\n<!-- INFO END -->\n\n## 案情\n\n依照《中华人民共和国工会条例》第一条、第二条判决。\n";

fn statutes() -> (Contents, Report) {
    import([
        ("laws/山东地方法规/工会条例(2010-01-01).md", OLD.into()),
        ("laws/山东地方法规/工会条例(2020-03-01).md", NEW.into()),
        ("laws/试行办法(2015-06-01).md", TRIAL.into()),
        ("laws/案例/加班.md", CASE.into()),
        ("laws/_index.md", b"---\n---".to_vec()),
    ])
}

fn has(contents: &Contents, from: &str, rel: Relation, to: &str) -> bool {
    let wanted = |edge: &&crate::Edge| edge.from == from && edge.rel == rel && edge.to == to;
    contents.edges.iter().any(|edge| wanted(&edge))
}

#[test]
fn statutes_become_articles_with_versions() {
    let (contents, report) = statutes();
    assert_eq!(report.rejected, 0, "{report}");
    assert_eq!(report.skipped, ["laws/_index.md"]);
    let node = |id: &str| {
        contents
            .nodes
            .iter()
            .find(|node| node.id == id)
            .unwrap_or_else(|| panic!("no {id}: {:?}", ids(&contents)))
    };
    let (old, new) = (
        node("law.gonghuitiaoli.2010-01-01.1"),
        node("law.gonghuitiaoli.2020-03-01.1"),
    );
    assert_eq!(old.effective.effective_to, "2020-04-30".parse().ok());
    assert_eq!(new.effective.effective_from, "2020-05-01".parse().ok());
    assert_eq!(
        new.body,
        "为了再次试验，依照《试行办法》第一条，制定本条例。\n（一）一项；"
    );
    assert_eq!(
        (new.region.as_str(), new.provenance.article.as_deref()),
        ("370000", Some("第一条"))
    );
    assert!(new.title.contains("总则"));
    assert!(has(&contents, &new.id, Relation::Supersedes, &old.id));
    assert_eq!(
        node("law.shixingbanfa.2015-06-01").effective.effective_to,
        "2020-04-30".parse().ok()
    );
    assert_eq!(node("case.jiabandeanzi").region, "000000");
}

#[test]
fn citations_become_edges_to_the_version_of_their_day() {
    let (contents, report) = statutes();
    let cites = |from: &str, to: &str| has(&contents, from, Relation::Cites, to);
    assert!(cites(
        "law.gonghuitiaoli.2010-01-01.2",
        "law.gonghuitiaoli.2010-01-01.1"
    ));
    assert!(cites("law.gonghuitiaoli.2020-03-01.1", "law.shixingbanfa.2015-06-01.1"));
    assert!(cites(
        "law.shixingbanfa.2015-06-01.1-1",
        "law.gonghuitiaoli.2010-01-01.2"
    ));
    assert!(cites("case.jiabandeanzi", "law.gonghuitiaoli.2020-03-01.1"));
    assert!(cites("case.jiabandeanzi", "law.gonghuitiaoli.2020-03-01.2"));
    assert!(has(
        &contents,
        "law.gonghuitiaoli.2020-03-01",
        Relation::Repeals,
        "law.shixingbanfa.2015-06-01"
    ));
    assert_eq!(report.unresolved_citations, 1);
}

#[test]
fn what_was_imported_can_be_built() {
    let mut out = Vec::new();
    crate::snapshot::build(statutes().0, &mut out).unwrap();
    let snapshot = crate::snapshot::Snapshot::open(out).unwrap();
    let found = |date: &str| {
        let view = snapshot.view(date.parse().unwrap(), "370500");
        let article = crate::cite::articles("第二条")[0];
        view.article("工会条例", article).map(|entry| entry.id().to_owned())
    };
    assert_eq!(found("2012-01-01").as_deref(), Some("law.gonghuitiaoli.2010-01-01.2"));
    assert_eq!(found("2024-01-01").as_deref(), Some("law.gonghuitiaoli.2020-03-01.2"));
}
