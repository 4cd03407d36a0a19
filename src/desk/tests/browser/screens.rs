//! What supervisors, administrators and keyboards do, and that every screen can be read: axe-core finds nothing serious.

use std::path::{Path, PathBuf};

use redis::cmd;
use serde_json::{Value, json};

use crate::daemon::Daemon;
use crate::parts::{Browser, Place};
use crate::{CALL, keep};

/// A file of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(path)
}

/// Everything that the page can show.
fn whole() -> String {
    format!(
        "archive = \"FOLDER/archive.duckdb\"\ndoctor = [\"cat\", \"FOLDER/findings\"]\n\
         [knowledge]\ndir = \"{}\"\nregion = \"370100\"\nas_of = \"2026-11-20\"",
        repository("knowledge/12333").display()
    )
}

/// What axe-core finds that is serious, in words.
async fn faults(browser: &Browser) -> Vec<String> {
    let path = repository("models/lib/axe.min.js");
    let axe = std::fs::read_to_string(path).expect("axe-core is there: deploy/setup.sh desk fetches it");
    browser.run(&format!("{axe}; return 0")).await;
    let script = "return axe.run(document, {resultTypes: ['violations']}).then(found => found.violations
        .filter(fault => ['serious', 'critical'].includes(fault.impact))
        .map(fault => fault.id + ': ' + fault.nodes.map(node => node.html.slice(0, 120) + ' ' + node.failureSummary).join(' | ')))";
    serde_json::from_value(browser.run(script).await).expect("axe answers")
}

/// Light and dark, at the window's 1366 px; nothing is wider than the window.
async fn reads_well(browser: &Browser, name: &str) {
    for theme in ["light", "dark"] {
        browser
            .run(&format!("document.documentElement.dataset.theme = '{theme}'"))
            .await;
        assert_eq!(faults(browser).await, Vec::<String>::new(), "{name}, {theme}");
        let wide = "return document.documentElement.scrollWidth > window.innerWidth";
        assert_eq!(browser.run(wide).await, false, "{name} is wider than the window");
        keep(browser, &format!("{name}-{theme}")).await;
    }
}

/// A call in the middle, with everything that an agent's screen has.
async fn a_call(place: &mut Place) -> Daemon {
    let mut daemon = Daemon::join(place, CALL, "8001").await;
    for kind in [
        "call.started",
        "call.updated",
        "transcript.partial",
        "transcript.final",
        "hint.new",
        "wrapup.draft",
        "audio.gap",
        "error",
    ] {
        daemon.publish(place, kind).await;
    }
    daemon
}

#[tokio::test]
async fn an_agents_screens_read_well_in_both_languages() {
    let mut place = Place::open_with(&whole()).await;
    a_call(&mut place).await;
    let browser = Browser::open(&place.folder).await;
    browser.go(&place.url).await;
    browser.holds("document.querySelector('form.login')").await;
    reads_well(&browser, "login").await;
    browser.login("wang").await;
    browser.holds("document.querySelector('.card .calc')").await;
    browser
        .run("const f = document.getElementById('search'); f.value = '失业金能领多久'; f.form.requestSubmit()")
        .await;
    browser.holds("document.querySelector('.found .card .source')").await;
    reads_well(&browser, "agent").await;

    browser
        .run("[...document.querySelectorAll('.top button')].find(b => b.textContent === 'English').click()")
        .await;
    browser
        .holds("document.documentElement.lang === 'en' && document.querySelector('.card .calc')")
        .await;
    let chinese = "return [...document.querySelectorAll('button, h2, label, .notes p')].map(e => e.textContent).filter(text => /\\p{Script=Han}/u.test(text))";
    assert_eq!(
        browser.run(chinese).await,
        json!(["中文"]),
        "all that the page itself says is English"
    );
    reads_well(&browser, "agent-english").await;

    browser.go(&format!("{}/example.html", place.url)).await;
    browser.holds("document.querySelector('sidetone-panel .talk li')").await;
    reads_well(&browser, "example").await;
    browser.close().await;
}

