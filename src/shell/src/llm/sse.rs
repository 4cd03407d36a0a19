//! An answer as it comes, line by line. Comments and blank lines are no tokens.

use serde::Deserialize;

use super::client::Usage;
use super::fault::Fault;

/// Bytes of one answer, with all that is around its text.
pub const MOST: usize = 256 * 1024;

/// What has been read of one answer.
#[derive(Debug, Default)]
pub struct Reader {
    line: Vec<u8>,
    taken: usize,
    text: String,
    thought: bool,
    usage: Option<Usage>,
    done: bool,
    /// The engine stopped before the answer's end: no tokens were left, or a filter stepped in.
    stopped: bool,
}

#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<RawUsage>,
    error: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    delta: Delta,
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct Delta {
    content: Option<String>,
    reasoning_content: Option<String>,
}

#[derive(Deserialize)]
struct RawUsage {
    #[serde(default)]
    prompt_tokens: u32,
    #[serde(default)]
    completion_tokens: u32,
    prompt_cache_hit_tokens: Option<u32>,
    prompt_tokens_details: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    #[serde(default)]
    cached_tokens: u32,
}

impl Reader {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// When the answer is too large or is not what the interface says.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.taken = self.taken.saturating_add(bytes.len());
        if self.taken > MOST {
            return Err(Fault::TooLarge);
        }
        for byte in bytes {
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                self.read(&line)?;
            } else {
                self.line.push(*byte);
            }
        }
        Ok(())
    }

    fn read(&mut self, line: &[u8]) -> Result<(), Fault> {
        let Ok(line) = std::str::from_utf8(line) else {
            return Err(Fault::Garbled);
        };
        let Some(data) = line.trim().strip_prefix("data:") else {
            return Ok(());
        };
        let data = data.trim();
        if data == "[DONE]" {
            self.done = true;
            return Ok(());
        }
        let chunk: Chunk = serde_json::from_str(data).map_err(|_| Fault::Garbled)?;
        if chunk.error.is_some() {
            return Err(Fault::CutOff);
        }
        if let Some(usage) = chunk.usage {
            let hit = usage.prompt_cache_hit_tokens;
            self.usage = Some(Usage {
                prompt: usage.prompt_tokens,
                answer: usage.completion_tokens,
                cached: hit
                    .or(usage.prompt_tokens_details.map(|d| d.cached_tokens))
                    .unwrap_or(0),
            });
        }
        for choice in chunk.choices {
            self.thought |= choice.delta.reasoning_content.is_some_and(|text| !text.is_empty());
            self.text.push_str(&choice.delta.content.unwrap_or_default());
            if let Some(reason) = choice.finish_reason {
                self.done |= reason == "stop";
                self.stopped |= reason != "stop";
            }
        }
        Ok(())
    }

    /// Whether a token of the answer itself has come.
    #[must_use]
    pub fn has_text(&self) -> bool {
        !self.text.trim().is_empty()
    }

    /// The whole answer, its use and whether the engine thought aloud.
    ///
    /// # Errors
    /// When it was cut off or holds no text.
    pub fn finish(mut self) -> Result<(String, Option<Usage>, bool), Fault> {
        if !self.line.is_empty() {
            let line = std::mem::take(&mut self.line);
            self.read(&line).map_err(|_| Fault::CutOff)?;
        }
        // An engine sends its end mark behind what it did not finish, too.
        if !self.done || self.stopped {
            return Err(Fault::CutOff);
        }
        if !self.has_text() {
            return Err(Fault::Blank);
        }
        let thought = self.thought || self.text.contains("<think>");
        Ok((self.text, self.usage, thought))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WHOLE: &str = ": keep-alive\n\n\
        data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"{\\\"a\\\"\"}}]}\r\n\r\n: keep-alive\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\":\\\"é\\\"}\"},\"finish_reason\":\"stop\"}]}\n\n\
        data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\"prompt_cache_hit_tokens\":4}}\n\n\
        data: [DONE]\n\n";

    #[test]
    fn keep_alive_is_no_token() {
        let mut reader = Reader::default();
        reader.take(b": keep-alive\n\n\n: keep-alive\n\n").unwrap();
        assert!(!reader.has_text());
        assert_eq!(reader.finish().unwrap_err(), Fault::CutOff);
    }

    #[test]
    fn blank_cut_off_and_too_large_are_told_apart() {
        let mut blank = Reader::default();
        blank
            .take(b"data: {\"choices\":[{\"delta\":{\"content\":\" \"},\"finish_reason\":\"stop\"}]}\n")
            .unwrap();
        assert_eq!(blank.finish().unwrap_err(), Fault::Blank);
        let mut cut = Reader::default();
        cut.take(b"data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n")
            .unwrap();
        assert_eq!(cut.finish().unwrap_err(), Fault::CutOff);
        let mut length = Reader::default();
        length
            .take(b"data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"length\"}]}\n")
            .unwrap();
        length.take(b"\ndata: [DONE]\n\n").unwrap();
        assert_eq!(length.finish().unwrap_err(), Fault::CutOff, "out of tokens");
        assert_eq!(Reader::default().take(&vec![b'x'; MOST + 1]), Err(Fault::TooLarge));
    }

    proptest! {
        #[test]
        fn pieces_make_the_same_answer(cuts in prop::collection::vec(1_usize..40, 0..60)) {
            let (mut reader, mut rest) = (Reader::default(), WHOLE.as_bytes());
            for cut in cuts {
                let (now, later) = rest.split_at(cut.min(rest.len()));
                reader.take(now).unwrap();
                rest = later;
            }
            reader.take(rest).unwrap();
            let (text, usage, thought) = reader.finish().unwrap();
            prop_assert_eq!(text, "{\"a\":\"é\"}");
            prop_assert_eq!(usage, Some(Usage { prompt: 7, answer: 3, cached: 4 }));
            prop_assert!(!thought);
        }

        #[test]
        fn no_bytes_are_too_much(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut reader = Reader::default();
            if reader.take(&bytes).is_ok() {
                let _either = reader.finish();
            }
        }
    }
}
