//! Events as a person reads them in a terminal: who said what, what was pushed, how it ended.

use std::io::{self, Write};

use sidetone_base::printable;
use sidetone_schema::{Body, Envelope, HintData, HintKind, Satisfaction, Tier, Transcript, UpdateReason, Wrapup};

/// Writes events to a terminal or a file.
pub struct View<W> {
    out: W,
    /// Colours, and partials that overwrite themselves; off for files and pipes.
    terminal: bool,
    /// A partial stands on the last line.
    partial_shown: bool,
}

/// Columns of a line: the usual terminal's hundred, less two that a mark may hang over.
const WIDTH: usize = 96;
/// Under the values of the wrap-up.
const INDENT: &str = "             ";
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
                    .map(|leg| {
                        let heard = if leg.tap.is_some() { "在听" } else { "未听" };
                        format!("{}{heard}", role(Some(&leg.role)).trim_end())
                    })
                    .collect();
                self.line(DIM, &format!("   {}：{}", change(updated.reason), legs.join("，")))
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
            Body::AudioGap(gap) => {
                let (so_far, length) = (
                    if gap.open { "已 " } else { "" },
                    gap.end_ms.saturating_sub(gap.begin_ms),
                );
                self.line(DIM, &format!("   … {so_far}{length} 毫秒没有声音 ({})", gap.cause))
            }
            Body::Error(fault) => self.line(RED, &format!("   ! {} {}", fault.code, fault.message)),
            Body::KnowledgeGap(gap) => self.line(DIM, &format!("   ? 知识库未答 {}", gap.question)),
            Body::QaHit(hit) => self.line(YELLOW, &format!("   质检 {}", hit.message)),
            _ => Ok(()),
        }
    }

    fn partial(&mut self, event: &Envelope, transcript: &Transcript) -> io::Result<()> {
        if !self.terminal {
            return Ok(());
        }
        self.partial_shown = true;
        let text = said(event, transcript);
        let text = printable(&text);
        write!(self.out, "\r\x1b[K{DIM}{}…{RESET}", &text[..fitting(&text, WIDTH - 2)])?;
        self.out.flush()
    }

    fn hint(&mut self, hint: &HintData) -> io::Result<()> {
        let colour = if hint.tier == Tier::MustSay { YELLOW } else { DIM };
        let after = hint.latency_ms.total;
        // An early one's time counts from the sound that set it off: the caller has not finished.
        let when = if hint.early {
            format!("话未说完，用时 {after} 毫秒")
        } else {
            format!("话音落后 {after} 毫秒")
        };
        self.line(
            colour,
            &format!(
                "          ┌ [{}·{}] {}  ({when})",
                kind(hint.kind),
                u8::from(hint.tier),
                hint.title
            ),
        )?;
        self.wrapped(colour, "          │ ", "          │ ", &hint.body)?;
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
        self.wrapped(DIM, "          └ ", "            ", &sources)
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
            ("涉及政策", e.policies.value.join("\n")),
            ("处理建议", e.advice.value.join("\n")),
            ("待办事项", e.todos.value.join("\n")),
            ("风险提示", e.risks.value.join("\n")),
            ("满意预测", satisfaction.to_owned()),
        ] {
            for (index, entry) in value.lines().enumerate() {
                let head = if index == 0 {
                    format!("   {name}  ")
                } else {
                    INDENT.to_owned()
                };
                self.wrapped("", &head, INDENT, entry)?;
            }
        }
        for topic in &wrapup.topics {
            let state = if topic.resolved { "已答复" } else { "未答复" };
            self.line(DIM, &format!("   主题      {} / {}  {state}", topic.name, topic.intent))?;
        }
        Ok(())
    }

    /// Several lines of at most [`WIDTH`] columns on a terminal; one line elsewhere.
    fn wrapped(&mut self, colour: &str, head: &str, indent: &str, text: &str) -> io::Result<()> {
        let (mut head, mut rest) = (head, text);
        while self.terminal && columns(head) + columns(rest) > WIDTH {
            let at = fitting(rest, WIDTH - columns(head));
            self.line(colour, &format!("{head}{}", &rest[..at]))?;
            (head, rest) = (indent, &rest[at..]);
        }
        self.line(colour, &format!("{head}{rest}"))
    }

    fn line(&mut self, colour: &str, text: &str) -> io::Result<()> {
        let text = printable(text);
        if self.terminal && !colour.is_empty() {
            writeln!(self.out, "{colour}{text}{RESET}")?;
        } else {
            writeln!(self.out, "{text}")?;
        }
        self.out.flush()
    }
}