#[tokio::test]
async fn a_supervisor_sees_a_metric_as_chart_table_csv_and_png() {
    let mut place = Place::open_with(&whole()).await;
    place.import(&repository("src/archive/tests/forty/facts.jsonl")).await;
    let browser = Browser::of(&place, "lin").await;
    browser
        .run("document.querySelector('[data-page=figures]').click()")
        .await;
    browser
        .holds("document.querySelectorAll('#metric option').length === 126")
        .await;
    let pick = "const set = (id, value) => { const f = document.getElementById(id); f.value = value; f.dispatchEvent(new Event('change')); };
        set('metric', 'M015'); set('when', 'custom'); set('from', '2026-11-20T00:00'); set('to', '2026-11-21T00:00'); set('by', 'queue');
        document.getElementById('pick').requestSubmit()";
    browser.run(pick).await;
    browser
        .holds("document.querySelector('.chart[data-drawn=bar] canvas')")
        .await;
    let rows = browser
        .run("return document.querySelectorAll('.figures tbody tr').length")
        .await;
    assert!(rows.as_u64().is_some_and(|rows| rows > 1), "{rows}");
    let save =
        "const got = []; HTMLAnchorElement.prototype.click = function () { got.push([this.download, this.href]) };
        document.querySelector('.csv').click(); document.querySelector('.png').click();
        return fetch(got[0][1]).catch(() => null).then(() => got.map(([name, href]) => [name, href.slice(0, 22)]))";
    let saved = browser.run(save).await;
    assert_eq!(saved[0][0], "sidetone.csv");
    assert_eq!(saved[1], json!(["sidetone.png", "data:image/png;base64,"]));
    let cells = "return import('/chart.js').then(chart => chart.csv([{id: 'M001', from: 0, to: 60000, group: '=1+1,\"x\"', num: 1, den: 2, value: '0.5'}],
        new Map([['M001', {name: 'n', unit: 'u'}]])))";
    let text = browser.run(cells).await;
    assert!(
        text.as_str()
            .is_some_and(|text| text.contains(r#""'=1+1,""x""",0.5,1,2,0"#)),
        "{text}"
    );
    reads_well(&browser, "figures").await;
    let ask = async |question: &str| {
        let script =
            format!("const f = document.getElementById('question'); f.value = '{question}'; f.form.requestSubmit()");
        browser.run(&script).await;
    };
    ask("2026年11月20日各队列的来电总量").await;
    browser.holds("document.querySelector('figcaption')?.textContent.includes('M001') && document.querySelector('.chart[data-drawn=bar]')").await;
    ask("下个月会有多少来电").await;
    browser
        .holds("document.querySelector('.answer .warn[role=status]')?.textContent.length > 4")
        .await;
    let refused = "return fetch('/api/metrics?metric=M021&window=2026-11-20T00:00/2026-11-21T00:00&by=agent').then(a => a.json())";
    let refused: Value = browser.run(refused).await;
    assert!(
        refused["why"].as_str().is_some_and(|why| why.contains("queue")),
        "{refused}"
    );

    // In English all but the data is: names, units, dimensions, the query said back, a refusal.
    browser
        .run("[...document.querySelectorAll('.top button')].find(b => b.textContent === 'English').click()")
        .await;
    browser
        .holds("document.documentElement.lang === 'en' && document.querySelectorAll('#metric option').length === 126")
        .await;
    let chinese =
        "return [...document.querySelectorAll('.page :is(option, label, h2, th, figcaption, button, .answer > p)')]
        .map(e => e.textContent).filter(text => /\\p{Script=Han}/u.test(text))";
    ask("2026年11月20日各队列的来电总量").await;
    browser
        .holds("document.querySelector('figcaption')?.textContent.includes('Calls in, by queue')")
        .await;
    assert_eq!(browser.run(chinese).await, json!([]));
    ask("下个月会有多少来电").await;
    browser
        .holds("document.querySelector('.answer .warn[role=status]')?.textContent.includes('forecast')")
        .await;
    assert_eq!(browser.run(chinese).await, json!([]));
    browser.close().await;
}

#[tokio::test]
async fn an_administrator_sees_what_the_doctor_finds() {
    let mut place = Place::open_with(&whole()).await;
    let findings = r#"{"severity":"fine","check":"redis","found":"answers","cure":""}
{"severity":"fault","check":"models","found":"not there","cure":"fetch them"}"#;
    std::fs::write(place.folder.join("findings"), findings).unwrap();
    a_call(&mut place).await;
    let browser = Browser::of(&place, "root").await;
    browser
        .run("document.querySelector('[data-page=system]').click()")
        .await;
    browser.holds("document.querySelector('.system table')").await;
    // It is asked without a hand, and again by one.
    browser
        .holds("document.querySelectorAll('.system tr.fault').length === 1")
        .await;
    reads_well(&browser, "system").await;
    let archive = "[...document.querySelectorAll('.system th')].some(th => th.textContent === '数据档案')";
    browser.holds(archive).await;
    std::fs::write(place.folder.join("findings"), findings.replace("fault", "fine")).unwrap();
    browser.run("document.getElementById('examine').click()").await;
    browser
        .holds("document.querySelectorAll('.system tr.fine').length === 2")
        .await;
    browser.close().await;
}

/// Presses Tab until the expression holds; at most so often as a page has stops.
async fn tab_to(browser: &Browser, expression: &str) {
    for _ in 0..60 {
        if browser.run(&format!("return Boolean({expression})")).await == true {
            return;
        }
        browser.press("\u{E004}").await;
    }
    panic!("Tab never comes to {expression}");
}

#[tokio::test]
async fn all_that_an_agent_does_is_done_without_a_mouse() {
    let mut place = Place::open_with(&whole()).await;
    let mut daemon = a_call(&mut place).await;
    let browser = Browser::open(&place.folder).await;
    browser.go(&place.url).await;
    browser.holds("document.activeElement.id === 'name'").await;
    browser.press("wang\u{E004}a password\u{E007}").await;
    browser.holds("document.querySelector('.card .calc')").await;

    tab_to(&browser, "document.activeElement.id === 'search'").await;
    tab_to(&browser, "document.activeElement.matches('[data-hint] [aria-pressed]')").await;
    browser.press("\u{E007}").await;
    browser
        .holds("document.activeElement.matches('[data-hint] [aria-pressed=true]')")
        .await;
    tab_to(&browser, "document.activeElement.matches('.jump')").await;
    browser.press("\u{E007}").await;
    browser.holds("document.activeElement.matches('.talk li.found')").await;
    tab_to(&browser, "document.activeElement.id === 'w-advice'").await;
    browser.press("!\u{E004}").await;
    browser
        .holds("document.querySelector('.element [role=status]:not(:empty)')")
        .await;

    // What was typed and pinned outlives a reload and the next draft.
    daemon.publish(&mut place, "wrapup.draft").await;
    browser.run("location.reload()").await;
    browser
        .holds("document.getElementById('w-advice')?.value.includes('!')")
        .await;
    browser
        .holds("document.querySelector('[data-hint] [aria-pressed=true]')")
        .await;
    let written: u64 = cmd("XLEN")
        .arg("sidetone:feedback")
        .query_async(&mut place.redis)
        .await
        .unwrap();
    assert_eq!(written, 2, "pinned and corrected");

    // Who is not heard, and that nothing is to be read, is said plainly.
    let deaf = json!({"v": 1, "type": "call.updated", "data": {"reason": "tap", "on_hold": false, "masked": true, "paused_by": ["operator", "dialplan"],
        "legs": [{"leg_id": "a", "role": "caller"}, {"leg_id": "b", "role": "agent", "agent_id": "8001", "tap": "snoop"}]}});
    daemon.publish_event(&mut place, deaf).await;
    for said in ["听不到: 来电人", "文字已隐去", "已暂停收听 (操作员, 拨号计划)"] {
        browser
            .holds(&format!(
                "document.querySelector('.notes').textContent.includes('{said}')"
            ))
            .await;
    }

    // A withdrawn hint says so.
    let withdrawn = json!({"v": 1, "type": "hint.expire", "data": {"hint_id": "h7", "reason": "withdrawn"}});
    daemon.publish_event(&mut place, withdrawn).await;
    browser
        .holds("document.querySelector('.card.gone .warn')?.textContent.includes('已撤回')")
        .await;
    browser.close().await;
}

#[tokio::test]
async fn a_supervisors_wall_shows_who_waits_and_who_is_there() {
    let mut place = Place::open().await;
    let now = jiff::Timestamp::now();
    let facts = [
        (
            90,
            "queue.entered",
            json!({"contact": "a", "entry": "a", "queue": "12333"}),
        ),
        (
            80,
            "queue.left",
            json!({"contact": "a", "entry": "a", "queue": "12333", "left": "answered", "wait_ms": 10_000}),
        ),
        (
            70,
            "queue.entered",
            json!({"contact": "b", "entry": "b", "queue": "12333"}),
        ),
        (
            60,
            "agent.state",
            json!({"agent_id": "8001", "state": "break", "reason": "lunch"}),
        ),
        (50, "agent.state", json!({"agent_id": "8002", "state": "ready"})),
    ];
    for (number, (ago, kind, data)) in facts.into_iter().enumerate() {
        let ts = now - jiff::SignedDuration::from_secs(ago);
        let event =
            json!({"v": 1, "type": kind, "data": data, "call_id": "facts.asterisk.1", "seq": number + 1, "ts": ts});
        let mut add = cmd("XADD");
        add.arg("sidetone:facts").arg("*").arg("event").arg(event.to_string());
        add.exec_async(&mut place.redis).await.unwrap();
    }
    let browser = Browser::of(&place, "lin").await;
    browser.run("document.querySelector('[data-page=wall]').click()").await;
    browser
        .holds("document.querySelector('.tile.alarm .big b')?.textContent === '1' && document.querySelectorAll('.state').length === 2")
        .await;
    browser
        .holds("document.querySelector('.tile').textContent.includes('100.0 %')")
        .await;
    browser
        .holds("document.querySelector('.state.is-break').textContent.includes('lunch')")
        .await;
    reads_well(&browser, "wall").await;
    let agent = Browser::of(&place, "wang").await;
    let status = agent
        .run("return fetch('/api/wall').then(answer => answer.status)")
        .await;
    assert_eq!(status, 403);
    for path in ["/api/metrics/registry", "/api/metrics?metric=M001&window=0/60000"] {
        assert_eq!(
            agent
                .run(&format!("return fetch('{path}').then(answer => answer.status)"))
                .await,
            403,
            "{path}"
        );
    }
    agent.close().await;
    browser.close().await;
}

#[tokio::test]
async fn a_weeks_report_is_a_page_of_its_own_and_a_pdf() {
    let mut place = Place::open_with(&whole()).await;
    place.import(&repository("src/archive/tests/forty/facts.jsonl")).await;
    let at = "2026-11-20T02:00:00Z"
        .parse::<jiff::Timestamp>()
        .unwrap()
        .as_millisecond();
    let gap = json!({"v": 1, "type": "knowledge.gap", "call_id": CALL, "seq": 1, "ts": "2026-11-20T02:00:00.000Z", "data": {
        "segment_id": "s", "question": "<b>能不能借</b>", "topic": "other", "topic_name": "其他事项", "in_base": 0.1, "candidates": [],
        "context": [], "region": "370100", "as_of": "2026-11-20"}});
    let mut add = cmd("XADD");
    add.arg("sidetone:knowledge:gaps")
        .arg(format!("{at}-0"))
        .arg("event")
        .arg(gap.to_string());
    add.exec_async(&mut place.redis).await.unwrap();

    let browser = Browser::of(&place, "lin").await;
    browser
        .run("document.querySelector('[data-page=reports]').click()")
        .await;
    browser
        .holds("document.querySelectorAll('.page li a').length === 8")
        .await;
    reads_well(&browser, "reports").await;
    assert_eq!(
        browser
            .run("return fetch('/api/report?week=2026-47').then(answer => answer.status)")
            .await,
        400
    );
    browser.go(&format!("{}/api/report?week=2026-W47", place.url)).await;
    browser
        .holds("[...document.querySelectorAll('td')].some(cell => cell.textContent === '来电总量')")
        .await;
    browser
        .holds("document.body.textContent.includes('<b>能不能借</b>') && document.querySelectorAll('meter').length > 1")
        .await;
    assert_eq!(faults(&browser).await, Vec::<String>::new());
    keep(&browser, "report").await;
    browser.close().await;

    let (page, pdf) = (place.folder.join("week.html"), place.folder.join("week.pdf"));
    place.kill_desk();
    place.report("2026-W47", &page, &pdf);
    assert!(std::fs::read(&pdf).unwrap().starts_with(b"%PDF"));
}
