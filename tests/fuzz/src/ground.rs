//! What a language model answers, held against one call's record.

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use sidetone_assist::ground::Prompt;
use sidetone_assist::{Assist, AssistConfig, Turn};
use sidetone_base::{CallTime, Role, SegmentId};
use sidetone_domain::Pack;

const CALL: [(Role, &str); 4] = [
    (Role::Caller, "我被单位辞退了，失业金一个月能领多少钱"),
    (Role::Agent, "每月是最低工资的百分之九十，您可以在掌上12333上申请"),
    (Role::Caller, "那社保卡丢了怎么挂失"),
    (Role::Agent, "您先打电话挂失，我周五之前给您回电话"),
];

/// `None` where the base is not there or says nothing: the fuzzer then has nothing to do, which its test notices.
static PROMPT: LazyLock<Option<Prompt>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../knowledge/12333");
    let pack = Arc::new(Pack::load(&folder).ok()?);
    let config = AssistConfig::new(jiff::civil::date(2026, 3, 2), "370500");
    let mut assist = Assist::new(pack, config);
    for (at, (role, text)) in CALL.into_iter().enumerate() {
        let end = CallTime(Duration::from_secs(at as u64 * 10));
        assist.hear(&Turn {
            segment: SegmentId::new(format!("s{at}")),
            role,
            text: text.to_owned(),
            begin: end,
            end,
            confidence: 0.9,
        });
    }
    assist.wrapup_prompt()
});

/// An answer changes how advice, to-dos and the summary are worded; what there is in the record it never changes.
pub(crate) fn ground(data: &[u8]) {
    let Some(prompt) = PROMPT.as_ref() else {
        assert!(data.is_empty(), "there is no record to hold an answer against");
        return;
    };
    let answer = String::from_utf8_lossy(data);
    let (improved, refused) = prompt.improve(&answer);
    assert_eq!(
        prompt.improve(&answer),
        (improved.clone(), refused),
        "the same answer twice"
    );
    let (old, new) = (&prompt.wrapup, &improved);
    let lists = [
        (&old.elements.advice, &new.elements.advice),
        (&old.elements.todos, &new.elements.todos),
    ];
    for (old, new) in lists {
        assert_eq!(old.value.len(), new.value.len());
        assert!(new.value.iter().all(|entry| !entry.trim().is_empty()));
        assert!(old.evidence.iter().all(|segment| new.evidence.contains(segment)));
    }
    let mut bare = improved.clone();
    bare.elements.advice.clone_from(&old.elements.advice);
    bare.elements.todos.clone_from(&old.elements.todos);
    bare.summary.clone_from(&old.summary);
    assert_eq!(&bare, old);
}
