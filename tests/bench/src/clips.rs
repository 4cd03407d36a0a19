//! Speech with what is said in it: recordings of a folder, or the turns of the scripted calls.

use std::path::Path;

use sidetone_asr::audio;
use sidetone_base::SampleRate;
use sidetone_media::file::ogg_opus;

use crate::calls;
use crate::hints::script::{self, Script, ScriptTurn};

/// The voices that neither of our models was trained on (`models/train`: `HELD_OUT`).
const HELD_OUT: [&str; 2] = ["zf_xiaoni", "zm_yunxia"];
/// Left on both sides of a scripted turn.
const MARGIN_MS: u64 = 200;

/// One stretch of speech.
pub(crate) struct Clip {
    pub(crate) name: String,
    /// Whose; empty where it is not known.
    pub(crate) voice: String,
    /// What is said.
    pub(crate) reference: String,
    /// What is said in the same call before it, and next: the newest last.
    pub(crate) beside: Vec<String>,
    /// 16 kHz.
    pub(crate) wide: Vec<i16>,
}

/// `refs.tsv` has a name, a tab and what is said.
pub(crate) fn of_folder(dir: &Path) -> Result<Vec<Clip>, String> {
    let refs = dir.join("refs.tsv");
    let text = sidetone_base::read_text(&refs).map_err(|error| format!("{}: {error}", refs.display()))?;
    let clip = |(name, reference): (&str, &str)| {
        let stem = name.strip_suffix(".wav").unwrap_or(name);
        let wide = audio::read(&dir.join(format!("{stem}.wav")))
            .map_err(|error| error.to_string())?
            .samples;
        Ok(Clip {
            name: name.to_owned(),
            voice: String::new(),
            reference: reference.to_owned(),
            beside: Vec::new(),
            wide,
        })
    };
    text.lines()
        .filter_map(|line| line.split_once('\t'))
        .map(clip)
        .collect()
}

/// Every turn in a voice that is unheard of.
pub(crate) fn scripted() -> Result<Vec<Clip>, String> {
    let mut clips = Vec::new();
    for caller in calls::voices()? {
        let script: Script = script::read(&calls::beside(&caller, ".toml"))?;
        let spans = calls::spans(&calls::beside(&caller, ".timeline.tsv"))?;
        let legs = [
            ("caller", &script.caller, heard(&caller)?),
            ("agent", &script.agent, heard(&calls::beside(&caller, ".agent.opus"))?),
        ];
        let legs = legs
            .iter()
            .filter(|(_, party, _)| HELD_OUT.contains(&party.voice.as_str()));
        for (number, (turn, (begin, end))) in script.turns.iter().zip(spans).enumerate() {
            let Some((_, party, samples)) = legs.clone().find(|(role, ..)| *role == turn.role) else {
                continue;
            };
            let at = |ms: u64| (ms as usize * SampleRate::WIDE.0 as usize / 1_000).min(samples.len());
            clips.push(Clip {
                name: format!("{} {number}", script.name),
                voice: party.voice.clone(),
                reference: turn.text.clone(),
                beside: beside(&script.turns, number),
                wide: samples[at(begin.saturating_sub(MARGIN_MS))..at(end + MARGIN_MS)].to_vec(),
            });
        }
    }
    Ok(clips)
}

/// Six turns before this one and the one behind it, which answers it.
fn beside(turns: &[ScriptTurn], number: usize) -> Vec<String> {
    let before = &turns[number.saturating_sub(6)..number];
    let near = before.iter().chain(turns.get(number + 1));
    near.map(|turn| turn.text.clone()).collect()
}

/// The first channel at 16 kHz.
fn heard(path: &Path) -> Result<Vec<i16>, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let audio = ogg_opus::read(&bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    let samples = audio.channels.first().map(Vec::as_slice).unwrap_or_default();
    Ok(audio::resample(samples, audio.rate, SampleRate::WIDE))
}