const fn change(reason: UpdateReason) -> &'static str {
    match reason {
        UpdateReason::Joined => "加入",
        UpdateReason::Left => "离开",
        UpdateReason::Transfer => "转接",
        UpdateReason::Hold => "保持",
        UpdateReason::Resume => "恢复",
        UpdateReason::Tap => "音频",
        UpdateReason::Control => "听写",
    }
}

/// Columns that a character takes: two for Chinese characters and their punctuation.
const fn column(c: char) -> usize {
    match c as u32 {
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

fn columns(text: &str) -> usize {
    text.chars().map(column).sum()
}

/// How many bytes of `text` fit into `width` columns; at least one character. A mark that ends a clause
/// may stand two columns over, so that no line begins with it.
fn fitting(text: &str, width: usize) -> usize {
    let mut used = 0;
    for (index, (at, c)) in text.char_indices().enumerate() {
        used += column(c);
        let hangs = matches!(c, '，' | '。' | '；' | '：' | '、' | '）' | '》' | '”') && used <= width + 2;
        if used > width && index > 0 && !hangs {
            return at;
        }
    }
    text.len()
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
        HintKind::Caller => "来电史",
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
    fn what_is_said_does_not_steer_the_terminal() {
        let event = r#"{"v":1,"type":"transcript.final","call_id":"c","seq":3,"ts":"2026-11-22T08:00:00.123Z",
            "leg_id":"l","role":"caller","data":{"segment_id":"caller-0","rev":1,"is_final":true,
            "begin_ms":0,"end_ms":300,"text":"\u001b[2J失业","confidence":0.9,"redactions":[],"lang":"zh"}}"#;
        assert_eq!(shown(&[event]), "00:00.0  来电人   [2J失业\n");
    }

    #[test]
    fn partials_are_for_terminals() {
        let event = r#"{"v":1,"type":"transcript.partial","call_id":"c","seq":3,"ts":"2026-11-22T08:00:00.123Z",
            "data":{"segment_id":"caller-0","rev":1,"is_final":false,"begin_ms":0,"end_ms":900,
            "text":"失业","confidence":0.9,"redactions":[],"lang":"zh"}}"#;
        assert_eq!(shown(&[event]), "");
    }

    #[test]
    fn an_early_hint_does_not_claim_that_the_caller_has_finished() {
        let hint = |early: &str| {
            let event = r#"{"v":1,"type":"hint.new","call_id":"c","seq":4,"ts":"2026-11-22T08:00:00.123Z","data":{
                "hint_id":"h1","tier":2,"kind":"answer","trigger":{"segment_id":"caller-0","intent":"i","entities":[]},
                "title":"补办","body":"带身份证","highlights":[],"sources":[],"score":0.9,"dedup_key":"k","ttl_ms":1000,
                "engine":"knowledge","latency_ms":{"speech":1,"understand":1,"match":1,"push":1,"total":4}EARLY}}"#;
            shown(&[&event.replace("EARLY", early)])
        };
        assert!(hint("").contains("(话音落后 4 毫秒)"), "{}", hint(""));
        let early = hint(r#","early":true"#);
        assert!(early.contains("(话未说完，用时 4 毫秒)"), "{early}");
    }

    #[test]
    fn chinese_takes_two_columns_and_no_line_begins_with_a_comma() {
        assert_eq!(columns("失业a"), 5);
        assert_eq!(&"失业保险"[..fitting("失业保险", 5)], "失业");
        assert_eq!(&"失业，保险"[..fitting("失业，保险", 4)], "失业，");
        assert_eq!(fitting("失业", 9), "失业".len());
        assert_eq!(fitting("失业", 0), "失".len());
    }
}
