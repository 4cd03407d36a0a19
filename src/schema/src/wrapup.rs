//! The seven-element wrap-up.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `wrapup.draft` and `wrapup.final`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Wrapup {
    /// The elements.
    pub elements: WrapupElements,
    /// What the call was about, in the order in which it came up; one entry for each topic.
    pub topics: Vec<Topic>,
    /// Two or three sentences for the record.
    pub summary: String,
    /// Whether all seven elements are filled. "无" counts as filled only where nothing was said of the element.
    pub complete: bool,
    /// The threefold check of each value that is no default: what was heard, what it was understood as, which intent it serves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// The engine whose wording was taken, by its name in the configuration; absent where the rules' wording stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
}

/// The seven elements. A value is never blank: "无" says that there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WrapupElements {
    /// 咨询主体: who asks (个人, 灵活就业人员, 用人单位, 家属 …).
    pub subject: Element<String>,
    /// 诉求类型: 咨询, 办理, 投诉, 查询 …
    pub request_type: Element<String>,
    /// 涉及政策.
    pub policies: Element<Vec<String>>,
    /// 处理建议.
    pub advice: Element<Vec<String>>,
    /// 待办事项.
    pub todos: Element<Vec<String>>,
    /// 风险提示.
    pub risks: Element<Vec<String>>,
    /// 满意度预测.
    pub satisfaction: Element<Satisfaction>,
}

/// One element and what it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Element<T> {
    /// What was found.
    pub value: T,
    /// Segments that say so.
    pub evidence: Vec<String>,
    /// 0 to 1.
    pub confidence: f32,
    /// How it was found.
    pub method: ElementMethod,
}

/// How an element was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ElementMethod {
    /// A speaker said it.
    Heard,
    /// It follows from the topic in the knowledge base.
    Knowledge,
    /// Worked out by a rule from several turns.
    Rule,
    /// Found by one of the ways above, then worded anew by an engine; every sentence is held against its sources.
    Engine,
    /// An agent wrote it in the place of what was found.
    Agent,
    /// Nothing was found; the value says so.
    Default,
}

/// 满意度预测.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Satisfaction {
    /// 满意.
    Satisfied,
    /// 一般.
    Neutral,
    /// 不满意.
    Dissatisfied,
}

/// `wrapup.corrected`: the record of a call that is over, as an agent has corrected it. The newest revision stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CorrectedWrapup {
    /// 1 with the first correction; `wrapup.final` is revision 0.
    pub rev: u32,
    /// The whole record.
    #[serde(flatten)]
    pub wrapup: Wrapup,
    /// What was changed, in order, from `wrapup.final` on.
    pub corrections: Vec<Correction>,
}

/// One change of the record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Correction {
    /// The id of the entry of the feedback stream that asked for it.
    pub feedback_id: String,
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// The element's name.
    pub element: String,
    /// What stood there; of a list, an entry a line.
    pub before: String,
    /// What stands there now.
    pub after: String,
}

impl WrapupElements {
    /// Puts what an agent wrote in the place of an element, and tells what stood there and what stands there now. A list has an
    /// entry a line; blank lines are left out, and `none` stands where nothing is left. Nothing happens where there is no such
    /// element, a single value is blank, or a satisfaction is none of its three words.
    pub fn correct(&mut self, element: &str, text: &str, none: &str) -> Option<(String, String)> {
        let lines = match element {
            "subject" => return replace(&mut self.subject, text.trim()),
            "request_type" => return replace(&mut self.request_type, text.trim()),
            "satisfaction" => {
                let value = serde_json::from_value(text.trim().into()).ok()?;
                let told = |value: Satisfaction| {
                    let word = serde_json::to_value(value).ok();
                    word.and_then(|word| word.as_str().map(str::to_owned))
                        .unwrap_or_default()
                };
                let before = std::mem::replace(&mut self.satisfaction, by_agent(value));
                return Some((told(before.value), told(value)));
            }
            "policies" => &mut self.policies,
            "advice" => &mut self.advice,
            "todos" => &mut self.todos,
            "risks" => &mut self.risks,
            _ => return None,
        };
        let mut entries: Vec<String> = text.lines().map(str::trim).map(str::to_owned).collect();
        entries.retain(|entry| !entry.is_empty());
        if entries.is_empty() {
            entries.push(none.to_owned());
        }
        let after = entries.join("\n");
        let before = std::mem::replace(lines, by_agent(entries));
        Some((before.value.join("\n"), after))
    }
}

fn replace(element: &mut Element<String>, text: &str) -> Option<(String, String)> {
    if text.is_empty() {
        return None;
    }
    let before = std::mem::replace(element, by_agent(text.to_owned()));
    Some((before.value, text.to_owned()))
}

fn by_agent<T>(value: T) -> Element<T> {
    Element {
        value,
        evidence: Vec::new(),
        confidence: 1.0,
        method: ElementMethod::Agent,
    }
}

/// One thing that the call was about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Topic {
    /// Topic id of the knowledge base.
    pub topic: String,
    /// Its name.
    pub name: String,
    /// As in `intent`.
    pub intent: String,
    /// The caller's segments about it.
    pub evidence: Vec<String>,
    /// Whether it was answered.
    pub resolved: bool,
}

/// How one value was checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// The element's name: `advice`.
    pub element: String,
    /// The place of the entry in a list; 0 for a single value.
    pub entry: u32,
    /// Segments that say it.
    pub heard: Vec<String>,
    /// What it was understood as: `promise`, `advise`, `state`, `warn` … of a statement; `heard`, `knowledge`, `rule` of a single value.
    pub understood: String,
    /// What the caller wanted when it was said, `topic/intent`; absent where nothing was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serves: Option<String>,
    /// Whether the three agree; where they do not, somebody should look.
    pub agrees: bool,
    /// 0 to 1.
    pub confidence: f32,
    /// Who will do it; of to-dos.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<Party>,
    /// By when, as it was said; of to-dos.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
}

/// One of the two who speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The caller.
    Caller,
    /// The agent, or the agent's office.
    Agent,
}
