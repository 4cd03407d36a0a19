//! Short calls as tables: `>` the caller, `<` the agent; what is pushed follows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use sidetone_assist::{Assist, AssistConfig, Push, Turn};
use sidetone_base::{CallTime, Role, SegmentId};
use sidetone_domain::Pack;
use sidetone_schema::{HintData, HintKind, SourceStatus, Tier};

static PACK: LazyLock<Arc<Pack>> = LazyLock::new(|| {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../knowledge/12333");
    Arc::new(Pack::load(&dir).unwrap())
});

fn config() -> AssistConfig {
    AssistConfig::new(jiff::civil::date(2026, 3, 2), "370500")
}

struct Call {
    assist: Assist,
    turns: u64,
}

impl Call {
    fn new(config: AssistConfig) -> Self {
        Self {
            assist: Assist::new(Arc::clone(&PACK), config),
            turns: 0,
        }
    }

    fn now(&self) -> CallTime {
        CallTime(Duration::from_secs(self.turns * 10))
    }

    /// `>` or `<`, then the words.
    fn hear(&mut self, line: &str) -> Vec<Push> {
        self.turns += 1;
        let (role, text) = match line.strip_prefix('<') {
            Some(text) => (Role::Agent, text),
            None => (Role::Caller, line.trim_start_matches('>')),
        };
        let end = self.now();
        self.assist.hear(&Turn {
            segment: SegmentId::new(format!("s{}", self.turns)),
            role,
            text: text.to_owned(),
            begin: end,
            end,
            confidence: 0.9,
        })
    }
}

fn hints(pushes: &[Push]) -> Vec<&HintData> {
    pushes
        .iter()
        .filter_map(|push| match push {
            Push::New(hint) | Push::Update(hint) => Some(&**hint),
            _ => None,
        })
        .collect()
}

fn intents(pushes: &[Push]) -> Vec<String> {
    pushes
        .iter()
        .filter_map(|push| match push {
            Push::Intent(intent) => Some(format!("{}/{}", intent.topic, intent.intent)),
            _ => None,
        })
        .collect()
}

#[test]
fn turns_mean_what_they_mean() {
    for (call, want) in [
        (&[">失业金怎么领"][..], "unemployment_benefit/procedure"),
        (&[">失业保险金能领吗", ">那能领多少钱"], "unemployment_benefit/amount"),
        (
            &[">我想问工伤怎么认定，不对，我是说失业保险金怎么申请"],
            "unemployment_benefit/procedure",
        ),
        (&[">不是问工伤，我问社保卡怎么挂失"], "social_card/procedure"),
        (
            &[">我被公司辞退了", ">能要经济补偿吗"],
            "contract_termination/eligibility",
        ),
        (
            &[">个人养老金一年最多存多少钱，另外社保卡在哪里补办"],
            "personal_pension/amount social_card/location",
        ),
        (&[">失业金怎么领", ">嗯嗯好的谢谢"], ""),
        (&[">失业金怎么领", ">失业金我知道了，谢谢啊"], ""),
        (
            &[">我是灵活就业的，之前失业过，想问一下社保卡怎么激活"],
            "social_card/procedure",
        ),
        (&["<您是问失业金能领多少吗"], ""),
    ] {
        let mut line = Call::new(config());
        let mut last = Vec::new();
        for turn in call {
            last = line.hear(turn);
        }
        assert_eq!(intents(&last).join(" "), want, "{call:?}");
    }
}

#[test]
fn a_hint_is_shown_once_and_refreshed_when_its_figures_change() {
    let mut call = Call::new(config());
    let first = call.hear(">我交了3年失业保险，失业金能领几个月");
    let calc = hints(&first)
        .into_iter()
        .find(|hint| hint.kind == HintKind::Calc)
        .unwrap()
        .clone();
    assert!(calc.title.contains("12"), "{}", calc.title);
    assert!(
        hints(&call.hear(">失业金能领几个月"))
            .iter()
            .all(|hint| hint.dedup_key != calc.dedup_key)
    );
    let again = call.hear(">不对，我是说交了6年，能领几个月");
    let update = again.iter().find_map(|push| match push {
        Push::Update(hint) => Some(hint),
        _ => None,
    });
    let update = update.unwrap();
    assert_eq!(update.hint_id, calc.hint_id);
    assert!(update.title.contains("18"), "{}", update.title);
}

