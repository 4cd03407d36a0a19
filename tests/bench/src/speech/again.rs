//! What second readings are worth: narrow-band clips whose final is in doubt, decoded again with what is said beside them.

use std::sync::Arc;

use serde_json::{Value, json};
use sidetone_asr::{audio, score::Score};
use sidetone_domain::Pack;
use sidetone_speech::text::simplify;
use sidetone_speech::{AudioJob, CallWords, Pass, Recogniser};

use super::job;
use crate::clips::Clip;

/// Errors of the same clips by the first reading, by the second, and by the surer of the two, which is what calls show.
pub(super) fn figures(worker: &mut dyn Recogniser, pack: &Pack, clips: &[Clip], below: f32) -> Result<Value, String> {
    let mut scores = [Score::default(); 3];
    let (mut read, mut revised) = (0_usize, 0_usize);
    for clip in clips {
        let samples = audio::narrowband(&clip.wide);
        let of = |job: &AudioJob, worker: &mut dyn Recogniser| {
            let heard = worker.recognise(job).map_err(|error| error.to_string())?;
            Ok::<_, String>(heard.unwrap_or_default())
        };
        let first = of(&job(&samples), worker)?;
        if first.confidence >= below || first.text.is_empty() {
            continue;
        }
        let said = |term: &&str| clip.beside.iter().any(|text| text.contains(*term));
        let again = AudioJob {
            pass: Pass::Again,
            words: Some(Arc::new(CallWords {
                terms: pack.knowledge().vocabulary().filter(said).map(str::to_owned).collect(),
                said: clip.beside.clone(),
            })),
            ..job(&samples)
        };
        let second = of(&again, worker)?;
        let surer = second.confidence > first.confidence && !second.text.is_empty();
        read += 1;
        revised += usize::from(surer && second.text != first.text);
        let shown = if surer { &second } else { &first };
        for (score, heard) in scores.iter_mut().zip([&first, &second, shown]) {
            *score = score.plus(Score::of(&simplify(&clip.reference), &simplify(&heard.text)));
        }
    }
    let [first, second, shown] = scores.map(|score| score.errors);
    Ok(json!({
        "again_clips": read, "again_characters": scores[0].characters, "again_revised": revised,
        "again_errors_first": first, "again_errors_second": second, "again_errors_shown": shown,
    }))
}
