//! The kinds of hints beside answers: when each is shown, and what it holds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use sidetone_assist::{Assist, AssistConfig, Push, Turn};
use sidetone_base::{CallTime, Role, SegmentId};
use sidetone_domain::Pack;
use sidetone_schema::{HintData, HintKind};

static PACK: LazyLock<Arc<Pack>> = LazyLock::new(|| {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../knowledge/12333");
    Arc::new(Pack::load(&dir).unwrap())
});

struct Call {
    assist: Assist,
    turns: u64,
}

impl Call {
    fn new() -> Self {
        let mut config = AssistConfig::new(jiff::civil::date(2026, 3, 2), "370500");
        // What is shown is looked at by kind; how much of it fits a screen is tested elsewhere.
        config.max_per_turn = 12;
        config.max_per_minute = 100;
        Self {
            assist: Assist::new(Arc::clone(&PACK), config),
            turns: 0,
        }
    }

    /// What is new or changed on the screen after `>` the caller's or `<` the agent's words.
    fn hear(&mut self, line: &str) -> Vec<HintData> {
        self.turns += 1;
        let (role, text) = match line.strip_prefix('<') {
            Some(text) => (Role::Agent, text),
            None => (Role::Caller, line.trim_start_matches('>')),
        };
        let end = CallTime(Duration::from_secs(self.turns * 10));
        let turn = Turn {
            segment: SegmentId::new(format!("s{}", self.turns)),
            role,
            text: text.to_owned(),
            begin: end,
            end,
            confidence: 0.9,
        };
        let pushes = self.assist.hear(&turn).into_iter();
        pushes
            .filter_map(|push| match push {
                Push::New(hint) | Push::Update(hint) => Some(*hint),
                _ => None,
            })
            .collect()
    }
}

fn of(hints: &[HintData], kind: HintKind) -> Vec<&HintData> {
    hints.iter().filter(|hint| hint.kind == kind).collect()
}

/// The only hint of a kind after the last of some lines.
fn only(lines: &[&str], kind: HintKind) -> HintData {
    let mut call = Call::new();
    let mut last = Vec::new();
    for line in lines {
        last = call.hear(line);
    }
    let found = of(&last, kind);
    assert!(found.len() == 1, "{lines:?}: {last:#?}");
    found[0].clone()
}

#[test]
fn two_years_of_a_figure_stand_side_by_side() {
    for (line, left, right, difference, percent) in [
        (
            "最低工资比去年涨了多少",
            "2200元/月",
            "2400元/月",
            "+200元/月",
            "+9.09%",
        ),
        ("东营最低工资涨了多少", "2200元/月", "2400元/月", "+200元/月", "+9.09%"),
        (
            "社保缴费基数下限跟2024年比涨了多少",
            "4416元/月",
            "4573元/月",
            "+157元/月",
            "+3.56%",
        ),
        (
            "2023年的最低工资和2025年7月比变化大吗",
            "2100元/月",
            "2200元/月",
            "+100元/月",
            "+4.76%",
        ),
    ] {
        let hint = only(&[&format!(">{line}")], HintKind::Compare);
        let row = &hint.compare.as_ref().unwrap().rows[0];
        let got = (
            row.left.as_str(),
            row.right.as_str(),
            row.difference.as_deref(),
            row.percent.as_deref(),
        );
        assert_eq!(got, (left, right, Some(difference), Some(percent)), "{line}");
        assert!(hint.body.contains(left) && hint.body.contains(right), "{}", hint.body);
    }
    // Without such words there is no comparison.
    assert!(of(&Call::new().hear(">现在最低工资是多少"), HintKind::Compare).is_empty());
}

#[test]
fn a_history_tells_what_held_on_the_day() {
    let hint = only(&[">东营最低工资历年都是多少"], HintKind::History);
    let items = hint.history.as_ref().unwrap();
    let values: Vec<&str> = items.iter().map(|item| item.value.as_str()).collect();
    assert!(values.ends_with(&["2100元/月", "2200元/月", "2400元/月"]), "{values:?}");
    let current: Vec<&str> = items
        .iter()
        .filter(|item| item.in_force)
        .map(|item| item.value.as_str())
        .collect();
    assert_eq!(current, ["2400元/月"]);
    assert!(hint.body.contains("2025年10月起2400元/月"), "{}", hint.body);
    assert!(of(&Call::new().hear(">现在最低工资是多少"), HintKind::History).is_empty());
}

