//! Events as a person reads them in a terminal: who said what, what was pushed, how it ended.

use std::io::{self, Write};

use sidetone_schema::{Body, Envelope, HintData, HintKind, Satisfaction, Tier, Transcript, Wrapup};

/// Writes events to a terminal or a file.
pub struct View<W> {
    out: W,
    /// Colours, and partials that overwrite themselves; off for files and pipes.
    terminal: bool,
    /// A partial stands on the last line.
    partial_shown: bool,
}

const RESET: &str = "\x1b[0m";
const DIM: &str = "\x1b[2m";
const BOLD: &str = "\x1b[1m";
const CYAN: &str = "\x1b[36m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const RED: &str = "\x1b[31m";

impl<W: Write> View<W> {
    /// `terminal` says whether `out` understands colours and carriage returns.
    pub const fn new(out: W, terminal: bool) -> Self {
        Self {
            out,
            terminal,
            partial_shown: false,
        }
    }

    /// Writes one event.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn show(&mut self, event: &Envelope) -> io::Result<()> {
        if self.partial_shown && !matches!(event.body, Body::TranscriptPartial(_)) {
            write!(self.out, "\r\x1b[K")?;
            self.partial_shown = false;
        }
        match &event.body {
            Body::CallStarted(started) => {
                let queue = started
                    .queue
                    .as_deref()
                    .map(|q| format!("  队列 {q}"))
                    .unwrap_or_default();
                let caller = started
                    .caller
                    .as_deref()
                    .map(|c| format!("  来电 {c}"))
                    .unwrap_or_default();
                let resumed = if started.resumed { "  (接续)" } else { "" };
                self.line(BOLD, &format!("── 通话开始 {}{caller}{queue}{resumed}", event.call_id))
            }
            Body::CallUpdated(updated) => {
                let legs: Vec<String> = updated
                    .legs
                    .iter()
                    .map(|leg| format!("{}{}", role(Some(&leg.role)), if leg.tap.is_some() { "●" } else { "○" }))
                    .collect();
                let text = format!("   {:?} {}", updated.reason, legs.join(" ")).to_lowercase();
                self.line(DIM, &text)
            }
            Body::CallEnded(ended) => {
                let seconds = ended.duration_ms / 1000;
                let text = format!("── 通话结束 {seconds} 秒，{} 句，{} 条提示", ended.finals, ended.hints);
                self.line(BOLD, &text)
            }
            Body::TranscriptPartial(transcript) => self.partial(event, transcript),
            Body::TranscriptFinal(transcript) | Body::TranscriptRevised(transcript) if !transcript.text.is_empty() => {
                let colour = if event.role.as_deref() == Some("agent") {
                    GREEN
                } else {
                    CYAN
                };
                self.line(colour, &said(event, transcript))
            }
            Body::HintNew(hint) | Body::HintUpdate(hint) => self.hint(hint),
            Body::WrapupFinal(wrapup) => self.wrapup(wrapup),
            Body::AudioGap(gap) => self.line(
                DIM,
                &format!("   … {} 毫秒没有声音 ({})", gap.end_ms - gap.begin_ms, gap.cause),
            ),
            Body::Error(fault) => self.line(RED, &format!("   ! {} {}", fault.code, fault.message)),
            Body::QaHit(hit) => self.line(YELLOW, &format!("   质检 {}", hit.message)),
            _ => Ok(()),
        }
    }

    fn partial(&mut self, event: &Envelope, transcript: &Transcript) -> io::Result<()> {
        if !self.terminal {
            return Ok(());
        }
        self.partial_shown = true;
        write!(self.out, "\r\x1b[K{DIM}{}…{RESET}", said(event, transcript))?;
        self.out.flush()
    }

    fn hint(&mut self, hint: &HintData) -> io::Result<()> {
        let colour = if hint.tier == Tier::MustSay { YELLOW } else { DIM };
        let after = hint.latency_ms.total;
        self.line(
            colour,
            &format!(
                "          ┌ [{}·{}] {}  (话音落后 {after} 毫秒)",
                kind(hint.kind),
                u8::from(hint.tier),
                hint.title
            ),
        )?;
        self.line(colour, &format!("          │ {}", hint.body))?;
        let sources: Vec<String> = hint
            .sources
            .iter()
            .map(|s| {
                format!(
                    "{}{}{}",
                    s.title,
                    s.article.as_deref().unwrap_or(""),
                    parenthesised(&s.doc_no)
                )
            })
            .collect();
        let sources = if sources.is_empty() {
            "无来源".to_owned()
        } else {
            sources.join("；")
        };
        self.line(DIM, &format!("          └ {sources}"))
    }

    fn wrapup(&mut self, wrapup: &Wrapup) -> io::Result<()> {
        let e = &wrapup.elements;
        let satisfaction = match e.satisfaction.value {
            Satisfaction::Satisfied => "满意",
            Satisfaction::Neutral => "一般",
            Satisfaction::Dissatisfied => "不满意",
        };
        self.line(BOLD, "── 话后小结")?;
        for (name, value) in [
            ("咨询主体", e.subject.value.clone()),
            ("诉求类型", e.request_type.value.clone()),
            ("涉及政策", e.policies.value.join("；")),
            ("处理建议", e.advice.value.join("；")),
            ("待办事项", e.todos.value.join("；")),
            ("风险提示", e.risks.value.join("；")),
            ("满意预测", satisfaction.to_owned()),
        ] {
            self.line("", &format!("   {name}  {value}"))?;
        }
        for topic in &wrapup.topics {
            let state = if topic.resolved { "已答复" } else { "未答复" };
            self.line(DIM, &format!("   主题      {} / {}  {state}", topic.name, topic.intent))?;
        }
        Ok(())
    }

    fn line(&mut self, colour: &str, text: &str) -> io::Result<()> {
        if self.terminal && !colour.is_empty() {
            writeln!(self.out, "{colour}{text}{RESET}")?;
        } else {
            writeln!(self.out, "{text}")?;
        }
        self.out.flush()
    }
}

