//! The shapes of the knowledge base; each is one line of a JSONL file under `knowledge/`.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// `policy.social-insurance-law.45`; unique in the base.
pub type NodeId = String;
/// `minimum_wage`; many dated rows share one.
pub type FigureId = String;
/// `unemployment_benefit`: one of the topics in `topics.jsonl`.
pub type TopicId = String;

/// A GB/T 2260 code, `370500`; `000000` is the whole country, `370000` a whole province.
pub type RegionCode = String;

/// 图谱层.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// 政策: what a document says.
    Policy,
    /// 业务: what a person wants done or known.
    Business,
    /// 案例.
    Case,
    /// 服务: where and how it is done.
    Service,
}

/// From the first day on which something applies to the last, both included; open where `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Effective {
    /// First day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Date>,
    /// Last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_to: Option<Date>,
}

/// How sure a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Confidence {
    /// Read in the statute's own text.
    A,
    /// Several sources agree, or one carries the full text.
    B,
    /// One source, or derived.
    C,
    /// Not known: a sample that an administrator replaces.
    D,
}

/// Where something is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// 文号; empty for a statute.
    #[serde(default)]
    pub doc_no: String,
    /// The document's name.
    pub doc_title: String,
    /// `第四十五条`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// Where it can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// How sure.
    pub confidence: Confidence,
}

/// A topic that people call about. `topics.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopicInfo {
    /// Stable id.
    pub id: TopicId,
    /// `失业保险金`.
    pub name: String,
    /// Words and phrases that point to it, as callers say them.
    pub terms: Vec<String>,
    /// It is about more than one place by its nature, so a place that is named in it is not the caller's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spans_regions: bool,
}

/// `nodes-*.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Unique.
    pub id: NodeId,
    /// 图谱层.
    pub layer: Layer,
    /// What it is about.
    pub topic: TopicId,
    /// The intents that it answers (`eligibility`, `amount`, `procedure`, `materials`, `deadline`,
    /// `location`, `status`, `complaint`, `definition`); empty for a policy that only backs others.
    #[serde(default)]
    pub intents: Vec<String>,
    /// One line.
    pub title: String,
    /// What an agent can read out. `{minimum_wage}` stands for the figure's row on the call's date
    /// and region; a sentence never holds a figure of its own that can change.
    pub body: String,
    /// How callers put it: example questions and other names.
    #[serde(default)]
    pub asked_as: Vec<String>,
    /// What the caller or the agent has to do next (待办事项).
    #[serde(default)]
    pub todos: Vec<String>,
    /// What to take care of (风险提示).
    #[serde(default)]
    pub risks: Vec<String>,
    /// Where it is done, for the service layer.
    #[serde(default)]
    pub channels: Vec<ChannelInfo>,
    /// Where it applies.
    pub region: RegionCode,
    /// When it applies.
    #[serde(flatten)]
    pub effective: Effective,
    /// Where it is written.
    #[serde(flatten)]
    pub provenance: Provenance,
}

/// Where and how something is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelInfo {
    /// `online`, `window`, `phone` or `app`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What else to know: opening hours, an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What is done there, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<String>,
    /// What to bring or to upload.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub materials: Vec<String>,
    /// How long it takes, or until when it can be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// Where it is on the web.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// `edges.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Edge {
    /// Id of a node.
    pub from: NodeId,
    /// How.
    pub rel: Relation,
    /// Id of a node.
    pub to: NodeId,
}

/// How two nodes hang together; `from REL to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Relation {
    /// The answer rests on the document.
    Cites,
    /// The document changes the other.
    Amends,
    /// The document ends the other.
    Repeals,
    /// The document takes the other's place.
    Supersedes,
    /// The rule covers the business.
    AppliesTo,
    /// The business is done there.
    HandledVia,
    /// The case shows the rule.
    Illustrates,
    /// The business needs the other first.
    Requires,
}

impl Relation {
    /// All, in the order in which snapshots number them.
    pub const ALL: [Self; 8] = [
        Self::Cites,
        Self::Amends,
        Self::Repeals,
        Self::Supersedes,
        Self::AppliesTo,
        Self::HandledVia,
        Self::Illustrates,
        Self::Requires,
    ];
}

/// One dated row of one figure. `figures.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Which figure; rows of one id differ in date or region.
    pub id: FigureId,
    /// `最低工资标准（一类地区）`.
    pub name: String,
    /// As decimal text, exactly as published: `2400`, `20.67`; with the unit `%`, `20` stands for 20 %.
    pub value: String,
    /// `元/月`, `%`, `个月`.
    pub unit: String,
    /// Where it applies.
    pub region: RegionCode,
    /// When it applies.
    #[serde(flatten)]
    pub effective: Effective,
    /// Where it is written.
    #[serde(flatten)]
    pub provenance: Provenance,
}