#[test]
fn what_is_missing_is_asked_for_and_worked_out_once_it_is_told() {
    let mut call = Call::new();
    let first = call.hear(">经济补偿怎么算");
    let ask = of(&first, HintKind::Calc);
    assert_eq!(ask.len(), 1, "{first:#?}");
    let missing: Vec<&str> = ask[0]
        .calc
        .as_ref()
        .unwrap()
        .missing
        .iter()
        .map(|missing| missing.slot.as_str())
        .collect();
    assert_eq!(missing, ["service"], "{ask:#?}");
    assert!(ask[0].calc.as_ref().unwrap().result.is_empty());
    call.hear("<您在单位干了多长时间？");
    let second = call.hear(">四年八个月");
    let months = of(&second, HintKind::Calc)[0].calc.clone().unwrap();
    assert_eq!((months.result.as_str(), months.unit.as_str()), ("5", "个月工资"));
    assert_eq!(months.missing[0].slot, "wage");
    call.hear("<前十二个月平均工资是多少？");
    let third = call.hear(">五千");
    let sum = of(&third, HintKind::Calc)[0].calc.clone().unwrap();
    assert_eq!((sum.result.as_str(), sum.unit.as_str()), ("25000.00", "元"));
    assert!(sum.missing.is_empty());
    let origins: Vec<&str> = sum.inputs.iter().map(|input| input.origin.as_str()).collect();
    assert_eq!(origins, ["caller", "caller", "local_average_wage"]);
}

#[test]
fn a_calculation_takes_what_speech_gives() {
    for (lines, wanted) in [
        (&[">灵活就业养老保险按6000的基数一个月交多少"][..], "1200.00元/月"),
        (&[">失业保险交了6年能领几个月失业金"], "18个月"),
        (
            &[">工伤鉴定是七级，一次性伤残补助金能给多少", ">我一个月工资6000"],
            "78000.00元",
        ),
        (&[">七级伤残能赔多少钱", ">我一个月工资6000"], "78000.00元"),
        (
            &[">我几岁能退休", ">我是1970年8月生的，男的"],
            "61周岁5个月（2032年1月）",
        ),
        (&[">没签劳动合同8个月了，双倍工资能要多少"], "7个月工资"),
    ] {
        let mut call = Call::new();
        let mut results = Vec::new();
        for line in lines {
            let hints = call.hear(line);
            let calcs = of(&hints, HintKind::Calc)
                .into_iter()
                .filter_map(|hint| hint.calc.clone());
            results.extend(calcs.map(|calc| format!("{}{}", calc.result, calc.unit)));
        }
        assert!(results.iter().any(|result| result == wanted), "{lines:?}: {results:?}");
    }
}

#[test]
fn a_limit_about_to_lapse_is_told_and_once() {
    let mut call = Call::new();
    let hints = call.hear(">受伤都11个月了，单位不给报工伤，自己能申请工伤认定吗");
    let risk = of(&hints, HintKind::Risk);
    assert!(
        risk.iter().any(|hint| hint.dedup_key == "risk:limit.injury.near"),
        "{hints:#?}"
    );
    let near = risk
        .iter()
        .find(|hint| hint.dedup_key == "risk:limit.injury.near")
        .unwrap();
    assert!(near.body.contains("11个月"), "{}", near.body);
    assert_eq!(near.risk.as_ref().unwrap().facts[0].value, "11个月");
    assert!(!near.sources.is_empty());
    for _ in 0..3 {
        let again = call.hear(">那工伤认定要带什么材料");
        assert!(
            of(&again, HintKind::Risk)
                .iter()
                .all(|hint| hint.dedup_key != "risk:limit.injury.near")
        );
    }
}

#[test]
fn a_limit_is_counted_from_what_is_told_as_a_day_or_as_a_time() {
    for (lines, wanted) in [
        (
            &[">老板拖欠工资怎么投诉", ">我是去年4月10号离职的"][..],
            "limit.arbitration.near",
        ),
        (
            &[">老板拖欠工资怎么投诉", ">我辞职都14个月了"],
            "limit.arbitration.over",
        ),
        (&[">不服仲裁裁决怎么起诉", ">裁决书是2月13拿到的"], "limit.suit.over"),
        (
            &[">对伤残鉴定结论不服，鉴定书收到10天了，怎么再次鉴定"],
            "limit.reassess.near",
        ),
        (&[">我前年在工地受的伤，现在还能申请工伤认定吗"], "limit.injury.over"),
    ] {
        let mut call = Call::new();
        let hints: Vec<HintData> = lines.iter().flat_map(|line| call.hear(line)).collect();
        let rules: Vec<&str> = of(&hints, HintKind::Risk)
            .iter()
            .filter_map(|hint| Some(hint.risk.as_ref()?.rule.as_str()))
            .collect();
        assert!(rules.contains(&wanted), "{lines:?}: {rules:?}");
    }
}

#[test]
fn what_was_told_twice_and_differs_is_noticed() {
    let mut call = Call::new();
    call.hear(">单位辞退我，经济补偿怎么算");
    call.hear(">我在单位干了3年");
    let hints = call.hear(">我在单位干了5年");
    let risk = of(&hints, HintKind::Risk);
    assert!(
        risk.iter()
            .any(|hint| hint.body.contains("3年") && hint.body.contains("5年")),
        "{hints:#?}"
    );
    // A correction is none.
    let mut call = Call::new();
    call.hear(">单位辞退我，经济补偿怎么算");
    call.hear(">我在单位干了3年");
    let hints = call.hear(">不对，我是说在单位干了5年");
    assert!(of(&hints, HintKind::Risk).is_empty(), "{hints:#?}");
}