#[test]
fn a_sharper_hint_takes_the_vaguer_ones_place() {
    let mut call = Call::new(config());
    let first = call.hear(">失业金最多能领多久");
    let vague = hints(&first)
        .into_iter()
        .find(|hint| hint.dedup_key == "answer:unemployment.duration")
        .unwrap()
        .clone();
    call.hear("<您一共缴了多长时间？");
    let sharp = call.hear(">一共缴了6年");
    let calc = hints(&sharp)
        .into_iter()
        .find(|hint| hint.kind == HintKind::Calc)
        .unwrap();
    assert_eq!(calc.supersedes.as_deref(), Some(vague.hint_id.as_str()));
    assert!(calc.body.contains("18"));
    assert!(
        sharp
            .iter()
            .any(|push| matches!(push, Push::Expire(gone) if gone.hint_id == vague.hint_id))
    );
}

#[test]
fn no_turn_and_no_minute_brings_more_than_its_share() {
    let mut few = config();
    few.max_per_turn = 1;
    few.max_per_minute = 2;
    let mut call = Call::new(few);
    let mut background = 0;
    for turn in [
        ">失业金怎么申请",
        ">社保卡怎么挂失",
        ">职称什么时候申报",
        ">创业补贴有什么条件",
    ] {
        let pushes = call.hear(turn);
        let shown = hints(&pushes);
        assert!(shown.len() <= 1, "{turn}");
        background += shown.iter().filter(|hint| hint.tier != Tier::MustSay).count();
    }
    assert!(background <= 2);
    assert!(call.assist.dropped().rate > 0);
}

#[test]
fn hints_leave_when_their_time_is_over() {
    let mut call = Call::new(config());
    let shown = hints(&call.hear(">失业金怎么领")).len();
    let first = call.assist.next_expiry().unwrap();
    assert!(
        call.assist
            .expire(CallTime(first.0 - Duration::from_millis(1)))
            .is_empty()
    );
    let end = CallTime(Duration::from_secs(3600));
    assert_eq!(call.assist.expire(end).len(), shown);
    assert_eq!(call.assist.next_expiry(), None);
}

#[test]
fn a_topic_that_was_not_meant_is_taken_back() {
    let mut call = Call::new(config());
    let wrong = hints(&call.hear(">工伤怎么认定")).len();
    let pushes = call.hear(">不对，我说错了，我问的是失业保险金怎么申请");
    let gone = pushes
        .iter()
        .filter(|push| matches!(push, Push::Expire(gone) if gone.reason == "withdrawn"))
        .count();
    assert_eq!(gone, wrong);
    let topics: Vec<String> = call
        .assist
        .wrapup()
        .topics
        .into_iter()
        .map(|topic| topic.topic)
        .collect();
    assert_eq!(topics, ["unemployment_benefit"]);
}

#[test]
fn no_sample_and_nothing_without_a_source_is_must_say() {
    for node in PACK.knowledge().nodes() {
        for question in &node.asked_as {
            for hint in hints(&Call::new(config()).hear(question)) {
                let sample = hint.sources.iter().any(|source| source.status == SourceStatus::Sample);
                assert!(
                    hint.tier != Tier::MustSay || !hint.sources.is_empty() && !sample,
                    "{question}: {hint:?}"
                );
                assert!(
                    !sample || format!("{}{}", hint.title, hint.body).contains("示例"),
                    "{question}: {hint:?}"
                );
                let length = hint.body.chars().count();
                assert!(
                    hint.highlights
                        .iter()
                        .all(|span| span.begin < span.end && span.end <= length),
                    "{hint:?}"
                );
            }
        }
    }
}

#[test]
fn what_the_agent_has_said_is_not_shown() {
    let mut quiet = Call::new(config());
    let first = quiet.hear(">失业金怎么申请");
    let body = hints(&first).first().unwrap().body.clone();
    let key = hints(&first).first().unwrap().dedup_key.clone();
    let mut call = Call::new(config());
    call.hear(&format!("<{body}"));
    assert!(
        hints(&call.hear(">失业金怎么申请"))
            .iter()
            .all(|hint| hint.dedup_key != key)
    );
    assert!(call.assist.dropped().said > 0);
}

#[test]
fn an_empty_call_has_a_complete_wrap_up() {
    let mut call = Call::new(config());
    call.hear(">喂，你好");
    let wrapup = call.assist.wrapup();
    assert!(wrapup.complete && wrapup.topics.is_empty());
    assert_eq!(wrapup.elements.policies.value, ["无"]);
    assert!(!wrapup.summary.is_empty());
}

#[test]
fn a_topic_without_an_answer_is_open() {
    let mut call = Call::new(config());
    call.hear(">失业金怎么申请");
    call.hear("<您在掌上12333上就可以申请，也可以去社保窗口。");
    call.hear(">社保卡怎么挂失");
    let resolved: Vec<bool> = call
        .assist
        .draft()
        .topics
        .into_iter()
        .map(|topic| topic.resolved)
        .collect();
    assert_eq!(resolved, [true, false]);
}

