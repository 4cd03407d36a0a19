//! Calls as text, from files that people write.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Deserialize;
use sidetone_base::Role;

use crate::config::known_region;

/// One call.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Script {
    /// Its `call_id`.
    pub(super) id: String,
    /// The file, and its line where a line is a call.
    place: String,
    /// Its day, where the file names one.
    pub(super) date: Option<Date>,
    /// GB/T 2260, where the file names one.
    pub(super) region: Option<String>,
    /// In order.
    pub(super) turns: Vec<Turn>,
}

/// One turn.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Turn {
    pub(super) role: Role,
    pub(super) text: String,
}

/// A TOML file: one call.
#[derive(Deserialize)]
struct CallFile {
    as_of: Option<Date>,
    region: Option<String>,
    #[serde(rename = "turn")]
    turns: Vec<RawTurn>,
}

#[derive(Deserialize)]
struct RawTurn {
    role: String,
    text: String,
}

/// A line of a JSONL file: one call.
#[derive(Deserialize)]
struct Line {
    id: Option<String>,
    text: Option<String>,
    #[serde(default)]
    before: Vec<String>,
    #[serde(default)]
    turns: Vec<RawTurn>,
    call_date: Option<Date>,
    call_region: Option<String>,
}

/// The calls of all files, in their order.
pub(super) fn all(files: &[PathBuf]) -> Result<Vec<Script>, String> {
    let calls: Vec<Vec<Script>> = files.iter().map(|file| read(file)).collect::<Result<_, _>>()?;
    Ok(calls.concat())
}

/// Who reads events tells calls apart by their ids: no two calls may have the same.
pub(super) fn told_apart(scripts: &[Script]) -> Result<(), String> {
    let mut places: HashMap<&str, &str> = HashMap::new();
    for script in scripts {
        if let Some(first) = places.insert(&script.id, &script.place) {
            return Err(format!(
                "{first} and {} are both call {:?}, and their events could not be told apart: give each line of a .jsonl file an `id` of its own; a \
                 .toml file's call has the file's name, so rename it, or play the files one by one",
                script.place, script.id
            ));
        }
    }
    Ok(())
}

/// The calls of a file, in its order.
fn read(path: &Path) -> Result<Vec<Script>, String> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{shown} cannot be read: {error}"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = shown.to_string();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("toml") => call_file(&name, &stem, text)
            .map(|script| vec![script])
            .map_err(|reason| format!("{shown}: {reason}")),
        Some("jsonl" | "json" | "ndjson") => lines(&name, &stem, text).map_err(|reason| format!("{shown}:{reason}")),
        _ => Err(format!(
            "{shown}: is neither .toml nor .jsonl; `sidetone ask --help` shows both forms"
        )),
    }
}

fn call_file(name: &str, stem: &str, text: &str) -> Result<Script, String> {
    let file: CallFile = toml::from_str(text).map_err(|error| error.to_string())?;
    check_region("region", file.region.as_deref())?;
    Ok(Script {
        id: stem.to_owned(),
        place: name.to_owned(),
        date: file.as_of,
        region: file.region,
        turns: turns(file.turns)?,
    })
}

fn lines(name: &str, stem: &str, text: &str) -> Result<Vec<Script>, String> {
    let mut scripts = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = at + 1;
        let at_line = |reason: String| format!("{number}: {reason}");
        let line: Line = serde_json::from_str(line).map_err(|error| at_line(error.to_string()))?;
        let mut all: Vec<Turn> = line
            .before
            .iter()
            .map(|before| {
                let (role, text) = speaker(before).unwrap_or((Role::Caller, before));
                Turn {
                    role,
                    text: text.to_owned(),
                }
            })
            .collect();
        all.extend(turns(line.turns).map_err(at_line)?);
        all.extend(line.text.map(|text| Turn {
            role: Role::Caller,
            text,
        }));
        check_region("call_region", line.call_region.as_deref()).map_err(at_line)?;
        if all.is_empty() {
            return Err(at_line("no text; give `text`, or `turns`".to_owned()));
        }
        scripts.push(Script {
            id: line.id.unwrap_or_else(|| format!("{stem}-{number}")),
            place: format!("{name}:{number}"),
            date: line.call_date,
            region: line.call_region,
            turns: all,
        });
    }
    Ok(scripts)
}

