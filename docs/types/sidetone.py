"""Written by `cargo xtask schema` from the types: do not edit. Python 3.11 or newer."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict, Union


class AgentAcwEnded(TypedDict):
    """`agent.acw_ended`: an agent has finished the work after a call."""

    # From the end of their part in the call to this.
    acw_ms: int
    # The agent.
    agent_id: str
    # The call that it is about.
    contact: str


class AgentOfferEnded(TypedDict):
    """`agent.offer_ended`: it rings no more."""

    # Whose telephone rang.
    agent_id: str
    # The call that it is about.
    contact: str
    # How.
    left: OfferExit
    # As in `agent.offered`.
    offer: str
    # For which queue.
    queue: NotRequired[str]
    # How long it rang.
    rang_ms: int


class AgentOffered(TypedDict):
    """`agent.offered`: a call rings at an agent."""

    # Whose telephone rings.
    agent_id: str
    # The call that it is about.
    contact: str
    # Names this offer.
    offer: str
    # For which queue.
    queue: NotRequired[str]


class AgentStateChanged(TypedDict):
    """`agent.state`: an agent is in this state from now on, until the next of their `agent.state`."""

    # The agent.
    agent_id: str
    # Why, in the switch's words (the reason of a break).
    reason: NotRequired[str]
    # The new state.
    state: AgentState


class AudioGap(TypedDict):
    """`audio.gap`: a stretch that was not heard and is silence in the transcript's time line."""

    # From `call.started`.
    begin_ms: int
    # `packet_loss`, `no_audio` (the tap fell silent), `not_sent` (the sender sent nothing, and no packet is missing) or `overrun` (dropped here for want of room).
    cause: str
    # From `call.started`; of an open gap, how far it has come. Equal to `begin_ms` when the sound was only late.
    end_ms: int
    # It goes on: another `audio.gap` with the same `begin_ms` says how it ended. Absent when not.
    open: NotRequired[bool]


class Calc(TypedDict):
    """A figure and how it came about."""

    # In words and figures: `4416 × 20% = 883.20`.
    formula: str
    # What went in, each from a dated row or from the caller.
    inputs: list[CalcInput]
    # What the agent has to ask before there is a result, or a better one.
    missing: NotRequired[list[CalcMissing]]
    # What came out; empty while something is missing without which there is no result.
    result: str
    # `元/月`.
    unit: str


class CalcInput(TypedDict):
    """One input of a calculation."""

    # What it is.
    name: str
    # Id of the dated row, or `caller`.
    origin: str
    # Its value as text.
    value: str


class CalcMissing(TypedDict):
    """Something that a caller has not told yet."""

    # What to ask.
    question: str
    # Id of the slot, as in the pack's `calc/slots.toml`.
    slot: str


class CallEnded(TypedDict):
    """`call.ended`, always the last event of a call."""

    # `hangup`, or `lost_sight` when the end itself was not seen.
    cause: str
    # From the first bridge to the end.
    duration_ms: int
    # Who ended it; absent where the switch does not tell.
    end_by: NotRequired[EndBy]
    # How many finals the call had.
    finals: int
    # How many hints it had.
    hints: int


class CallStarted(TypedDict):
    """`call.started`."""

    # How long the call had run when Sidetone found it; 0 for a new call.
    age_ms: int
    # The number that was dialled.
    called: NotRequired[str]
    # The caller's number, masked to its last two digits (`*********01`).
    caller: NotRequired[str]
    # The caller's number, hashed with `privacy.number_salt`; absent without a salt or a number.
    caller_hash: NotRequired[str]
    # The CTI's own id of the call, when the dialplan set one (`sidetone_cti_id`).
    cti_id: NotRequired[str]
    # Who called whom; absent where the switch does not tell.
    dir: NotRequired[Direction]
    # The queue that the caller came through.
    queue: NotRequired[str]
    # Whether this continues a call that Sidetone heard before it was restarted.
    resumed: bool


