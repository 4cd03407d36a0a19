//! `itn`: spoken numbers in, digits out.
//!
//! `right` is the share of sentences that are written as they should be, to the character. The goal is 0.97 on
//! sentences that nobody fitted the grammar to.

use std::fs;

use sidetone_speech::text::TextPipeline;

/// `itn --data FILE`: a sentence as it is said, a tab and how it should be written, one a line. Lines that begin
/// with `#` are comments. What went wrong goes to the error stream.
pub(crate) fn run(args: &[String]) -> Result<serde_json::Value, String> {
    let path = match args {
        [flag, path] if flag == "--data" => path,
        _ => return Err("itn takes --data FILE: said, tab, how it should be written".to_owned()),
    };
    let data = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let pipeline = TextPipeline::default();
    let (mut right, mut sentences) = (0_u32, 0_u32);
    for (at, line) in data.trim_start_matches('\u{FEFF}').lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let (said, expected) = line
            .split_once('\t')
            .ok_or_else(|| format!("{path}, line {}: there is no tab", at + 1))?;
        let written = pipeline.finish(said);
        sentences += 1;
        if written == expected {
            right += 1;
        } else {
            eprintln!("{said}: {written}, not {expected}");
        }
    }
    if sentences == 0 {
        return Err(format!("{path} holds no sentence"));
    }
    Ok(serde_json::json!({
        "right": f64::from(right) / f64::from(sentences),
        "sentences": sentences,
    }))
}
