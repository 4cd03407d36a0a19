//! Our own model on plain samples: reads the newest stretch of a segment anew as it grows, and all of it in the end.
//!
//! Its graph is what `models/train` exports as `whole.onnx`. It is run without sherpa-onnx, which would tell the likeliest
//! syllables alone: from what they might have been instead the language model chooses.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sidetone_base::SampleRate;
use sidetone_speech::spelling::{Network, Speller, SpellerConfig, SyllableModel};
use sidetone_speech::text::simplify;
use sidetone_speech::{
    AudioJob, Hypothesis, Listening, Pass, READ_ANEW, Recognise, RecogniseError, Recogniser, Rereading, SegmentKey,
    Token,
};

use super::kept::Kept;
use super::session::Sessions;
use super::to_float;

/// The graph undoes whatever scale its samples have by these two, which go first.
const SCALE: [f32; 2] = [1.0, -1.0];
/// The graph wants whole frames of 40 ms.
const FRAME: usize = 640;
/// Silence before and behind what is read, in samples (0.3 and 0.2 s), as around the sentences that the model learned from:
/// without the former three points more of all syllables are wrong.
const LEAD: usize = 4_800;
const TAIL: usize = 3_200;
/// A second reading is in no hurry.
const SECOND: SpellerConfig = SpellerConfig {
    beam: 48,
    ..SpellerConfig::USUAL
};

/// A loaded model.
pub struct Rereader {
    shared: Arc<Shared>,
}

struct Shared {
    name: String,
    sessions: Sessions,
    network: Network,
    spelling: Arc<SyllableModel>,
    segments: Kept<Segment>,
}

/// A segment that is being spoken.
struct Segment {
    reading: Rereading,
    /// Has heard what is stable.
    speller: Speller,
}

impl Rereader {
    /// Loads a model. `spelling` turns its syllables, listed in the file `tokens`, into characters.
    ///
    /// # Errors
    /// When a file is missing or damaged, or they do not belong together.
    pub fn load(name: &str, graph: &Path, tokens: &Path, spelling: SyllableModel) -> Result<Self, RecogniseError> {
        let refused = |reason| RecogniseError::Load {
            model: name.to_owned(),
            reason,
        };
        let list =
            std::fs::read_to_string(tokens).map_err(|error| refused(format!("{}: {error}", tokens.display())))?;
        let list = listed(&list)
            .map_err(|line| refused(format!("{}, line {line}: no token and its number", tokens.display())))?;
        let frame = SampleRate::WIDE.duration_of(FRAME as u64);
        let network = Network::new(list, frame, |token| spelling.syllable(token));
        Ok(Self {
            shared: Arc::new(Shared {
                name: name.to_owned(),
                sessions: Sessions::load(graph).map_err(refused)?,
                network,
                spelling: Arc::new(spelling),
                segments: Kept::default(),
            }),
        })
    }
}

/// The tokens of a list with a token and its number on each line, from 0 up; or the number of the first line that is
/// something else.
fn listed(lines: &str) -> Result<Vec<String>, usize> {
    let token = |(at, line): (usize, &str)| {
        let (token, number) = line.rsplit_once(' ').ok_or(at + 1)?;
        let in_order = number.trim_end().parse() == Ok(at);
        in_order.then(|| token.to_owned()).ok_or(at + 1)
    };
    lines.lines().enumerate().map(token).collect()
}

impl Recognise for Rereader {
    fn name(&self) -> &str {
        &self.shared.name
    }

    fn worker(&self) -> Result<Box<dyn Recogniser>, RecogniseError> {
        Ok(Box::new(Worker(Arc::clone(&self.shared))))
    }

    fn listening(&self) -> Listening {
        Listening::Newest(READ_ANEW)
    }

    fn weigh(&self, text: &str) -> Option<f32> {
        self.shared.spelling.weigh(&simplify(text))
    }
}

struct Worker(Arc<Shared>);

