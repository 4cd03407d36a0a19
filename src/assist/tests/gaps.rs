//! What the base lacks, what agents think of hints, and callers who called before, on a small line of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use sidetone_assist::{Assist, AssistConfig, Deeds, Opinions, Push, Turn};
use sidetone_base::{CallTime, Role, SegmentId};
use sidetone_domain::Pack;
use sidetone_schema::{HintData, HintKind, KnowledgeGap, PastCall, PastTopic, Tier};

static PACK: LazyLock<Arc<Pack>> =
    LazyLock::new(|| Arc::new(Pack::load(Path::new("../../knowledge/it-helpdesk")).unwrap()));

struct Talk {
    assist: Assist,
    seconds: u64,
}

impl Talk {
    fn new() -> Self {
        Self::with(Opinions::default())
    }

    /// No answer is strong enough to be shown.
    fn without_answers() -> Self {
        let mut config = AssistConfig::new("2026-03-02".parse().unwrap(), "000000");
        config.min_score = 2.0;
        Self {
            assist: Assist::new(Arc::clone(&PACK), config),
            seconds: 0,
        }
    }

    fn with(opinions: Opinions) -> Self {
        let mut config = AssistConfig::new("2026-03-02".parse().unwrap(), "000000");
        config.opinions = Arc::new(opinions);
        Self {
            assist: Assist::new(Arc::clone(&PACK), config),
            seconds: 0,
        }
    }

    fn say(&mut self, role: Role, text: &str) -> Vec<Push> {
        let begin = CallTime(Duration::from_secs(self.seconds));
        self.seconds += 5;
        self.assist.hear(&Turn {
            segment: SegmentId::new(format!("{role}-{}", self.seconds)),
            role,
            text: text.to_owned(),
            begin,
            end: self.now(),
            confidence: 0.9,
        })
    }

    fn caller(&mut self, text: &str) -> Vec<Push> {
        self.say(Role::Caller, text)
    }

    fn agent(&mut self, text: &str) -> Vec<Push> {
        self.say(Role::Agent, text)
    }

    fn now(&self) -> CallTime {
        CallTime(Duration::from_secs(self.seconds))
    }
}

fn gaps(pushes: Vec<Push>) -> Vec<KnowledgeGap> {
    let gap = |push| match push {
        Push::Gap(gap) => Some(*gap),
        _ => None,
    };
    pushes.into_iter().filter_map(gap).collect()
}

fn hints(pushes: Vec<Push>) -> Vec<HintData> {
    let hint = |push| match push {
        Push::New(hint) => Some(*hint),
        _ => None,
    };
    pushes.into_iter().filter_map(hint).collect()
}

/// Of the line's own matters.
const LACKING: &str = "公司的打印机能不能借回家用几天";
const ANSWER: &str = "打印机不外借，家里要打印可以到前台登记，领一台便携式的，用三天";

#[test]
fn a_question_without_an_answer_goes_out_with_what_the_agent_answered() {
    let mut talk = Talk::without_answers();
    talk.agent("您好，帮助台");
    talk.caller("我想问个打印机的事");
    talk.agent("您说");
    assert_eq!(hints(talk.caller(LACKING)), []);
    assert_eq!(gaps(talk.agent("请稍等，我查一下给您回复")), [], "puts off");
    assert_eq!(gaps(talk.agent(ANSWER)), [], "more may follow");
    let gaps = gaps(talk.caller("我的域账号密码忘了怎么重置"));
    let [gap] = gaps.as_slice() else { panic!("{gaps:?}") };
    assert_eq!((gap.question.as_str(), gap.answer.as_deref()), (LACKING, Some(ANSWER)));
    assert_eq!(gap.topic.as_deref(), Some("it_printer"));
    let before: Vec<&str> = gap.context.iter().map(|turn| turn.text.as_str()).collect();
    assert_eq!(before, ["我想问个打印机的事", "您说"]);
    assert_eq!((gap.region.as_str(), gap.as_of.as_str()), ("000000", "2026-03-02"));
    assert!(gap.candidates.len() == 3 && gap.candidates[0].share < 1.0, "{gap:?}");
}