/// Whether the region that a file names is one.
fn check_region(key: &str, region: Option<&str>) -> Result<(), String> {
    region
        .map_or(Ok(()), known_region)
        .map_err(|reason| format!("{key}: {reason}"))
}

fn turns(raw: Vec<RawTurn>) -> Result<Vec<Turn>, String> {
    raw.into_iter()
        .map(|turn| match turn.role.as_str() {
            "caller" => Ok((Role::Caller, turn.text)),
            "agent" => Ok((Role::Agent, turn.text)),
            other => Err(format!("a turn's role is {other:?}; it must be caller or agent")),
        })
        .map(|turn| turn.map(|(role, text)| Turn { role, text }))
        .collect()
}

/// Who speaks where a line says so: `坐席：…`, `客户：…`, `a: …`, `c: …`.
pub(in crate::commands) fn speaker(line: &str) -> Option<(Role, &str)> {
    let (who, text) = line.trim().split_once(['：', ':'])?;
    let role = match who.trim() {
        "坐席" | "客服" | "a" | "agent" => Role::Agent,
        "客户" | "来电人" | "c" | "caller" => Role::Caller,
        _ => return None,
    };
    Some((role, text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_call() {
        let text = r#"{"id":"x1","text":"那要带啥","before":["客户：社保卡丢了","坐席：可以补办。"],"node":"labels are not read"}

{"turns":[{"role":"caller","text":"喂"},{"role":"agent","text":"您好"}],"call_date":"2024-08-01"}"#;
        let scripts = lines("turns.jsonl", "turns", text).unwrap();
        let said: Vec<(Role, &str)> = scripts[0].turns.iter().map(|t| (t.role, t.text.as_str())).collect();
        assert_eq!(
            said,
            [
                (Role::Caller, "社保卡丢了"),
                (Role::Agent, "可以补办。"),
                (Role::Caller, "那要带啥")
            ]
        );
        assert_eq!((scripts[0].id.as_str(), scripts[1].id.as_str()), ("x1", "turns-3"));
        assert_eq!(scripts[1].date, Some(jiff::civil::date(2024, 8, 1)));
    }

    #[test]
    fn a_fault_names_its_line_and_the_cure() {
        let empty = lines("t.jsonl", "t", "{\"id\":\"a\",\"text\":\"喂\"}\n{\"id\":\"b\"}").unwrap_err();
        assert_eq!(empty, "2: no text; give `text`, or `turns`");
        let role = lines("t.jsonl", "t", r#"{"turns":[{"role":"robot","text":"喂"}]}"#).unwrap_err();
        assert_eq!(role, "1: a turn's role is \"robot\"; it must be caller or agent");
        let place = lines("t.jsonl", "t", r#"{"text":"喂","call_region":"999999"}"#).unwrap_err();
        assert!(place.starts_with("1: call_region: 999999"), "{place}");
        assert!(read(Path::new("calls.csv")).unwrap_err().contains("calls.csv"));
    }

    #[test]
    fn two_calls_of_one_id_are_refused_by_name() {
        let turn = "[[turn]]\nrole = \"caller\"\ntext = \"喂\"\n";
        let of = |folder: &str, stem: &str| call_file(&format!("{folder}/{stem}.toml"), stem, turn).unwrap();
        let mut scripts = vec![of("a", "x"), of("b", "y")];
        scripts.extend(lines("c.jsonl", "c", r#"{"text":"喂"}"#).unwrap());
        assert_eq!(told_apart(&scripts), Ok(()));
        scripts.push(of("b", "x"));
        let reason = told_apart(&scripts).unwrap_err();
        assert!(
            reason.starts_with("a/x.toml and b/x.toml are both call \"x\""),
            "{reason}"
        );
        let same = lines(
            "c.jsonl",
            "c",
            "{\"id\":\"1\",\"text\":\"喂\"}\n{\"id\":\"1\",\"text\":\"在吗\"}",
        )
        .unwrap();
        let reason = told_apart(&same).unwrap_err();
        assert!(reason.starts_with("c.jsonl:1 and c.jsonl:2"), "{reason}");
    }

    #[test]
    fn a_colon_in_a_turn_is_no_speaker() {
        assert_eq!(speaker("我想问：怎么办"), None);
        assert_eq!(speaker("a: 您好"), Some((Role::Agent, "您好")));
    }
}