class CallUpdated(TypedDict):
    """`call.updated`: the state after the change, whole."""

    # Of an agent who left: how.
    exit: NotRequired[PartExit]
    # Of an agent who joined: how they came to the call.
    how: NotRequired[PartHow]
    # The leg that joined, left, or pressed hold; absent of other reasons.
    leg: NotRequired[str]
    # Every leg that is on the call now.
    legs: list[LegInfo]
    # An operator has asked that no text be shown; absent when not.
    masked: NotRequired[bool]
    # Whether a party has the call on hold.
    on_hold: bool
    # Who has asked that nothing be heard; absent when nobody has.
    paused_by: NotRequired[list[PausedBy]]
    # What changed.
    reason: UpdateReason


class Case(TypedDict):
    """A case."""

    # Who and what, without names.
    facts: str
    # How it was decided.
    outcome: str


class Channel(TypedDict):
    """A way in which something is done."""

    # `online` and `app` (at home), `window` (in person) or `phone`.
    kind: str
    # How long it takes, or until when it can be done.
    limit: NotRequired[str]
    # What to bring or to upload.
    materials: NotRequired[list[str]]
    # Its name.
    name: str
    # What else to know: opening hours, an address.
    note: NotRequired[str]
    # What is done there, in order.
    steps: NotRequired[list[str]]
    # Where it is on the web.
    url: NotRequired[str]


class Check(TypedDict):
    """How one value was checked."""

    # Whether the three agree; where they do not, somebody should look.
    agrees: bool
    # 0 to 1.
    confidence: float
    # By when, as it was said; of to-dos.
    due: NotRequired[str]
    # The element's name: `advice`.
    element: str
    # The place of the entry in a list; 0 for a single value.
    entry: int
    # Segments that say it.
    heard: list[str]
    # What the caller wanted when it was said, `topic/intent`; absent where nothing was asked.
    serves: NotRequired[str]
    # What it was understood as: `promise`, `advise`, `state`, `warn` … of a statement; `heard`, `knowledge`, `rule` of a single value.
    understood: str
    # Who will do it; of to-dos.
    who: NotRequired[Party]


class Compare(TypedDict):
    """Two things side by side."""

    # Head of the left column.
    left: str
    # Head of the right column.
    right: str
    # In order.
    rows: list[CompareRow]


class CompareRow(TypedDict):
    """One line of a comparison."""

    # Right less left, with its sign and unit, exact.
    difference: NotRequired[str]
    # What is compared.
    label: str
    # On the left: the older one.
    left: str
    # The difference in percent of the left, two digits behind the point, with its sign.
    percent: NotRequired[str]
    # On the right: the newer one.
    right: str


class ContactEntered(TypedDict):
    """`contact.entered`: a caller's channel came in, or an agent's went out. What follows of it may never be a call."""

    # The agent who dialled, where one did.
    agent_id: NotRequired[str]
    # As in `call.started`.
    caller_hash: NotRequired[str]
    # The call that it becomes when a caller and an agent are joined.
    contact: str
    # Who called whom.
    dir: Direction
    # It has video; absent when not.
    video: NotRequired[bool]


class ContactLeft(TypedDict):
    """`contact.left`: the channel is gone."""

    # As in `contact.entered`.
    contact: str
    # From entering to this.
    duration_ms: int
    # Who ended it; absent where the switch does not tell.
    end_by: NotRequired[EndBy]


class CorrectedWrapup(TypedDict):
    """`wrapup.corrected`: the record of a call that is over, as an agent has corrected it. The newest revision stands."""

    # The threefold check of each value that is no default: what was heard, what it was understood as, which intent it serves.
    checks: NotRequired[list[Check]]
    # Whether all seven elements are filled. "无" counts as filled only where nothing was said of the element.
    complete: bool
    # What was changed, in order, from `wrapup.final` on.
    corrections: list[Correction]
    # The elements.
    elements: WrapupElements
    # The engine whose wording was taken, by its name in the configuration; absent where the rules' wording stands.
    engine: NotRequired[str]
    # 1 with the first correction; `wrapup.final` is revision 0.
    rev: int
    # Two or three sentences for the record.
    summary: str
    # What the call was about, in the order in which it came up; one entry for each topic.
    topics: list[Topic]