fn said(event: &Envelope, transcript: &Transcript) -> String {
    let seconds = transcript.begin_ms / 1000;
    let tenth = transcript.begin_ms / 100 % 10;
    let who = role(event.role.as_deref());
    format!(
        "{:02}:{:02}.{tenth}  {who}  {}",
        seconds / 60,
        seconds % 60,
        transcript.text
    )
}

fn role(role: Option<&str>) -> &'static str {
    match role {
        Some("caller") => "来电人",
        Some("agent") => "坐席　",
        _ => "　　　",
    }
}

const fn kind(kind: HintKind) -> &'static str {
    match kind {
        HintKind::Answer => "答复",
        HintKind::Policy => "政策",
        HintKind::Case => "案例",
        HintKind::Compare => "对比",
        HintKind::Channel => "渠道",
        HintKind::History => "历史",
        HintKind::Calc => "测算",
        HintKind::Script => "话术",
        HintKind::Risk => "风险",
    }
}

fn parenthesised(doc_no: &str) -> String {
    if doc_no.is_empty() {
        String::new()
    } else {
        format!("（{doc_no}）")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(events: &[&str]) -> String {
        let mut view = View::new(Vec::new(), false);
        for json in events {
            view.show(&serde_json::from_str(json).unwrap()).unwrap();
        }
        String::from_utf8(view.out).unwrap()
    }

    #[test]
    fn a_final_shows_when_who_and_what() {
        let event = r#"{"v":1,"type":"transcript.final","call_id":"c","seq":3,"ts":"2026-11-22T08:00:00.123Z",
            "leg_id":"l","role":"caller","data":{"segment_id":"caller-61200","rev":1,"is_final":true,
            "begin_ms":61200,"end_ms":63000,"text":"失业金能领多久","confidence":0.9,"redactions":[],"lang":"zh"}}"#;
        assert_eq!(shown(&[event]), "01:01.2  来电人  失业金能领多久\n");
    }

    #[test]
    fn partials_are_for_terminals() {
        let event = r#"{"v":1,"type":"transcript.partial","call_id":"c","seq":3,"ts":"2026-11-22T08:00:00.123Z",
            "data":{"segment_id":"caller-0","rev":1,"is_final":false,"begin_ms":0,"end_ms":900,
            "text":"失业","confidence":0.9,"redactions":[],"lang":"zh"}}"#;
        assert_eq!(shown(&[event]), "");
    }
}
