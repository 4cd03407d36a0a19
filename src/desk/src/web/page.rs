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
const FILES: [(&str, &str, &str); 20] = [
    ("/", HTML, include_str!("../../page/index.html")),
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