class Correction(TypedDict):
    """One change of the record."""

    # What stands there now.
    after: str
    # Who.
    agent_id: NotRequired[str]
    # What stood there; of a list, an entry a line.
    before: str
    # The element's name.
    element: str
    # The id of the entry of the feedback stream that asked for it.
    feedback_id: str


class Element(TypedDict):
    """One element and what it rests on."""

    # 0 to 1.
    confidence: float
    # Segments that say so.
    evidence: list[str]
    # How it was found.
    method: ElementMethod
    # What was found.
    value: str


class Element2(TypedDict):
    """One element and what it rests on."""

    # 0 to 1.
    confidence: float
    # Segments that say so.
    evidence: list[str]
    # How it was found.
    method: ElementMethod
    # What was found.
    value: list[str]


class Element3(TypedDict):
    """One element and what it rests on."""

    # 0 to 1.
    confidence: float
    # Segments that say so.
    evidence: list[str]
    # How it was found.
    method: ElementMethod
    # What was found.
    value: Satisfaction


class EmotionSegment(TypedDict):
    """`emotion.segment`: how somebody sounded in a segment."""

    # 0 to 1.
    confidence: float
    # `angry`, `anxious`, `calm`, `happy`.
    label: str
    # The segment.
    segment_id: str


class Entity(TypedDict):
    """Something that a speaker named."""

    # `term`, `amount`, `duration`, `date`, `region`, `age`, `percent`.
    kind: str
    # As spoken (masked).
    text: str
    # Normal form: a knowledge-base id, `PT18M`, `2400 CNY`, `370500`.
    value: NotRequired[str]


class Fault(TypedDict):
    """`error`."""

    # Stable name, for programs (`tap_failed`, `recogniser_failed`).
    code: str
    # Plain words, for people; no personal data.
    message: str
    # What it means for the call.
    severity: FaultSeverity


class GapCandidate(TypedDict):
    """A node that came near."""

    # Its id in the knowledge base.
    node: str
    # How likely it was asked for, 0 to 1.
    share: float


class GapTurn(TypedDict):
    """A turn before the question."""

    # `caller` or `agent`.
    role: str
    # Its text, masked.
    text: str


class HintData(TypedDict):
    """`hint.new` and `hint.update`."""

    # What the agent can read out.
    body: str
    # For `calc`.
    calc: NotRequired[Calc]
    # For `case`.
    case: NotRequired[Case]
    # For `channel`.
    channels: NotRequired[list[Channel]]
    # For `compare`.
    compare: NotRequired[Compare]
    # Two hints of a call with the same key say the same.
    dedup_key: str
    # Shown before the caller had finished, on what they had said so far. Their final confirms it in silence, refines it by `hint.update` or takes it back by `hint.expire`.
    early: NotRequired[bool]
    # What worded it: `knowledge` or an LLM engine's name.
    engine: str
    # What to stress in `body`: figures, deadlines, names.
    highlights: list[Span]
    # Names the hint in later events and in feedback.
    hint_id: str
    # For `history`.
    history: NotRequired[list[HistoryItem]]
    # What it is; says which of the optional fields are there.
    kind: HintKind
    # How long each stage took.
    latency_ms: LatencyMs
    # The node of the knowledge base that it was made from; absent where it was made from none.
    node: NotRequired[str]
    # For `caller`: newest first.
    past_calls: NotRequired[list[PastCall]]
    # The place that it holds for, where that is not the line's own; `title` says it, too.
    region: NotRequired[HintRegion]
    # For `risk`.
    risk: NotRequired[Risk]
    # 0 to 1, within its kind.
    score: float
    # For `script`.
    script: NotRequired[Script]
    # Where it is written. Never empty on tier 1.
    sources: list[Source]
    # The `hint_id` that this one replaces on screen.
    supersedes: NotRequired[str]
    # How much it matters.
    tier: Tier
    # One line.
    title: str
    # The topic of the knowledge base; absent when it is that of the segment's `intent`.
    topic: NotRequired[str]
    # What set it off.
    trigger: Trigger
    # Show it no longer than this.
    ttl_ms: int


