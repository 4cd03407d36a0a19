//! What a screen would have shown while each clip was spoken.

use std::collections::HashMap;
use std::time::Duration;

use pinyin::ToPinyin;
use serde_json::{Value, json};
use sidetone_app::measure::{Heard, listen, percentile};
use sidetone_asr::models::{ModelStore, silero};
use sidetone_asr::{audio, score::Score};
use sidetone_speech::{Recognise, text::simplify};

use crate::clips::Clip;

/// Figures of the model for partials on narrow-band clips. Its text is that of the segments' ends, flushed; first
/// partials count from the first voiced frame, the model's own computing by the clock included.
pub(super) fn figures(
    store: &ModelStore,
    model: &dyn Recognise,
    clips: &[Clip],
    verbose: bool,
) -> Result<Value, String> {
    let detector = silero(store).ok();
    let mut worker = model.worker().map_err(|error| error.to_string())?;
    let every = Duration::from_millis(if model.listening().is_bounded() { 320 } else { 800 });
    let (mut sum, mut syllables, mut characters) = (Heard::default(), Score::default(), Score::default());
    let mut numbers = HashMap::new();
    for Clip {
        name, reference, wide, ..
    } in clips
    {
        let heard = listen(
            worker.as_mut(),
            Some(every),
            detector.as_ref(),
            &audio::narrowband(wide),
        )?;
        let (said, text) = (simplify(reference), simplify(&heard.text));
        let this = Score::of(&sounds(&said, &mut numbers), &sounds(&text, &mut numbers));
        if verbose {
            eprintln!("{name}\t{:.1} % syllables\t{text}", this.percent());
        }
        syllables = syllables.plus(this);
        characters = characters.plus(Score::of(&said, &text));
        sum.add(&heard);
    }
    let millis = |percent| percentile(&sum.first_partials, percent).map(|time| time.as_millis() as u64);
    let tenths = |value: f64| (value * 10.0).round() / 10.0;
    // A model that writes syllables has no characters to be judged.
    let writes_characters = sum.text.chars().any(|c| c.to_pinyin().is_some());
    Ok(json!({
        "partial_ser_narrow": tenths(syllables.percent()),
        "partial_cer_narrow": writes_characters.then(|| tenths(characters.percent())),
        "first_partial_ms_p50": millis(50),
        "first_partial_ms_p95": millis(95),
        "flicker_rate": (sum.taken_back as f64 / sum.stable.max(1) as f64 * 1_000.0).round() / 1_000.0,
        "partial_rtf": (sum.rtf() * 1_000.0).round() / 1_000.0,
    }))
}

/// The text's syllables without tones, each written as one letter, so that they are counted as characters are.
pub(crate) fn sounds(text: &str, numbers: &mut HashMap<String, u32>) -> String {
    let mut syllables: Vec<String> = Vec::new();
    let mut latin = String::new();
    for c in text.chars().chain([' ']) {
        if c.is_ascii_alphabetic() {
            latin.push(c.to_ascii_lowercase());
            continue;
        }
        if !latin.is_empty() {
            syllables.push(std::mem::take(&mut latin));
        }
        syllables.extend(c.to_pinyin().map(|sound| sound.plain().replace('ü', "v")));
    }
    let mut letter = |syllable: String| {
        let next = numbers.len() as u32;
        let number = *numbers.entry(syllable).or_insert(next);
        char::from_u32(0xAC00 + number).unwrap_or('?')
    };
    syllables.into_iter().map(&mut letter).collect()
}