#[test]
fn a_group_is_noticed_by_number_and_by_words() {
    for line in [
        ">公司拖欠我们工资，一共15个人，怎么投诉",
        ">老板拖欠工资，工友们都没拿到钱，上哪投诉",
    ] {
        let hints = Call::new().hear(line);
        let keys: Vec<&str> = of(&hints, HintKind::Risk)
            .iter()
            .map(|hint| hint.dedup_key.as_str())
            .collect();
        assert!(
            keys.iter().any(|key| key.starts_with("risk:group.")),
            "{line}: {keys:?}"
        );
    }
}

#[test]
fn a_script_says_what_to_say_and_what_never_to_promise() {
    let hint = only(&[">公司拖欠我三个月工资了不给我，怎么投诉"], HintKind::Script);
    let script = hint.script.as_ref().unwrap();
    assert!(!script.say.is_empty() && !script.never.is_empty());
    assert_eq!(hint.body, script.say.concat());
    // Small talk and anger without a subject bring none.
    for line in [">喂你好", ">你们这电话真难打"] {
        assert!(of(&Call::new().hear(line), HintKind::Script).is_empty(), "{line}");
    }
}

#[test]
fn the_day_and_the_place_are_the_callers() {
    for (line, wanted) in [
        (">2024年8月交的话，灵活就业养老保险一个月最低交多少", "883.20"),
        (">去年灵活就业养老保险一个月最低交多少", "900.80"),
        (">前年东营最低工资是多少", "2200元/月"),
        (">灵活就业养老保险一个月最低交多少", "914.60"),
    ] {
        let hints = Call::new().hear(line);
        assert!(
            hints.iter().any(|hint| hint.body.contains(wanted)),
            "{line}: {hints:#?}"
        );
    }
    let hints = Call::new().hear(">我在济南，失业金一个月多少钱");
    assert!(!hints.is_empty());
    assert!(hints.iter().all(|hint| !hint.body.contains("2160")), "{hints:#?}");
}

#[test]
fn what_the_agent_put_away_stays_away_in_this_call() {
    let mut call = Call::new();
    let first = call.hear(">失业金一个月多少钱");
    let shown = first.iter().find(|hint| hint.kind == HintKind::Calc).unwrap().clone();
    let gone = call.assist.dismiss(&shown.hint_id);
    assert!(matches!(&gone[..], [Push::Expire(gone)] if gone.hint_id == shown.hint_id && gone.reason == "dismissed"));
    assert!(call.assist.dismiss("h999").is_empty());
    for _ in 0..2 {
        let again = call.hear(">失业金一个月多少钱");
        assert!(again.iter().all(|hint| hint.dedup_key != shown.dedup_key), "{again:#?}");
    }
    assert!(call.assist.dropped().dismissed >= 2);
    // In another call it is shown.
    let other = Call::new().hear(">失业金一个月多少钱");
    assert!(other.iter().any(|hint| hint.dedup_key == shown.dedup_key));
}

#[test]
fn what_answers_goes_out_before_what_to_say_with_it() {
    let shown = Call::new().hear(">我父亲去世了，丧葬费在网上能办吗，怎么办理");
    let advice = |hint: &HintData| matches!(hint.kind, HintKind::Script | HintKind::Risk);
    assert!(shown.iter().any(advice), "{shown:?}");
    assert!(shown.is_sorted_by_key(advice), "{shown:?}");
}

#[test]
fn what_holds_only_later_is_read_on_the_day_that_is_meant() {
    let shown = Call::new().hear(">我2033年退休，最低缴费年限是多少年");
    let answer = shown
        .iter()
        .find(|hint| hint.node.as_deref() == Some("retirement.years-from-2030"));
    let answer = answer.unwrap_or_else(|| panic!("{shown:?}"));
    assert!(
        answer.body.contains("17年") && answer.title.contains("2033"),
        "{answer:?}"
    );
}

#[test]
fn an_answer_without_figures_is_the_lines_own_wherever_the_caller_comes_from() {
    let shown = Call::new().hear(">我户口在黑龙江，在这边能自己交灵活就业的养老吗");
    let own = shown
        .iter()
        .find(|hint| hint.node.as_deref() == Some("flexible.household"));
    assert!(own.is_some_and(|hint| hint.region.is_none()), "{shown:?}");
}

#[test]
fn an_answer_has_the_days_of_the_document_that_it_is_written_in() {
    let shown = Call::new().hear(">劳动仲裁要多久出结果");
    let dated = |hint: &HintData| hint.sources.iter().any(|source| source.effective_from.is_some());
    let answer = shown.iter().find(|hint| hint.kind == HintKind::Answer);
    assert!(answer.is_some_and(dated), "{shown:?}");
}