#[test]
fn an_agents_turn_answers_what_it_speaks_of() {
    for (said, want) in [
        ("<您这个情况我已经看到了，系统里都有的。", [false, false]),
        ("<失业金的话，您在掌上12333上就可以申请。", [true, false]),
        ("<社保卡您先打12333做挂失，再去补办。", [false, true]),
        ("<您问的是失业金怎么申请对吗？", [false, false]),
    ] {
        let mut call = Call::new(config());
        call.hear(">失业金怎么申请，另外社保卡怎么挂失");
        call.hear(said);
        let resolved: Vec<bool> = call.assist.draft().topics.iter().map(|topic| topic.resolved).collect();
        assert_eq!(resolved, want, "{said}");
    }
}

#[test]
fn praise_that_is_denied_is_none() {
    use sidetone_schema::Satisfaction::{Dissatisfied, Neutral, Satisfied};
    for (said, want) in [
        (">办这个太不方便了", Dissatisfied),
        (">你们这个流程不是很方便", Dissatisfied),
        (">我听了还是没明白了", Dissatisfied),
        (">说不上满意", Dissatisfied),
        (">有没有方便一点的办法", Neutral),
        (">没有不方便", Neutral),
        (">这样就方便了，谢谢", Satisfied),
        (">不用麻烦您了，谢谢", Satisfied),
    ] {
        let mut call = Call::new(config());
        call.hear(said);
        assert_eq!(call.assist.wrapup().elements.satisfaction.value, want, "{said}");
    }
}

#[test]
fn an_ordinary_question_is_no_risk_and_tells_no_feeling() {
    use sidetone_schema::Satisfaction::Neutral;
    for asked in [
        ">我在公司干了十年，社保断了两年，现在辞职失业金能领多久，谢谢您，麻烦您了",
        ">单位嫌我怀孕要辞退我，这不欺负人吗，能辞退吗",
        ">我人在外地打工，社保卡过期了，能在手机上换吗",
        ">我58了，交了十二年，养老保险还差三年怎么补",
    ] {
        let mut call = Call::new(config());
        call.hear(asked);
        call.hear(">那都要带什么材料");
        let elements = call.assist.wrapup().elements;
        assert_eq!(elements.risks.value, ["无"], "{asked}");
        assert_eq!(elements.satisfaction.value, Neutral, "{asked}");
    }
    let mut call = Call::new(config());
    call.hear(">拖欠工资三个月了，你们再不管我就去投诉公司");
    assert_ne!(call.assist.wrapup().elements.risks.value, ["无"]);
}

#[test]
fn another_line_is_a_topic_where_its_matters_are_asked_about() {
    let topics = |turns: &[&str]| -> Vec<String> {
        let mut call = Call::new(config());
        for turn in turns {
            call.hear(turn);
        }
        call.assist
            .wrapup()
            .topics
            .into_iter()
            .map(|topic| topic.topic)
            .collect()
    };
    let first = ">老板拖欠我三个月工资不给，怎么办";
    let threats = [">说得好听，再没人管我就天天打你们电话", ">那我就上访去，一直告到有人管"];
    for threat in threats {
        assert_eq!(
            topics(&[first, "<可以向劳动保障监察部门投诉。", threat]),
            topics(&[first]),
            "{threat}"
        );
    }
    let fund = topics(&[first, "<可以向劳动保障监察部门投诉。", ">还有我的公积金怎么提取"]);
    assert_eq!(fund.last().map(String::as_str), Some("referral"), "{fund:?}");
}

#[test]
fn every_topic_of_a_long_call_is_its_own() {
    let mut call = Call::new(config());
    let mut asked = Vec::new();
    for topic in PACK.knowledge().topics() {
        for push in call.hear(&format!(">{}怎么办理", topic.name)) {
            if let Push::Intent(intent) = push
                && !asked.contains(&intent.topic)
            {
                asked.push(intent.topic);
            }
        }
    }
    assert!(asked.len() > 8, "{asked:?}");
    let topics: Vec<String> = call
        .assist
        .wrapup()
        .topics
        .into_iter()
        .map(|topic| topic.topic)
        .collect();
    assert_eq!(topics, asked);
}

