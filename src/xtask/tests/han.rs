//! No line's word and no word of Mandarin in Rust: what assist, knowledge and engine know of either is data.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use sidetone_language::is_han;

/// Crates that read and write Mandarin by tables.
const CRATES: [&str; 4] = ["domain", "assist", "knowledge", "engine"];

/// What of a source file is a word in Rust: literals with Han characters, escapes too, and text that is included. Comments and
/// what is for tests only do not count.
fn words(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let tokens: TokenStream = source.parse().expect("a source file has tokens");
    look(tokens, &mut found);
    found
}

fn look(tokens: TokenStream, found: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' => {
                let (len, attribute) = attribute(&tokens[at..]);
                if attribute.starts_with("doc") {
                    at += len;
                    continue;
                }
                if attribute == "cfg(test)" {
                    at += len + item(&tokens[at + len..]);
                    continue;
                }
            }
            TokenTree::Literal(literal) if unescaped(&literal.to_string()).chars().any(is_han) => {
                found.push(literal.to_string());
            }
            TokenTree::Ident(name) if *name == "include_str" || *name == "include_bytes" => {
                found.push(name.to_string())
            }
            TokenTree::Group(group) => look(group.stream(), found),
            _ => {}
        }
        at += 1;
    }
}

/// How many tokens an attribute at the head has, and what stands in its brackets, without blanks.
fn attribute(tokens: &[TokenTree]) -> (usize, String) {
    for (at, token) in tokens.iter().enumerate().take(3).skip(1) {
        if let TokenTree::Group(group) = token
            && group.delimiter() == Delimiter::Bracket
        {
            return (at + 1, group.stream().to_string().replace([' ', '\n'], ""));
        }
    }
    (1, String::new())
}

/// How many tokens an item at the head has: up to its body or its semicolon.
fn item(tokens: &[TokenTree]) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(mark) => mark.as_char() == ';',
        _ => false,
    };
    tokens.iter().position(ends).map_or(tokens.len(), |at| at + 1)
}

/// `\u{…}` and `\x…` written out.
fn unescaped(literal: &str) -> String {
    let mut out = String::new();
    let mut parts = literal.split("\\u{");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (code, rest) = part.split_once('}').unwrap_or((part, ""));
        out.extend(
            u32::from_str_radix(&code.replace('_', ""), 16)
                .ok()
                .and_then(char::from_u32),
        );
        out.push_str(rest);
    }
    let bytes: Option<Vec<u8>> = out.starts_with("b\"").then(|| {
        let mut parts = out.split("\\x");
        let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
        for part in parts {
            bytes.extend(part.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok()));
            bytes.extend(part.get(2..).unwrap_or_default().bytes());
        }
        bytes
    });
    bytes.map_or(out, |bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Source files of the product: test modules are files of their own in some places.
fn sources(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("a folder") {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" {
            sources(&path, into);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            into.push(path);
        }
    }
}

#[test]
fn words_are_found_wherever_they_stand() {
    for (source, count) in [
        (r#"const A: &str = "社保";"#, 1),
        (r##"fn a() { let x = r#"社保"#; }"##, 1),
        (r"fn a(c: char) -> bool { matches!(c, '年' | '月') }", 2),
        (r#"const A: &str = "\u{5e74}";"#, 1),
        (r#"const A: &[u8] = b"\xe5\xb9\xb4";"#, 1),
        (r#"#[error("没有")] struct A;"#, 1),
        (r#"const A: &str = include_str!("words.txt");"#, 1),
        (
            r#"#[cfg(test)] mod tests { const A: &str = "年"; } const B: &str = "月";"#,
            1,
        ),
        (r#"#[cfg(test)] use a::b; const B: &str = "月";"#, 1),
        (r#"#[cfg(not(test))] const B: &str = "月";"#, 1),
        ("// 年\n/// 年\n//! 年\n/* 年 */ const A: &str = \"a，。《》\";", 0),
        (r"fn a(c: char) -> bool { matches!(c, '\u{4e00}'..='\u{9fff}') }", 2),
        (r#"#[doc = "年"] fn a() {}"#, 0),
    ] {
        assert_eq!(words(source).len(), count, "{source}");
    }
}

#[test]
fn no_word_of_mandarin_and_none_of_a_line_is_in_rust() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut faults = Vec::new();
    for name in CRATES {
        let mut files = Vec::new();
        sources(&src.join(name).join("src"), &mut files);
        assert!(files.len() > 3, "{name}: {files:?}");
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            let found = words(&text);
            if !found.is_empty() {
                faults.push(format!("{}: {}", file.display(), found.join(" ")));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "words belong into knowledge/zh or a pack:\n{}",
        faults.join("\n")
    );
}