#[test]
fn what_is_answered_or_not_the_lines_is_no_gap() {
    let mut talk = Talk::new();
    for text in [
        "我的域账号密码忘了怎么重置",
        "打印机卡纸了怎么办",
        "喂，听得到吗",
        "好的谢谢啊",
    ] {
        talk.caller(text);
        talk.agent("这个您可以联系行政部的同事帮您处理一下");
    }
    assert_eq!(talk.assist.last_gap(), None);
}

#[test]
fn the_last_question_of_a_call_goes_out_when_it_ends() {
    let mut talk = Talk::without_answers();
    talk.caller(LACKING);
    let last = gaps(talk.assist.last_gap().into_iter().collect());
    assert_eq!((last.len(), last[0].answer.as_ref()), (1, None));
    assert_eq!(talk.assist.last_gap(), None, "once");
}

#[test]
fn what_an_agent_puts_away_stays_away_in_this_call() {
    let ask = "我的域账号密码忘了怎么重置";
    let mut talk = Talk::new();
    let shown = hints(talk.caller(ask));
    let hint = shown.first().expect("a hint");
    assert_eq!(hint.node.as_deref(), Some("pwd.reset"));
    let gone = talk.assist.dismiss(&hint.hint_id);
    assert!(
        matches!(&gone[..], [Push::Expire(gone)] if gone.reason == "dismissed"),
        "{gone:?}"
    );
    assert_eq!(talk.assist.dismiss(&hint.hint_id), [], "it is gone");
    assert_eq!(talk.assist.dismiss("h99"), [], "never shown");
    talk.seconds += 600;
    let again = hints(talk.caller(ask));
    assert!(again.iter().all(|again| again.dedup_key != hint.dedup_key), "{again:?}");
    assert!(talk.assist.dropped().dismissed > 0);

    let mut other = Talk::new();
    other.assist.keep_away([hint.dedup_key.clone()]);
    assert!(
        hints(other.caller(ask))
            .iter()
            .all(|again| again.dedup_key != hint.dedup_key)
    );
}

#[test]
fn what_agents_think_of_a_node_moves_it_within_bounds() {
    let ask = "打印机卡纸了怎么办";
    let score = |opinions| {
        let shown = hints(Talk::with(opinions).caller(ask));
        let hint = shown.iter().find(|hint| hint.node.as_deref() == Some("prn.jam"));
        hint.map(|hint| hint.score).expect("it is shown")
    };
    let refused = |opinions| {
        let deeds = Deeds {
            shown: 10.0,
            refused: 10.0,
            opinions,
            ..Deeds::default()
        };
        Opinions::of([("prn.jam".to_owned(), deeds)])
    };
    let (before, few, after) = (score(Opinions::default()), score(refused(4)), score(refused(10)));
    assert_eq!(before, few, "four opinions say nothing");
    assert!((before - after - 0.1).abs() < 1e-3, "{before} {after}");
}

#[test]
fn who_called_before_is_shown_as_background_with_what_is_left_to_do() {
    let mut talk = Talk::new();
    let call = PastCall {
        call_id: "c0".to_owned(),
        at: serde_json::from_str("\"2026-02-27T08:00:00.000Z\"").unwrap(),
        request_type: "咨询".to_owned(),
        topics: vec![PastTopic {
            topic: "it_printer".to_owned(),
            name: "打印机".to_owned(),
            resolved: false,
        }],
        todos: vec!["送修打印机".to_owned()],
        summary: "员工来电咨询打印机，打印机尚未答复。待办：送修打印机。".to_owned(),
    };
    let at = talk.now();
    let shown = hints(talk.assist.remind(at, vec![call.clone()]));
    let [hint] = shown.as_slice() else { panic!("{shown:?}") };
    assert_eq!((hint.kind, hint.tier), (HintKind::Caller, Tier::Background));
    assert!(
        hint.body.starts_with("2026-02-27") && hint.body.contains("送修打印机"),
        "{}",
        hint.body
    );
    assert_eq!(hint.past_calls.as_deref(), Some([call.clone()].as_slice()));
    assert_eq!(hints(talk.assist.remind(at, vec![call])), [], "once");
    assert_eq!(talk.assist.shown_anew(at).len(), 1, "for an agent who joins");
    assert_eq!(hints(talk.assist.remind(at, Vec::new())), []);
}
