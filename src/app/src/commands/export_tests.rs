use super::*;

fn event(summary: &str) -> Envelope {
    let none = || serde_json::json!({"value": ["无"], "evidence": [], "confidence": 0.5, "method": "default"});
    let one = |value: &str| serde_json::json!({"value": value, "evidence": [], "confidence": 0.5, "method": "heard"});
    let topic = |name: &str, resolved: bool| serde_json::json!({"topic": "t", "name": name, "intent": "amount", "evidence": [], "resolved": resolved});
    let json = serde_json::json!({
        "v": 1, "type": "wrapup.final", "call_id": "c", "seq": 7, "ts": "2026-11-29T08:00:00.000Z", "agent_id": "8001",
        "data": {
            "elements": {
                "subject": one("个人"), "request_type": one("咨询"), "policies": none(), "advice": none(), "todos": none(),
                "risks": none(), "satisfaction": one("satisfied"),
            },
            "topics": [topic("失业保险金", true), topic("社保卡", false)],
            "summary": summary, "complete": true,
        },
    });
    serde_json::from_value(json).unwrap()
}

fn written(format: Format, excel: bool, summary: &str) -> String {
    let mut writer = Writer {
        out: Vec::new(),
        format,
        excel,
        rows: 0,
    };
    writer.begin().unwrap();
    writer.write(&event(summary)).unwrap();
    String::from_utf8(writer.out).unwrap()
}

#[test]
fn a_row_has_a_cell_for_each_column() {
    let text = written(Format::Csv, false, "来电咨询，\"失业金\",两件\n事");
    let (head, row) = text.split_once("\r\n").unwrap();
    assert_eq!(head, COLUMNS.join(","));
    let right = "c,7,2026-11-29T08:00:00.000Z,8001,个人,咨询,失业保险金；社保卡,无,无,无,无,satisfied,\
        \"来电咨询，\"\"失业金\"\",两件\n事\",false,true\r\n";
    assert_eq!(row, right);
}

#[test]
fn excel_reads_no_formula() {
    let text = written(Format::Csv, true, "=HYPERLINK(1)");
    assert!(text.starts_with('\u{feff}'));
    assert!(text.contains(",'=HYPERLINK(1),"), "{text}");
    assert!(!written(Format::Csv, false, "=1").contains('\''));
}

#[test]
fn a_line_is_the_event() {
    let text = written(Format::Jsonl, false, "s");
    assert_eq!(serde_json::from_str::<Envelope>(&text).unwrap(), event("s"));
}