#[test]
fn a_hint_whose_time_is_over_comes_again_when_it_is_asked_for_again() {
    let mut call = Call::new(config());
    let first: Vec<HintData> = hints(&call.hear(">社保卡怎么挂失")).into_iter().cloned().collect();
    let ids: Vec<&str> = first.iter().map(|hint| hint.hint_id.as_str()).collect();
    let repeats = |pushes: &[Push]| hints(pushes).iter().any(|hint| ids.contains(&hint.hint_id.as_str()));
    assert!(!repeats(&call.hear(">社保卡怎么挂失")), "still on screen");
    call.turns += 60;
    let now = call.now();
    assert!(!call.assist.expire(now).is_empty());
    let again = call.hear(">社保卡怎么挂失");
    let back: Vec<(&str, &str)> = hints(&again)
        .iter()
        .map(|hint| (&*hint.hint_id, &*hint.dedup_key))
        .collect();
    let before: Vec<(&str, &str)> = first.iter().map(|hint| (&*hint.hint_id, &*hint.dedup_key)).collect();
    assert_eq!(back, before);
    assert!(again.iter().all(|push| !matches!(push, Push::Update(_))));
}

#[test]
fn an_agent_who_joins_is_shown_what_still_lives() {
    let mut call = Call::new(config());
    let shown: Vec<HintData> = hints(&call.hear(">社保卡怎么挂失")).into_iter().cloned().collect();
    let later = CallTime(call.now().0 + Duration::from_secs(70));
    call.assist.expire(later);
    let anew = call.assist.shown_anew(later);
    assert!(!shown.is_empty());
    assert_eq!(anew.len(), shown.len());
    for (anew, shown) in anew.iter().zip(&shown) {
        assert_eq!((&anew.hint_id, &anew.body), (&shown.hint_id, &shown.body));
        assert_eq!(anew.ttl_ms, shown.ttl_ms - 70_000);
    }
    let end = CallTime(call.now().0 + Duration::from_secs(3600));
    call.assist.expire(end);
    assert!(call.assist.shown_anew(end).is_empty());
}

#[test]
fn answers_follow_the_place_that_the_caller_speaks_of() {
    let home = "2400";
    for (turns, away, must_hold) in [
        (&[">最低工资多少"][..], None, home),
        (&[">我在东营区，最低工资多少"], None, home),
        (&[">我们山东的最低工资多少"], None, home),
        (&[">我在济南，最低工资多少"], Some("济南"), "2400元/月，二类"),
        (&[">我在济南上班", ">最低工资多少"], Some("济南"), "没有济南的"),
        (
            &[">最低工资多少", "<您在哪个城市上班？", ">济南"],
            Some("济南"),
            "没有济南的",
        ),
        (&[">我在北京，最低工资多少"], Some("北京"), "没有北京的"),
        (&[">我在济南，不对，我是说我在东营，最低工资多少"], None, home),
        (&[">我养老保险从济南转过来怎么办理", ">最低工资多少"], None, home),
    ] {
        let mut call = Call::new(config());
        let mut last = Vec::new();
        for turn in turns {
            last = call.hear(turn);
        }
        let shown = hints(&last);
        assert!(!shown.is_empty(), "{turns:?}");
        for hint in &shown {
            assert_eq!(
                hint.region.as_ref().map(|region| region.name.as_str()),
                away,
                "{turns:?}: {hint:?}"
            );
            assert!(away.is_none_or(|away| hint.title.contains(away)), "{turns:?}: {hint:?}");
            assert!(
                away.is_none() || !hint.body.contains("东营市执行"),
                "{turns:?}: {hint:?}"
            );
        }
        let all: String = shown.iter().map(|hint| hint.body.as_str()).collect();
        assert!(all.contains(must_hold), "{turns:?}: {all}");
        assert!(away.is_none_or(|away| away != "北京") || !all.contains(home), "{all}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]
    /// Recognisers write anything: no text makes a turn fail, and spans stay inside their texts.
    #[test]
    fn any_text_is_heard(text in "[一二两十百千万零半年月日号天个岁元块%失业保险金社保卡怎么多少钱吗不对我是说的了0-9 ，。？?.a-z]{0,40}|\\PC{0,40}") {
        let mut call = Call::new(config());
        call.hear(&format!(">{text}"));
        call.hear(&format!("<{text}"));
        call.hear(">那能领多少钱");
        let wrapup = call.assist.wrapup();
        let elements = &wrapup.elements;
        for list in [&elements.policies, &elements.advice, &elements.todos, &elements.risks] {
            proptest::prop_assert!(!list.value.is_empty() && list.value.iter().all(|text| !text.trim().is_empty()));
        }
        let known = |segment: &String| ["s1", "s2", "s3"].contains(&segment.as_str());
        proptest::prop_assert!(wrapup.checks.iter().all(|check| check.heard.iter().all(known)));
    }
}