class HintExpire(TypedDict):
    """`hint.expire`."""

    # Which.
    hint_id: str
    # `ttl`, `superseded`, `withdrawn`, `dismissed` or `call_ended`.
    reason: str


class HintRegion(TypedDict):
    """A place that a caller speaks of."""

    # GB/T 2260, six digits.
    code: str
    # Its name.
    name: str


class HistoryItem(TypedDict):
    """One row of a figure's or a rule's history."""

    # 文号; empty for a statute.
    doc_no: str
    # The document's name.
    doc_title: str
    # ISO date of the first day; absent where it is not known.
    effective_from: NotRequired[str]
    # ISO date of the last day; absent while it applies.
    effective_to: NotRequired[str]
    # It is the one in force on the day that is asked about.
    in_force: bool
    # The figure with its unit; of a rule, its title.
    value: str


class IntentData(TypedDict):
    """`intent`: what a caller's turn was understood to want."""

    # 0 to 1.
    confidence: float
    # What was named: terms, amounts, durations, places, dates.
    entities: list[Entity]
    # What is wanted of it: `eligibility`, `amount`, `procedure`, `materials`, `deadline`, `location`, `status`, `complaint`, `definition` or `other`.
    intent: str
    # Whether the caller asked something.
    is_question: bool
    # The segment that it was read from.
    segment_id: str
    # Topic id of the knowledge base (`unemployment_benefit`).
    topic: str
    # The topic's name (`失业保险金`).
    topic_name: str


class IvrEntered(TypedDict):
    """`ivr.entered`: a machine talks with a caller."""

    # As in `call.started`.
    caller_hash: NotRequired[str]
    # The call that it is about.
    contact: str
    # Where in the dialplan, when that is known.
    node: NotRequired[str]
    # Names this session.
    session: str


class IvrLeft(TypedDict):
    """`ivr.left`: the machine is done."""

    # How many of its turns were answered.
    answers: int
    # The call that it is about.
    contact: str
    # How long it took.
    duration_ms: int
    # How many turns since the last answer were not.
    fails_after_last_answer: int
    # How.
    left: IvrExit
    # Nodes of the dialplan that it passed and no turn names.
    nodes: NotRequired[list[str]]
    # As in `ivr.entered`.
    session: str
    # Topics that it was about and no turn names.
    topics: NotRequired[list[str]]


class IvrTurn(TypedDict):
    """`ivr.turn`: the caller was asked to speak, and this came of it."""

    # Whether the knowledge base had something to be read out.
    answered: bool
    # The call that it is about.
    contact: str
    # Where in the dialplan, when that is known.
    node: NotRequired[str]
    # When the dialplan got its answer, and could play it, from `ivr.entered`.
    play_start_ms: NotRequired[int]
    # As in `ivr.entered`.
    session: str
    # When the caller stopped to speak, from `ivr.entered`; absent when nobody spoke.
    speech_end_ms: NotRequired[int]
    # The topic.
    topic: NotRequired[str]
    # Whether the caller's words had a topic.
    understood: bool


class KnowledgeGap(TypedDict):
    """`knowledge.gap`: a caller asked something for which nothing was shown."""

    # What the agent answered and no hint held, masked; absent when they answered nothing of length.
    answer: NotRequired[str]
    # ISO date that was asked about.
    as_of: str
    # The nodes that came nearest, best first.
    candidates: list[GapCandidate]
    # The turns before it, at most two, masked.
    context: list[GapTurn]
    # How likely the base has an answer, 0 to 1, as the turn was understood.
    in_base: float
    # Its text, masked.
    question: str
    # GB/T 2260 code of the place that was asked about.
    region: str
    # The caller's turn.
    segment_id: str
    # The topic that it is likely about; absent when none is likely.
    topic: NotRequired[str]
    # The topic's name.
    topic_name: NotRequired[str]


