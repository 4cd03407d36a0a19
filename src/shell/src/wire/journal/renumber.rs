//! New numbers for events that the stream cannot take under their old ones.

use std::io::{self, Write};

use sidetone_schema::{Body, Envelope};

use super::{Head, Journal, open};

impl Journal {
    /// Every line with its number, in order.
    pub(in super::super) fn lines(&self) -> io::Result<Vec<(u64, String)>> {
        let (mut offset, mut lines) = (0, Vec::new());
        loop {
            let bytes = self.read(offset, (self.len() as usize).max(1))?;
            if bytes.is_empty() {
                return Ok(lines);
            }
            offset += bytes.len() as u64;
            let text = String::from_utf8_lossy(&bytes);
            let numbered = |line: &str| Some((serde_json::from_str::<Head>(line).ok()?.seq, line.to_owned()));
            lines.extend(text.lines().filter_map(numbered));
        }
    }

    /// Gives every event behind number `kept` a new number, from `top` + 1 on; `notice` goes before them. When the
    /// stream knows the call from an earlier journal that is lost, its `call.started` becomes a resumption.
    ///
    /// The file is replaced as a whole, so that a crash leaves the one or the other.
    pub(in super::super) fn renumber(&mut self, kept: u64, top: u64, notice: Envelope) -> io::Result<()> {
        let (mut text, mut seq, mut notice) = (String::new(), top, Some(notice));
        let mut push = |text: &mut String, mut event: Envelope| -> io::Result<()> {
            seq += 1;
            event.seq = seq;
            text.push_str(&serde_json::to_string(&event)?);
            text.push('\n');
            Ok(())
        };
        for (number, line) in self.lines()? {
            if number <= kept {
                text.push_str(&line);
                text.push('\n');
                continue;
            }
            if let Some(notice) = notice.take() {
                push(&mut text, notice)?;
            }
            let mut event: Envelope = serde_json::from_str(&line)?;
            if let (0, Body::CallStarted(started)) = (kept, &mut event.body) {
                started.resumed = true;
            }
            push(&mut text, event)?;
        }
        if let Some(notice) = notice.take() {
            push(&mut text, notice)?;
        }
        self.replace(text.into_bytes())?;
        self.last_seq = seq;
        Ok(())
    }

    /// Puts other lines into the place of all.
    fn replace(&mut self, lines: Vec<u8>) -> io::Result<()> {
        if self.on_disk == 0 {
            self.tail = lines;
            return Ok(());
        }
        let fresh = self.path.with_extension("new");
        open(&fresh, true)?.write_all(&lines)?;
        std::fs::rename(&fresh, &self.path)?;
        self.file = None;
        self.on_disk = lines.len() as u64;
        self.tail.clear();
        Ok(())
    }
}
