//! The page: files that are part of the program.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Desk;
use super::refusal::Refusal;

const SCRIPT: &str = "text/javascript; charset=utf-8";
const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";

/// Path, type and content.
const FILES: [(&str, &str, &str); 21] = [
    ("/", HTML, include_str!("../../page/index.html")),
    ("/favicon.ico", "image/svg+xml", include_str!("../../page/icon.svg")),
    ("/example.html", HTML, include_str!("../../page/example.html")),
    ("/example.js", SCRIPT, include_str!("../../page/example.js")),
    (
        "/style.css",
        "text/css; charset=utf-8",
        include_str!("../../page/style.css"),
    ),
    ("/app.js", SCRIPT, include_str!("../../page/app.js")),
    ("/panel.js", SCRIPT, include_str!("../../page/panel.js")),
    ("/model.js", SCRIPT, include_str!("../../page/model.js")),
    ("/calls.js", SCRIPT, include_str!("../../page/calls.js")),
    ("/search.js", SCRIPT, include_str!("../../page/search.js")),
    ("/wall.js", SCRIPT, include_str!("../../page/wall.js")),
    ("/figures.js", SCRIPT, include_str!("../../page/figures.js")),
    ("/microphone.js", SCRIPT, include_str!("../../page/microphone.js")),
    ("/recorder.js", SCRIPT, include_str!("../../page/recorder.js")),
    ("/chart.js", SCRIPT, include_str!("../../page/chart.js")),
    ("/reports.js", SCRIPT, include_str!("../../page/reports.js")),
    ("/system.js", SCRIPT, include_str!("../../page/system.js")),
    ("/wire.js", SCRIPT, include_str!("../../page/wire.js")),
    ("/dom.js", SCRIPT, include_str!("../../page/dom.js")),
    ("/zh.json", JSON, include_str!("../../page/zh.json")),
    ("/en.json", JSON, include_str!("../../page/en.json")),
];

/// Scripts and styles come from here alone, none stands within the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// A file of the page, or the chart library where one is configured.
pub(super) async fn page(State(desk): State<Arc<Desk>>, uri: Uri) -> Response {
    if let Some((_, kind, text)) = FILES.iter().find(|(path, ..)| *path == uri.path()) {
        return ([(header::CONTENT_TYPE, *kind)], *text).into_response();
    }
    if uri.path() == "/echarts.min.js"
        && let Some(file) = chart_library(desk.config.charts.as_deref())
        && let Ok(text) = tokio::fs::read(file).await
    {
        return ([(header::CONTENT_TYPE, SCRIPT)], text).into_response();
    }
    Refusal::NotFound.into_response()
}

/// In the configured folder; else beside the program, or where `models/fetch-page.sh` puts it.
fn chart_library(configured: Option<&Path>) -> Option<PathBuf> {
    if let Some(folder) = configured {
        return Some(folder.join("echarts.min.js"));
    }
    let beside = std::env::current_exe().ok()?.with_file_name("echarts.min.js");
    let built = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/lib/echarts.min.js"));
    [beside, built.to_owned()].into_iter().find(|file| file.exists())
}

/// Headers that every answer has.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // A route may have a policy of its own.
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::FILES;

    fn file(path: &str) -> &'static str {
        FILES.iter().find(|(name, ..)| *name == path).unwrap().2
    }

    fn words(language: &str) -> BTreeMap<String, String> {
        serde_json::from_str(file(&format!("/{language}.json"))).unwrap()
    }

    /// What stands between two marks, wherever they do.
    fn between<'a>(text: &'a str, begin: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
        text.split(begin)
            .skip(1)
            .filter_map(move |rest| Some(rest.split_once(end)?.0))
    }

    #[test]
    fn what_a_page_asks_for_is_there_and_so_is_its_icon() {
        for page in ["/", "/example.html"] {
            let text = file(page);
            let asked: Vec<&str> = between(text, "href=\"", "\"")
                .chain(between(text, "src=\"", "\""))
                .collect();
            assert!(asked.contains(&"/favicon.ico"), "{page}");
            for path in asked {
                assert!(!file(path).is_empty(), "{path}");
            }
        }
    }

    #[test]
    fn both_languages_have_every_word_and_each_is_its_own() {
        let (chinese, english) = (words("zh"), words("en"));
        assert!(chinese.keys().eq(english.keys()));
        let scripts = FILES.iter().filter(|(path, ..)| path.ends_with(".js"));
        for (path, _, text) in scripts {
            let asks = |at: &usize| !text[..*at].ends_with(|c: char| c.is_ascii_alphanumeric());
            for (at, begin) in text.match_indices("t(\"").filter(|(at, _)| asks(at)) {
                let (key, _) = text[at + begin.len()..].split_once('"').unwrap();
                assert!(chinese.contains_key(key), "{path}: {key}");
            }
        }
        let han = |text: &String| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        let left: Vec<&str> = english
            .iter()
            .filter(|(_, text)| han(text))
            .map(|(key, _)| key.as_str())
            .collect();
        assert_eq!(
            left,
            ["other_language", "question_example"],
            "questions are asked in Chinese"
        );
    }

    #[test]
    fn a_language_has_no_word_twice() {
        for language in ["zh", "en"] {
            let text = file(&format!("/{language}.json"));
            assert_eq!(text.matches("\": \"").count(), words(language).len(), "{language}");
        }
    }

    #[test]
    fn every_fault_that_the_daemon_tells_has_words() {
        let contract = include_str!("../../../../docs/EVENTS.md");
        let told = between(contract, "### `error`", "<!--").next().unwrap();
        let severity = |behind: &str| {
            ["(degraded", "(deaf"]
                .iter()
                .any(|word| behind.trim_start().starts_with(word))
        };
        let parts: Vec<&str> = told.split('`').collect();
        let codes = parts.windows(2).skip(1).step_by(2).filter(|pair| severity(pair[1]));
        let codes: Vec<&str> = codes.map(|pair| pair[0]).collect();
        assert!(codes.len() > 5, "{codes:?}");
        for code in codes {
            assert!(words("en").contains_key(&format!("fault_{code}")), "{code}");
        }
    }
}