class LatencyMs(TypedDict):
    """Milliseconds from the end of the caller's speech, stage by stage; of an early hint, from the moment at which the sound that set it off had been heard."""

    # Until the knowledge was found.
    match: int
    # Until it was handed to the wire.
    push: int
    # Until the text was final.
    speech: int
    # Sum of the four.
    total: int
    # Until its meaning was known.
    understand: int


class LegInfo(TypedDict):
    """One leg of a call."""

    # The agent, when it is one that is known.
    agent_id: NotRequired[str]
    # The channel's id on the switch.
    leg_id: str
    # `caller` or `agent`.
    role: str
    # How it is heard (`snoop`, `chanspy`, `recording`); absent when it is not heard.
    tap: NotRequired[str]


class PastCall(TypedDict):
    """An earlier call of the same caller, as its wrap-up told."""

    # When it was wrapped up.
    at: Timestamp
    # Which.
    call_id: str
    # The wrap-up's request type.
    request_type: str
    # The wrap-up's summary.
    summary: str
    # What was left to do.
    todos: list[str]
    # What it was about.
    topics: list[PastTopic]


class PastTopic(TypedDict):
    """A topic of an earlier call."""

    # Its name.
    name: str
    # Whether it was answered.
    resolved: bool
    # Its id in the knowledge base.
    topic: str


class QaHit(TypedDict):
    """`qa.hit`: a rule of conversation quality matched."""

    # Whether the rule forbids or demands.
    kind: NotRequired[QaKind]
    # Plain words.
    message: str
    # Of a rule that demands: whether it was done.
    met: NotRequired[bool]
    # Stable name of the rule.
    rule: str
    # What it adds to the 100 points of the call, -100 to 100.
    score: NotRequired[int]
    # Where.
    segment_id: str


class QueueEntered(TypedDict):
    """`queue.entered`: a caller began to wait."""

    # As in `call.started`: for a caller who is never joined with an agent it is nowhere else.
    caller_hash: NotRequired[str]
    # The call that it is about.
    contact: str
    # Names this entry: a caller may enter a queue more than once.
    entry: str
    # The queue.
    queue: str


class QueueLeft(TypedDict):
    """`queue.left`: the wait is over."""

    # Who answered, where somebody did.
    agent_id: NotRequired[str]
    # The call that it is about.
    contact: str
    # As in `queue.entered`.
    entry: str
    # How.
    left: QueueExit
    # The queue.
    queue: str
    # From entering to this.
    wait_ms: int


class Redaction(TypedDict):
    """A stretch of `text` that stands for personal data."""

    # First Unicode scalar value.
    begin: int
    # One past the last.
    end: int
    # What it was.
    type: RedactionKind


class Risk(TypedDict):
    """What a warning rests on."""

    # What the caller told that set it off.
    facts: list[CalcInput]
    # Id of the rule that spoke.
    rule: str


class Script(TypedDict):
    """Words for the agent."""

    # What must not be said or promised.
    never: list[str]
    # What can be said.
    say: list[str]


class Source(TypedDict):
    """A document that a hint rests on."""

    # `第四十五条`, where it is one article.
    article: NotRequired[str]
    # What these words cite and the library has, as `document article`.
    cites: NotRequired[list[str]]
    # 文号; empty for a statute, which has none.
    doc_no: str
    # ISO date from which it applies.
    effective_from: NotRequired[str]
    # ISO date of the last day on which it applies.
    effective_to: NotRequired[str]
    # What took its place or ended it, of one that does not hold any more.
    ended_by: NotRequired[str]
    # Whether it may be relied upon.
    status: SourceStatus
    # Its whole words, where a library of statutes and cases has them.
    text: NotRequired[str]
    # The document's name.
    title: str
    # Where it can be read.
    url: NotRequired[str]


class Span(TypedDict):
    """A stretch of a text."""

    # First Unicode scalar value.
    begin: int
    # One past the last.
    end: int


class SpeechEnded(TypedDict):
    """`speech.ended`."""

    # From `call.started`.
    begin_ms: int
    # From `call.started`.
    end_ms: int
    # As in `speech.started`.
    segment_id: str


class SpeechStarted(TypedDict):
    """`speech.started`."""

    # From `call.started`.
    begin_ms: int
    # Names the segment in every event about it.
    segment_id: str