impl Worker {
    /// The syllables in `samples`, which lie `begin` behind the segment's first.
    fn read(&self, begin: Duration, samples: &[i16]) -> Result<Vec<Token>, RecogniseError> {
        let mut heard = SCALE.to_vec();
        heard.resize(SCALE.len() + LEAD, 0.0);
        heard.extend(to_float(samples));
        heard.resize(SCALE.len() + (LEAD + samples.len() + TAIL).next_multiple_of(FRAME), 0.0);
        let network = &self.0.network;
        let read = |scores: &[f32]| network.tokens(scores);
        let tokens = self.0.sessions.run(&heard, network.width(), read);
        let mut tokens = tokens.map_err(|reason| RecogniseError::Decode {
            model: self.0.name.clone(),
            reason,
        })?;
        let lead = SampleRate::WIDE.duration_of(LEAD as u64);
        for token in &mut tokens {
            token.at = (begin + token.at).saturating_sub(lead);
        }
        Ok(tokens)
    }

    fn partial(&self, job: &AudioJob) -> Result<Hypothesis, RecogniseError> {
        let kept = self.0.segments.take(&job.key);
        let mut segment = kept.unwrap_or_else(|| Segment {
            reading: Rereading::default(),
            speller: self.speller(),
        });
        let end = SampleRate::WIDE.duration_of(job.samples.len() as u64);
        let begin = Rereading::begin(end);
        let skipped = SampleRate::WIDE.samples_in(begin) as usize;
        let read = self.read(begin, job.samples.get(skipped..).unwrap_or_default())?;
        segment.reading.take(begin, end, read);
        let (stable, open) = segment.reading.tokens().split_at(segment.reading.stable());
        let known = segment.speller.taken();
        hear(&mut segment.speller, stable.get(known..).unwrap_or_default());
        let mut speller = segment.speller.clone();
        hear(&mut speller, open);
        let mut spelling = speller.spelling();
        if spelling.text.is_empty() {
            // One syllable alone is not likelier than none, and yet something was heard.
            let mut speller = self.speller();
            for token in open {
                speller.hear(&token.text);
            }
            spelling = speller.spelling();
        }
        let told = Hypothesis {
            confidence: spelling.confidence(),
            text: spelling.text,
            stable: Some(segment.speller.spelling().stable),
            spelled: true,
        };
        self.0.segments.put_back(job.key.clone(), segment);
        Ok(told)
    }

    fn whole(&self, job: &AudioJob) -> Result<Hypothesis, RecogniseError> {
        let mut speller = match &job.words {
            Some(words) => Speller::new(Arc::new(self.0.spelling.of_call(words)), SECOND),
            None => self.speller(),
        };
        let tokens = self.read(Duration::ZERO, &job.samples)?;
        hear(&mut speller, &tokens);
        let said_at: Vec<Duration> = tokens.iter().map(|token| token.at).collect();
        let spelling = speller.finish();
        Ok(Hypothesis {
            text: spelling.punctuated(&said_at),
            confidence: spelling.confidence(),
            stable: None,
            spelled: true,
        })
    }

    fn speller(&self) -> Speller {
        Speller::new(Arc::clone(&self.0.spelling), SpellerConfig::default())
    }
}

fn hear(speller: &mut Speller, tokens: &[Token]) {
    for token in tokens {
        speller.weigh(&token.bins);
    }
}

impl Recogniser for Worker {
    fn recognise(&mut self, job: &AudioJob) -> Result<Option<Hypothesis>, RecogniseError> {
        let heard = match job.pass {
            Pass::Partial => self.partial(job)?,
            Pass::Ahead | Pass::Final | Pass::Again => self.whole(job)?,
        };
        Ok((!heard.text.is_empty()).then_some(heard))
    }

    fn forget(&mut self, segment: &SegmentKey) {
        self.0.segments.take(segment);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_listed_in_order() {
        assert_eq!(
            listed("<blk> 0\nni3_ 1\r\n"),
            Ok(vec!["<blk>".to_owned(), "ni3_".to_owned()])
        );
        assert_eq!(listed("<blk> 0\nni3_ 2\n"), Err(2));
        assert_eq!(listed("<blk>\n"), Err(1));
    }
}
