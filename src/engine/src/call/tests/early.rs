//! What is shown while the caller still speaks, and what becomes of it.

use sidetone_schema::{HintData, Transcript};

use super::*;

/// The caller's first turn lies in it.
const ONE_TURN: Duration = Duration::from_secs(12);
const HEAD: &str = "我想问一下失业保险金要什么条件才能领";

/// A caller whose streaming recogniser says `heads`, one after the other, and whose final is `last`.
fn hears(heads: &[&'static str], last: &'static str) -> Bench {
    let mut bench = Bench::joined(Ears::Streaming);
    bench.heads = heads.to_vec();
    bench.texts = vec![last];
    bench
}

fn heard(heads: &[&'static str], last: &'static str) -> Bench {
    let mut bench = hears(heads, last);
    bench.speak(ONE_TURN);
    bench.until(bench.now + Duration::from_millis(1));
    bench
}

impl Bench {
    fn partials(&self) -> Vec<&Transcript> {
        let events = self.events.iter();
        events
            .filter_map(|body| match body {
                Body::TranscriptPartial(said) => Some(said),
                _ => None,
            })
            .collect()
    }

    fn new_hints(&self) -> Vec<&HintData> {
        let events = self.events.iter();
        events
            .filter_map(|body| match body {
                Body::HintNew(hint) => Some(&**hint),
                _ => None,
            })
            .collect()
    }

    /// Hints and finals in their order: `+h1` early, `h1` late, `~h1` updated, `-h1` withdrawn, `.` a final.
    fn story(&self) -> String {
        let mark = |body: &Body| match body {
            Body::HintNew(hint) if hint.early => Some(format!("+{}", hint.hint_id)),
            Body::HintNew(hint) => Some(hint.hint_id.clone()),
            Body::HintUpdate(hint) => Some(format!("~{}", hint.hint_id)),
            Body::HintExpire(gone) if gone.reason == "withdrawn" => Some(format!("-{}", gone.hint_id)),
            Body::TranscriptFinal(_) => Some(".".to_owned()),
            _ => None,
        };
        self.events.iter().filter_map(mark).collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn a_hint_is_on_screen_before_the_caller_has_finished() {
    let bench = heard(&[HEAD, HEAD], HEAD);
    let story = bench.story();
    assert!(story.starts_with("+h1 ."), "{story}");
    let hint = bench.new_hints()[0];
    assert_eq!(hint.trigger.intent, "unemployment_benefit/eligibility");
    assert!(
        hint.latency_ms.total < 100,
        "from the partial's sound: {:?}",
        hint.latency_ms
    );
}

#[test]
fn an_agent_who_takes_the_call_over_is_shown_the_hints_that_live() {
    let mut bench = heard(&[HEAD, HEAD], HEAD);
    bench.until(bench.now + Duration::from_secs(1));
    let shown: Vec<String> = bench.new_hints().iter().map(|hint| hint.hint_id.clone()).collect();
    assert!(!shown.is_empty());
    let before = bench.types().len();
    bench.join("third", Role::Agent, Some("8002"));
    let anew: Vec<String> = bench.new_hints()[shown.len()..]
        .iter()
        .map(|hint| hint.hint_id.clone())
        .collect();
    assert_eq!(anew, shown);
    let since = bench.types().split_off(before);
    assert_eq!(
        since[..2],
        ["call.updated", "hint.new"],
        "the screen knows the call first"
    );
    bench.join("third", Role::Agent, Some("8002"));
    assert_eq!(bench.new_hints().len(), shown.len() * 2, "once for each agent");
}

#[test]
fn a_doubtful_reading_wants_another_with_the_same_answer() {
    let story = |confidence: f32, heads: &[&'static str]| {
        let mut bench = hears(heads, HEAD);
        bench.confidence = confidence;
        bench.speak(ONE_TURN);
        bench.story()
    };
    assert!(!story(0.5, &[HEAD]).contains('+'));
    assert!(story(0.5, &[HEAD, HEAD]).starts_with("+h1 ."));
    assert!(story(0.9, &[HEAD]).starts_with("+h1 ."));
}

#[test]
fn what_is_decoded_of_a_pause_is_shown_before_the_pause_is_over() {
    let mut bench = Bench::joined(Ears::Foreseeing);
    bench.speak(ONE_TURN);
    assert!(bench.foreseen > 0);
    assert!(bench.story().starts_with("+h1 ."), "{}", bench.story());
}

#[test]
fn the_final_confirms_it_in_silence() {
    let bench = heard(&[HEAD, HEAD], HEAD);
    let keys: Vec<&str> = bench.new_hints().iter().map(|hint| hint.dedup_key.as_str()).collect();
    let first = keys[0];
    assert_eq!(keys.iter().filter(|key| **key == first).count(), 1, "{keys:?}");
    let story = bench.story();
    assert!(!story.contains("-h1") && !story.contains("~h1"), "{story}");
}

#[test]
fn the_final_refines_it() {
    let bench = heard(&[HEAD, HEAD], "我想问一下失业保险金一个月能领多少钱");
    let story = bench.story();
    assert!(story.starts_with("+h1 . ~h1"), "{story}");
    let Some(Body::HintUpdate(refined)) = bench.events.iter().find(|event| event.type_name() == "hint.update") else {
        panic!("{story}")
    };
    assert_eq!(refined.trigger.intent, "unemployment_benefit/amount");
    assert!(!refined.early && refined.body.contains("2160"), "{}", refined.body);
}

#[test]
fn a_final_that_does_not_support_it_takes_it_back() {
    for last in ["今天天气真不错", "我想问一下社保卡怎么补办"] {
        let story = heard(&[HEAD, HEAD], last).story();
        assert!(story.starts_with("+h1 . -h1"), "{last}: {story}");
    }
}

#[test]
fn a_turn_that_was_nothing_takes_it_back() {
    // What the text pipeline knows to be nobody's words.
    let story = heard(&[HEAD, HEAD], "谢谢观看").story();
    assert!(story.starts_with("+h1 . -h1"), "{story}");
}

#[test]
fn what_was_taken_back_may_be_shown_again() {
    let mut bench = hears(&[HEAD, HEAD], "今天天气真不错");
    bench.texts.push("失业保险金要什么条件才能领");
    bench.speak(TWO_TURNS);
    bench.until(bench.now + Duration::from_millis(1));
    let story = bench.story();
    assert!(story.starts_with("+h1 . -h1 . h2"), "{story}");
}

#[test]
fn a_vague_question_waits_for_its_end() {
    for head in ["我想问一下", "失业保险金要什么", "要什么条件才能领", "好的谢谢"] {
        let story = heard(&[head, head], "好的").story();
        assert!(!story.contains('+'), "{head}: {story}");
    }
}

#[test]
fn the_head_of_a_turn_leaves_no_trace_but_the_hint() {
    let mut bench = heard(&[HEAD, HEAD], "好的");
    assert_eq!(bench.count("intent"), 0);
    bench.hang_up();
    bench.until(bench.now + Duration::from_millis(1));
    let Some(Body::WrapupFinal(wrapup)) = bench.events.iter().find(|e| e.type_name() == "wrapup.final") else {
        panic!("{:?}", bench.types())
    };
    assert!(wrapup.topics.is_empty(), "{:?}", wrapup.topics);
}

#[test]
fn early_hints_live_under_the_same_caps() {
    let mut bench = hears(&[HEAD, HEAD], HEAD);
    bench.speak(ONE_TURN);
    bench.until(bench.now + Duration::from_millis(1));
    let turn = &bench.new_hints()[0].trigger.segment_id;
    let of_turn = bench
        .new_hints()
        .iter()
        .filter(|hint| hint.trigger.segment_id == *turn)
        .count();
    assert!(of_turn <= 3, "{of_turn}");
}

#[test]
fn what_the_agent_says_gives_no_hint() {
    let mut bench = hears(&[HEAD, HEAD], HEAD);
    bench.speak_as("agent", ONE_TURN);
    bench.until(bench.now + Duration::from_millis(1));
    assert_eq!(bench.new_hints().len(), 0);
    assert!(!bench.partials().is_empty());
}

#[test]
fn nothing_is_stable_and_nothing_hinted_while_the_text_is_withheld() {
    let mut bench = hears(&[HEAD, HEAD], HEAD);
    bench.give(bench.now, Input::Control(Control::Mask(true)));
    bench.speak(ONE_TURN);
    assert_eq!(bench.new_hints().len(), 0);
    let partials = bench.partials();
    assert!(!partials.is_empty());
    assert!(
        partials
            .iter()
            .all(|said| said.stable == Some(0) && !said.text.contains('失'))
    );
}

#[test]
fn withholding_the_text_takes_an_early_hint_back() {
    let mut bench = hears(&[HEAD, HEAD], HEAD);
    bench.speak(Duration::from_secs(7));
    assert!(bench.story().starts_with("+h1"), "{}", bench.story());
    bench.give(bench.now, Input::Control(Control::Mask(true)));
    bench.give(bench.now, Input::Control(Control::Pause));
    bench.until(bench.now + Duration::from_millis(1));
    assert_eq!(bench.story(), "+h1 . -h1");
}

#[test]
fn a_pause_settles_what_was_being_said() {
    let mut bench = hears(&[HEAD, HEAD], "今天天气真不错");
    bench.speak(Duration::from_secs(7));
    bench.give(bench.now, Input::Control(Control::Pause));
    bench.until(bench.now + Duration::from_millis(1));
    assert_eq!(bench.story(), "+h1 . -h1");
}

#[test]
fn the_stable_head_only_grows_and_a_final_is_all_of_it() {
    let bench = heard(&["我想问", "我想问社", "我想问失业保险"], "我想问失业保险金");
    let heads: Vec<String> = bench
        .partials()
        .iter()
        .map(|said| said.text.chars().take(said.stable.unwrap()).collect())
        .collect();
    assert!(
        heads.len() >= 2 && heads.windows(2).all(|pair| pair[1].starts_with(&pair[0])),
        "{heads:?}"
    );
    let Some(Body::TranscriptFinal(last)) = bench.events.iter().find(|e| e.type_name() == "transcript.final") else {
        panic!("{:?}", bench.types())
    };
    assert_eq!(last.stable, Some(last.text.chars().count()));
}

#[test]
fn a_number_that_goes_on_is_neither_stable_nor_seen() {
    let heads = [
        "我的身份证号是三七零五",
        "我的身份证号是三七零五零二一九",
        "我的身份证号是三七零五零二一九八零零一",
    ];
    let bench = heard(&heads, "我的身份证号是三七零五零二一九八零零一");
    for said in bench.partials() {
        let stable = said.stable.unwrap();
        assert!(stable <= "我的身份证号是".chars().count(), "{}", said.text);
        assert!(!said.text.contains(['3', '7', '三', '七']), "{}", said.text);
    }
    assert!(!bench.partials().is_empty());
}