class SurveyAnswered(TypedDict):
    """`survey.answered`: they have answered."""

    # The call that it is about.
    contact: str
    # 1 (not at all) to 5 (very).
    score: int


class SurveyOffered(TypedDict):
    """`survey.offered`: a caller was asked how content they are."""

    # The call that it is about.
    contact: str


class TapDown(TypedDict):
    """`tap.down`: it is heard no more."""

    # From `call.started`: as in the `tap.up` before it.
    begin_ms: int
    # From `call.started`.
    end_ms: int
    # As in `tap.up`.
    kind: str
    # `failed`, `left` when the leg or the call is over, or `stopped` when Sidetone stops and the call goes on.
    reason: str


class TapUp(TypedDict):
    """`tap.up`: from now on the leg is heard."""

    # From `call.started`.
    begin_ms: int
    # How (`snoop`, `chanspy`, `module`, …).
    kind: str


class TicketClosed(TypedDict):
    """`ticket.closed`: it is done."""

    # As in `ticket.created`.
    ticket: str


class TicketCreated(TypedDict):
    """`ticket.created`: the CRM opened a ticket."""

    # The call that it came of, when it came of one.
    contact: NotRequired[str]
    # When it is to be closed: RFC 3339.
    due: NotRequired[str]
    # The ticket's id in the CRM.
    ticket: str
    # What it is about: a topic of the knowledge base.
    topic: NotRequired[str]


class Topic(TypedDict):
    """One thing that the call was about."""

    # The caller's segments about it.
    evidence: list[str]
    # As in `intent`.
    intent: str
    # Its name.
    name: str
    # Whether it was answered.
    resolved: bool
    # Topic id of the knowledge base.
    topic: str


class Transcript(TypedDict):
    """`transcript.partial`, `transcript.final`, `transcript.revised`."""

    # From `call.started`.
    begin_ms: int
    # 0 to 1, the recogniser's own opinion.
    confidence: float
    # From `call.started`.
    end_ms: int
    # Nothing of this text will change, save by `transcript.revised`.
    is_final: bool
    # BCP 47, `zh`.
    lang: str
    # What was masked in `text`.
    redactions: list[Redaction]
    # Rises with every version of this segment's text; keep the highest.
    rev: int
    # As in `speech.started`.
    segment_id: str
    # Of `text`, how many Unicode scalar values at its head will stay as they are until the final. All of a final's. It never falls within a segment, save to 0 while an operator withholds the text.
    stable: NotRequired[int]
    # Masked text, simplified characters, numbers as digits.
    text: str


class Trigger(TypedDict):
    """What set a hint off."""

    # As in `intent`.
    entities: list[Entity]
    # As in `intent`, `topic/intent`.
    intent: str
    # The caller's turn.
    segment_id: str


class Wrapup(TypedDict):
    """`wrapup.draft` and `wrapup.final`."""

    # The threefold check of each value that is no default: what was heard, what it was understood as, which intent it serves.
    checks: NotRequired[list[Check]]
    # Whether all seven elements are filled. "无" counts as filled only where nothing was said of the element.
    complete: bool
    # The elements.
    elements: WrapupElements
    # The engine whose wording was taken, by its name in the configuration; absent where the rules' wording stands.
    engine: NotRequired[str]
    # Two or three sentences for the record.
    summary: str
    # What the call was about, in the order in which it came up; one entry for each topic.
    topics: list[Topic]


class WrapupElements(TypedDict):
    """The seven elements. A value is never blank: "无" says that there is none."""

    # 处理建议.
    advice: Element2
    # 涉及政策.
    policies: Element2
    # 诉求类型: 咨询, 办理, 投诉, 查询 …
    request_type: Element
    # 风险提示.
    risks: Element2
    # 满意度预测.
    satisfaction: Element3
    # 咨询主体: who asks (个人, 灵活就业人员, 用人单位, 家属 …).
    subject: Element
    # 待办事项.
    todos: Element2


class EventBase(TypedDict):
    """One event of one call."""

    # The agent on the call when it was published.
    agent_id: NotRequired[str]
    # The call.
    call_id: str
    # The leg that it is about, where it is about one.
    leg_id: NotRequired[str]
    # `caller` or `agent`, where it is about one leg.
    role: NotRequired[Literal["caller", "agent"]]
    # Rises by one per call, from 1. `(call_id, seq)` names an event for ever: seen twice, it is the same.
    seq: int
    # When it was published: UTC, RFC 3339, milliseconds.
    ts: Timestamp
    # Version of this contract: 1.
    v: int


class CallStartedEvent(EventBase):
    type: Literal["call.started"]
    data: CallStarted


class CallUpdatedEvent(EventBase):
    type: Literal["call.updated"]
    data: CallUpdated


class CallEndedEvent(EventBase):
    type: Literal["call.ended"]
    data: CallEnded


class SpeechStartedEvent(EventBase):
    type: Literal["speech.started"]
    data: SpeechStarted


class SpeechEndedEvent(EventBase):
    type: Literal["speech.ended"]
    data: SpeechEnded


class TranscriptPartialEvent(EventBase):
    type: Literal["transcript.partial"]
    data: Transcript


class TranscriptFinalEvent(EventBase):
    type: Literal["transcript.final"]
    data: Transcript


class TranscriptRevisedEvent(EventBase):
    type: Literal["transcript.revised"]
    data: Transcript


class IntentEvent(EventBase):
    type: Literal["intent"]
    data: IntentData


class HintNewEvent(EventBase):
    type: Literal["hint.new"]
    data: HintData


class HintUpdateEvent(EventBase):
    type: Literal["hint.update"]
    data: HintData


class HintExpireEvent(EventBase):
    type: Literal["hint.expire"]
    data: HintExpire


class WrapupDraftEvent(EventBase):
    type: Literal["wrapup.draft"]
    data: Wrapup


class WrapupFinalEvent(EventBase):
    type: Literal["wrapup.final"]
    data: Wrapup


class WrapupCorrectedEvent(EventBase):
    type: Literal["wrapup.corrected"]
    data: CorrectedWrapup


class AudioGapEvent(EventBase):
    type: Literal["audio.gap"]
    data: AudioGap


class KnowledgeGapEvent(EventBase):
    type: Literal["knowledge.gap"]
    data: KnowledgeGap


class QaHitEvent(EventBase):
    type: Literal["qa.hit"]
    data: QaHit


class EmotionSegmentEvent(EventBase):
    type: Literal["emotion.segment"]
    data: EmotionSegment


class ErrorEvent(EventBase):
    type: Literal["error"]
    data: Fault


class TapUpEvent(EventBase):
    type: Literal["tap.up"]
    data: TapUp


class TapDownEvent(EventBase):
    type: Literal["tap.down"]
    data: TapDown


class ContactEnteredEvent(EventBase):
    type: Literal["contact.entered"]
    data: ContactEntered


class ContactLeftEvent(EventBase):
    type: Literal["contact.left"]
    data: ContactLeft


class QueueEnteredEvent(EventBase):
    type: Literal["queue.entered"]
    data: QueueEntered


class QueueLeftEvent(EventBase):
    type: Literal["queue.left"]
    data: QueueLeft


class AgentOfferedEvent(EventBase):
    type: Literal["agent.offered"]
    data: AgentOffered


class AgentOfferEndedEvent(EventBase):
    type: Literal["agent.offer_ended"]
    data: AgentOfferEnded


class AgentStateEvent(EventBase):
    type: Literal["agent.state"]
    data: AgentStateChanged


class AgentAcwEndedEvent(EventBase):
    type: Literal["agent.acw_ended"]
    data: AgentAcwEnded


class IvrEnteredEvent(EventBase):
    type: Literal["ivr.entered"]
    data: IvrEntered


class IvrTurnEvent(EventBase):
    type: Literal["ivr.turn"]
    data: IvrTurn


class IvrLeftEvent(EventBase):
    type: Literal["ivr.left"]
    data: IvrLeft


class SurveyOfferedEvent(EventBase):
    type: Literal["survey.offered"]
    data: SurveyOffered


class SurveyAnsweredEvent(EventBase):
    type: Literal["survey.answered"]
    data: SurveyAnswered


class TicketCreatedEvent(EventBase):
    type: Literal["ticket.created"]
    data: TicketCreated


class TicketClosedEvent(EventBase):
    type: Literal["ticket.closed"]
    data: TicketClosed


class FactsEndedEvent(EventBase):
    type: Literal["facts.ended"]
    data: FactsEnded


class OtherEvent(EventBase):
    """Of a type that this version does not know."""

    type: str
    data: Any


# What an agent does.
AgentState = Literal["ready", "ring", "talk", "acw", "break", "offline"]
# Who called whom.
Direction = Literal["in", "out"]
# How an element was found.
ElementMethod = Literal["heard", "knowledge", "rule", "engine", "agent", "default"]
# Who ended a call.
EndBy = Literal["caller", "agent", "system"]
# `facts.ended`, the last event under its key. What follows comes under the key of another hour.
FactsEnded = Any
# What a fault means for the call's assistance. The telephone call itself is never affected.
FaultSeverity = Literal["degraded", "deaf"]
# What a hint is.
HintKind = Literal["answer", "policy", "case", "compare", "channel", "history", "calc", "script", "risk", "caller"]
# How a session with a machine ended.
IvrExit = Literal["caller_hangup", "to_queue", "transfer", "error"]
# How an offer to an agent ended.
OfferExit = Literal["answered", "no_answer", "rejected", "caller_gone", "elsewhere"]
# How an agent left a call.
PartExit = Literal["hangup", "blind", "attended"]
# How an agent came to a call.
PartHow = Literal["queue", "transfer", "consult", "direct"]
# One of the two who speak.
Party = Literal["caller", "agent"]
# Who has asked that nothing be heard.
PausedBy = Literal["operator", "dialplan"]
# What a rule of conversation quality says.
QaKind = Literal["violation", "required"]
# How a wait in a queue ended.
QueueExit = Literal["answered", "abandoned", "timeout", "overflow", "full", "callback", "failed"]
# Kinds of personal data that are masked.
RedactionKind = Literal["id_card", "phone", "bank_card", "digits", "social_security", "passport", "permit", "plate", "email", "address", "name", "account", "birth_date", "withheld"]
# 满意度预测.
Satisfaction = Literal["satisfied", "neutral", "dissatisfied"]
# Whether a source may be relied upon on the day of the call.
SourceStatus = Literal["in_force", "not_yet", "repealed", "sample"]
# How much a hint matters. On the wire a number.
Tier = int
# UTC with milliseconds, `2026-11-22T08:00:00.123Z`.
Timestamp = str
# What changed in `call.updated`.
UpdateReason = Literal["joined", "left", "transfer", "hold", "resume", "tap", "control"]
Event = Union[
    CallStartedEvent,
    CallUpdatedEvent,
    CallEndedEvent,
    SpeechStartedEvent,
    SpeechEndedEvent,
    TranscriptPartialEvent,
    TranscriptFinalEvent,
    TranscriptRevisedEvent,
    IntentEvent,
    HintNewEvent,
    HintUpdateEvent,
    HintExpireEvent,
    WrapupDraftEvent,
    WrapupFinalEvent,
    WrapupCorrectedEvent,
    AudioGapEvent,
    KnowledgeGapEvent,
    QaHitEvent,
    EmotionSegmentEvent,
    ErrorEvent,
    TapUpEvent,
    TapDownEvent,
    ContactEnteredEvent,
    ContactLeftEvent,
    QueueEnteredEvent,
    QueueLeftEvent,
    AgentOfferedEvent,
    AgentOfferEndedEvent,
    AgentStateEvent,
    AgentAcwEndedEvent,
    IvrEnteredEvent,
    IvrTurnEvent,
    IvrLeftEvent,
    SurveyOfferedEvent,
    SurveyAnsweredEvent,
    TicketCreatedEvent,
    TicketClosedEvent,
    FactsEndedEvent,
]
