// Written by `cargo xtask schema` from the types: do not edit.
/** `agent.acw_ended`: an agent has finished the work after a call. */
export interface AgentAcwEnded {
  /** From the end of their part in the call to this. */
  acw_ms: number;
  /** The agent. */
  agent_id: string;
  /** The call that it is about. */
  contact: string;
}
/** `agent.offer_ended`: it rings no more. */
export interface AgentOfferEnded {
  /** Whose telephone rang. */
  agent_id: string;
  /** The call that it is about. */
  contact: string;
  /** How. */
  left: OfferExit;
  /** As in `agent.offered`. */
  offer: string;
  /** For which queue. */
  queue?: string;
  /** How long it rang. */
  rang_ms: number;
}
/** `agent.offered`: a call rings at an agent. */
export interface AgentOffered {
  /** Whose telephone rings. */
  agent_id: string;
  /** The call that it is about. */
  contact: string;
  /** Names this offer. */
  offer: string;
  /** For which queue. */
  queue?: string;
}
/** What an agent does. */
export type AgentState = "ready" | "ring" | "talk" | "acw" | "break" | "offline";
/** `agent.state`: an agent is in this state from now on, until the next of their `agent.state`. */
export interface AgentStateChanged {
  /** The agent. */
  agent_id: string;
  /** Why, in the switch's words (the reason of a break). */
  reason?: string;
  /** The new state. */
  state: AgentState;
}
/** `audio.gap`: a stretch that was not heard and is silence in the transcript's time line. */
export interface AudioGap {
  /** From `call.started`. */
  begin_ms: number;
  /** `packet_loss`, `no_audio` (the tap fell silent), `not_sent` (the sender sent nothing, and no packet is missing) or `overrun` (dropped here for want of room). */
  cause: string;
  /** From `call.started`; of an open gap, how far it has come. Equal to `begin_ms` when the sound was only late. */
  end_ms: number;
  /** It goes on: another `audio.gap` with the same `begin_ms` says how it ended. Absent when not. */
  open?: boolean;
}
/** A figure and how it came about. */
export interface Calc {
  /** In words and figures: `4416 × 20% = 883.20`. */
  formula: string;
  /** What went in, each from a dated row or from the caller. */
  inputs: CalcInput[];
  /** What the agent has to ask before there is a result, or a better one. */
  missing?: CalcMissing[];
  /** What came out; empty while something is missing without which there is no result. */
  result: string;
  /** `元/月`. */
  unit: string;
}
/** One input of a calculation. */
export interface CalcInput {
  /** What it is. */
  name: string;
  /** Id of the dated row, or `caller`. */
  origin: string;
  /** Its value as text. */
  value: string;
}
/** Something that a caller has not told yet. */
export interface CalcMissing {
  /** What to ask. */
  question: string;
  /** Id of the slot, as in the pack's `calc/slots.toml`. */
  slot: string;
}
/** `call.ended`, always the last event of a call. */
export interface CallEnded {
  /** `hangup`, or `lost_sight` when the end itself was not seen. */
  cause: string;
  /** From the first bridge to the end. */
  duration_ms: number;
  /** Who ended it; absent where the switch does not tell. */
  end_by?: EndBy;
  /** How many finals the call had. */
  finals: number;
  /** How many hints it had. */
  hints: number;
}
/** `call.started`. */
export interface CallStarted {
  /** How long the call had run when Sidetone found it; 0 for a new call. */
  age_ms: number;
  /** The number that was dialled. */
  called?: string;
  /** The caller's number, masked to its last two digits (`*********01`). */
  caller?: string;
  /** The caller's number, hashed with `privacy.number_salt`; absent without a salt or a number. */
  caller_hash?: string;
  /** The CTI's own id of the call, when the dialplan set one (`sidetone_cti_id`). */
  cti_id?: string;
  /** Who called whom; absent where the switch does not tell. */
  dir?: Direction;
  /** The queue that the caller came through. */
  queue?: string;
  /** Whether this continues a call that Sidetone heard before it was restarted. */
  resumed: boolean;
}
/** `call.updated`: the state after the change, whole. */
export interface CallUpdated {
  /** Of an agent who left: how. */
  exit?: PartExit;
  /** Of an agent who joined: how they came to the call. */
  how?: PartHow;
  /** The leg that joined, left, or pressed hold; absent of other reasons. */
  leg?: string;
  /** Every leg that is on the call now. */
  legs: LegInfo[];
  /** An operator has asked that no text be shown; absent when not. */
  masked?: boolean;
  /** Whether a party has the call on hold. */
  on_hold: boolean;
  /** Who has asked that nothing be heard; absent when nobody has. */
  paused_by?: PausedBy[];
  /** What changed. */
  reason: UpdateReason;
}
/** A case. */
export interface Case {
  /** Who and what, without names. */
  facts: string;
  /** How it was decided. */
  outcome: string;
}
/** A way in which something is done. */
export interface Channel {
  /** `online` and `app` (at home), `window` (in person) or `phone`. */
  kind: string;
  /** How long it takes, or until when it can be done. */
  limit?: string;
  /** What to bring or to upload. */
  materials?: string[];
  /** Its name. */
  name: string;
  /** What else to know: opening hours, an address. */
  note?: string;
  /** What is done there, in order. */
  steps?: string[];
  /** Where it is on the web. */
  url?: string;
}
/** How one value was checked. */
export interface Check {
  /** Whether the three agree; where they do not, somebody should look. */
  agrees: boolean;
  /** 0 to 1. */
  confidence: number;
  /** By when, as it was said; of to-dos. */
  due?: string;
  /** The element's name: `advice`. */
  element: string;
  /** The place of the entry in a list; 0 for a single value. */
  entry: number;
  /** Segments that say it. */
  heard: string[];
  /** What the caller wanted when it was said, `topic/intent`; absent where nothing was asked. */
  serves?: string;
  /** What it was understood as: `promise`, `advise`, `state`, `warn` … of a statement; `heard`, `knowledge`, `rule` of a single value. */
  understood: string;
  /** Who will do it; of to-dos. */
  who?: Party;
}
/** Two things side by side. */
export interface Compare {
  /** Head of the left column. */
  left: string;
  /** Head of the right column. */
  right: string;
  /** In order. */
  rows: CompareRow[];
}
/** One line of a comparison. */
export interface CompareRow {
  /** Right less left, with its sign and unit, exact. */
  difference?: string;
  /** What is compared. */
  label: string;
  /** On the left: the older one. */
  left: string;
  /** The difference in percent of the left, two digits behind the point, with its sign. */
  percent?: string;
  /** On the right: the newer one. */
  right: string;
}
/** `contact.entered`: a caller's channel came in, or an agent's went out. What follows of it may never be a call. */
export interface ContactEntered {
  /** The agent who dialled, where one did. */
  agent_id?: string;
  /** As in `call.started`. */
  caller_hash?: string;
  /** The call that it becomes when a caller and an agent are joined. */
  contact: string;
  /** Who called whom. */
  dir: Direction;
  /** It has video; absent when not. */
  video?: boolean;
}
/** `contact.left`: the channel is gone. */
export interface ContactLeft {
  /** As in `contact.entered`. */
  contact: string;
  /** From entering to this. */
  duration_ms: number;
  /** Who ended it; absent where the switch does not tell. */
  end_by?: EndBy;
}
/** `wrapup.corrected`: the record of a call that is over, as an agent has corrected it. The newest revision stands. */
export interface CorrectedWrapup {
  /** The threefold check of each value that is no default: what was heard, what it was understood as, which intent it serves. */
  checks?: Check[];
  /** Whether all seven elements are filled. "无" counts as filled only where nothing was said of the element. */
  complete: boolean;
  /** What was changed, in order, from `wrapup.final` on. */
  corrections: Correction[];
  /** The elements. */
  elements: WrapupElements;
  /** The engine whose wording was taken, by its name in the configuration; absent where the rules' wording stands. */
  engine?: string;
  /** 1 with the first correction; `wrapup.final` is revision 0. */
  rev: number;
  /** Two or three sentences for the record. */
  summary: string;
  /** What the call was about, in the order in which it came up; one entry for each topic. */
  topics: Topic[];
}
/** One change of the record. */
export interface Correction {
  /** What stands there now. */
  after: string;
  /** Who. */
  agent_id?: string;
  /** What stood there; of a list, an entry a line. */
  before: string;
  /** The element's name. */
  element: string;
  /** The id of the entry of the feedback stream that asked for it. */
  feedback_id: string;
}
/** Who called whom. */
export type Direction = "in" | "out";
/** One element and what it rests on. */
export interface Element {
  /** 0 to 1. */
  confidence: number;
  /** Segments that say so. */
  evidence: string[];
  /** How it was found. */
  method: ElementMethod;
  /** What was found. */
  value: string;
}
/** One element and what it rests on. */
export interface Element2 {
  /** 0 to 1. */
  confidence: number;
  /** Segments that say so. */
  evidence: string[];
  /** How it was found. */
  method: ElementMethod;
  /** What was found. */
  value: string[];
}
/** One element and what it rests on. */
export interface Element3 {
  /** 0 to 1. */
  confidence: number;
  /** Segments that say so. */
  evidence: string[];
  /** How it was found. */
  method: ElementMethod;
  /** What was found. */
  value: Satisfaction;
}
/** How an element was found. */
export type ElementMethod = "heard" | "knowledge" | "rule" | "engine" | "agent" | "default";
/** `emotion.segment`: how somebody sounded in a segment. */
export interface EmotionSegment {
  /** 0 to 1. */
  confidence: number;
  /** `angry`, `anxious`, `calm`, `happy`. */
  label: string;
  /** The segment. */
  segment_id: string;
}
/** Who ended a call. */
export type EndBy = "caller" | "agent" | "system";
/** Something that a speaker named. */
export interface Entity {
  /** `term`, `amount`, `duration`, `date`, `region`, `age`, `percent`. */
  kind: string;
  /** As spoken (masked). */
  text: string;
  /** Normal form: a knowledge-base id, `PT18M`, `2400 CNY`, `370500`. */
  value?: string;
}
/** `facts.ended`, the last event under its key. What follows comes under the key of another hour. */
export type FactsEnded = unknown;
/** `error`. */
export interface Fault {
  /** Stable name, for programs (`tap_failed`, `recogniser_failed`). */
  code: string;
  /** Plain words, for people; no personal data. */
  message: string;
  /** What it means for the call. */
  severity: FaultSeverity;
}
/** What a fault means for the call's assistance. The telephone call itself is never affected. */
export type FaultSeverity = "degraded" | "deaf";
/** A node that came near. */
export interface GapCandidate {
  /** Its id in the knowledge base. */
  node: string;
  /** How likely it was asked for, 0 to 1. */
  share: number;
}
/** A turn before the question. */
export interface GapTurn {
  /** `caller` or `agent`. */
  role: string;
  /** Its text, masked. */
  text: string;
}
/** `hint.new` and `hint.update`. */
export interface HintData {
  /** What the agent can read out. */
  body: string;
  /** For `calc`. */
  calc?: Calc;
  /** For `case`. */
  case?: Case;
  /** For `channel`. */
  channels?: Channel[];
  /** For `compare`. */
  compare?: Compare;
  /** Two hints of a call with the same key say the same. */
  dedup_key: string;
  /** Shown before the caller had finished, on what they had said so far. Their final confirms it in silence, refines it by `hint.update` or takes it back by `hint.expire`. */
  early?: boolean;
  /** What worded it: `knowledge` or an LLM engine's name. */
  engine: string;
  /** What to stress in `body`: figures, deadlines, names. */
  highlights: Span[];
  /** Names the hint in later events and in feedback. */
  hint_id: string;
  /** For `history`. */
  history?: HistoryItem[];
  /** What it is; says which of the optional fields are there. */
  kind: HintKind;
  /** How long each stage took. */
  latency_ms: LatencyMs;
  /** The node of the knowledge base that it was made from; absent where it was made from none. */
  node?: string;
  /** For `caller`: newest first. */
  past_calls?: PastCall[];
  /** The place that it holds for, where that is not the line's own; `title` says it, too. */
  region?: HintRegion;
  /** For `risk`. */
  risk?: Risk;
  /** 0 to 1, within its kind. */
  score: number;
  /** For `script`. */
  script?: Script;
  /** Where it is written. Never empty on tier 1. */
  sources: Source[];
  /** The `hint_id` that this one replaces on screen. */
  supersedes?: string;
  /** How much it matters. */
  tier: Tier;
  /** One line. */
  title: string;
  /** The topic of the knowledge base; absent when it is that of the segment's `intent`. */
  topic?: string;
  /** What set it off. */
  trigger: Trigger;
  /** Show it no longer than this. */
  ttl_ms: number;
}
/** `hint.expire`. */
export interface HintExpire {
  /** Which. */
  hint_id: string;
  /** `ttl`, `superseded`, `withdrawn`, `dismissed` or `call_ended`. */
  reason: string;
}
/** What a hint is. */
export type HintKind = "answer" | "policy" | "case" | "compare" | "channel" | "history" | "calc" | "script" | "risk" | "caller";
/** A place that a caller speaks of. */
export interface HintRegion {
  /** GB/T 2260, six digits. */
  code: string;
  /** Its name. */
  name: string;
}
/** One row of a figure's or a rule's history. */
export interface HistoryItem {
  /** 文号; empty for a statute. */
  doc_no: string;
  /** The document's name. */
  doc_title: string;
  /** ISO date of the first day; absent where it is not known. */
  effective_from?: string;
  /** ISO date of the last day; absent while it applies. */
  effective_to?: string;
  /** It is the one in force on the day that is asked about. */
  in_force: boolean;
  /** The figure with its unit; of a rule, its title. */
  value: string;
}
/** `intent`: what a caller's turn was understood to want. */
export interface IntentData {
  /** 0 to 1. */
  confidence: number;
  /** What was named: terms, amounts, durations, places, dates. */
  entities: Entity[];
  /** What is wanted of it: `eligibility`, `amount`, `procedure`, `materials`, `deadline`, `location`, `status`, `complaint`, `definition` or `other`. */
  intent: string;
  /** Whether the caller asked something. */
  is_question: boolean;
  /** The segment that it was read from. */
  segment_id: string;
  /** Topic id of the knowledge base (`unemployment_benefit`). */
  topic: string;
  /** The topic's name (`失业保险金`). */
  topic_name: string;
}
/** `ivr.entered`: a machine talks with a caller. */
export interface IvrEntered {
  /** As in `call.started`. */
  caller_hash?: string;
  /** The call that it is about. */
  contact: string;
  /** Where in the dialplan, when that is known. */
  node?: string;
  /** Names this session. */
  session: string;
}
/** How a session with a machine ended. */
export type IvrExit = "caller_hangup" | "to_queue" | "transfer" | "error";
/** `ivr.left`: the machine is done. */
export interface IvrLeft {
  /** How many of its turns were answered. */
  answers: number;
  /** The call that it is about. */
  contact: string;
  /** How long it took. */
  duration_ms: number;
  /** How many turns since the last answer were not. */
  fails_after_last_answer: number;
  /** How. */
  left: IvrExit;
  /** Nodes of the dialplan that it passed and no turn names. */
  nodes?: string[];
  /** As in `ivr.entered`. */
  session: string;
  /** Topics that it was about and no turn names. */
  topics?: string[];
}
/** `ivr.turn`: the caller was asked to speak, and this came of it. */
export interface IvrTurn {
  /** Whether the knowledge base had something to be read out. */
  answered: boolean;
  /** The call that it is about. */
  contact: string;
  /** Where in the dialplan, when that is known. */
  node?: string;
  /** When the dialplan got its answer, and could play it, from `ivr.entered`. */
  play_start_ms?: number;
  /** As in `ivr.entered`. */
  session: string;
  /** When the caller stopped to speak, from `ivr.entered`; absent when nobody spoke. */
  speech_end_ms?: number;
  /** The topic. */
  topic?: string;
  /** Whether the caller's words had a topic. */
  understood: boolean;
}
/** `knowledge.gap`: a caller asked something for which nothing was shown. */
export interface KnowledgeGap {
  /** What the agent answered and no hint held, masked; absent when they answered nothing of length. */
  answer?: string;
  /** ISO date that was asked about. */
  as_of: string;
  /** The nodes that came nearest, best first. */
  candidates: GapCandidate[];
  /** The turns before it, at most two, masked. */
  context: GapTurn[];
  /** How likely the base has an answer, 0 to 1, as the turn was understood. */
  in_base: number;
  /** Its text, masked. */
  question: string;
  /** GB/T 2260 code of the place that was asked about. */
  region: string;
  /** The caller's turn. */
  segment_id: string;
  /** The topic that it is likely about; absent when none is likely. */
  topic?: string;
  /** The topic's name. */
  topic_name?: string;
}
/** Milliseconds from the end of the caller's speech, stage by stage; of an early hint, from the moment at which the sound that set it off had been heard. */
export interface LatencyMs {
  /** Until the knowledge was found. */
  match: number;
  /** Until it was handed to the wire. */
  push: number;
  /** Until the text was final. */
  speech: number;
  /** Sum of the four. */
  total: number;
  /** Until its meaning was known. */
  understand: number;
}
/** One leg of a call. */
export interface LegInfo {
  /** The agent, when it is one that is known. */
  agent_id?: string;
  /** The channel's id on the switch. */
  leg_id: string;
  /** `caller` or `agent`. */
  role: string;
  /** How it is heard (`snoop`, `chanspy`, `recording`); absent when it is not heard. */
  tap?: string;
}
/** How an offer to an agent ended. */
export type OfferExit = "answered" | "no_answer" | "rejected" | "caller_gone" | "elsewhere";
/** How an agent left a call. */
export type PartExit = "hangup" | "blind" | "attended";
/** How an agent came to a call. */
export type PartHow = "queue" | "transfer" | "consult" | "direct";
/** One of the two who speak. */
export type Party = "caller" | "agent";
/** An earlier call of the same caller, as its wrap-up told. */
export interface PastCall {
  /** When it was wrapped up. */
  at: Timestamp;
  /** Which. */
  call_id: string;
  /** The wrap-up's request type. */
  request_type: string;
  /** The wrap-up's summary. */
  summary: string;
  /** What was left to do. */
  todos: string[];
  /** What it was about. */
  topics: PastTopic[];
}
/** A topic of an earlier call. */
export interface PastTopic {
  /** Its name. */
  name: string;
  /** Whether it was answered. */
  resolved: boolean;
  /** Its id in the knowledge base. */
  topic: string;
}
/** Who has asked that nothing be heard. */
export type PausedBy = "operator" | "dialplan";
/** `qa.hit`: a rule of conversation quality matched. */
export interface QaHit {
  /** Whether the rule forbids or demands. */
  kind?: QaKind;
  /** Plain words. */
  message: string;
  /** Of a rule that demands: whether it was done. */
  met?: boolean;
  /** Stable name of the rule. */
  rule: string;
  /** What it adds to the 100 points of the call, -100 to 100. */
  score?: number;
  /** Where. */
  segment_id: string;
}
/** What a rule of conversation quality says. */
export type QaKind = "violation" | "required";
/** `queue.entered`: a caller began to wait. */
export interface QueueEntered {
  /** As in `call.started`: for a caller who is never joined with an agent it is nowhere else. */
  caller_hash?: string;
  /** The call that it is about. */
  contact: string;
  /** Names this entry: a caller may enter a queue more than once. */
  entry: string;
  /** The queue. */
  queue: string;
}
/** How a wait in a queue ended. */
export type QueueExit = "answered" | "abandoned" | "timeout" | "overflow" | "full" | "callback" | "failed";
/** `queue.left`: the wait is over. */
export interface QueueLeft {
  /** Who answered, where somebody did. */
  agent_id?: string;
  /** The call that it is about. */
  contact: string;
  /** As in `queue.entered`. */
  entry: string;
  /** How. */
  left: QueueExit;
  /** The queue. */
  queue: string;
  /** From entering to this. */
  wait_ms: number;
}
/** A stretch of `text` that stands for personal data. */
export interface Redaction {
  /** First Unicode scalar value. */
  begin: number;
  /** One past the last. */
  end: number;
  /** What it was. */
  type: RedactionKind;
}
/** Kinds of personal data that are masked. */
export type RedactionKind = "id_card" | "phone" | "bank_card" | "digits" | "social_security" | "passport" | "permit" | "plate" | "email" | "address" | "name" | "account" | "birth_date" | "withheld";
/** What a warning rests on. */
export interface Risk {
  /** What the caller told that set it off. */
  facts: CalcInput[];
  /** Id of the rule that spoke. */
  rule: string;
}
/** 满意度预测. */
export type Satisfaction = "satisfied" | "neutral" | "dissatisfied";
/** Words for the agent. */
export interface Script {
  /** What must not be said or promised. */
  never: string[];
  /** What can be said. */
  say: string[];
}
/** A document that a hint rests on. */
export interface Source {
  /** `第四十五条`, where it is one article. */
  article?: string;
  /** What these words cite and the library has, as `document article`. */
  cites?: string[];
  /** 文号; empty for a statute, which has none. */
  doc_no: string;
  /** ISO date from which it applies. */
  effective_from?: string;
  /** ISO date of the last day on which it applies. */
  effective_to?: string;
  /** What took its place or ended it, of one that does not hold any more. */
  ended_by?: string;
  /** Whether it may be relied upon. */
  status: SourceStatus;
  /** Its whole words, where a library of statutes and cases has them. */
  text?: string;
  /** The document's name. */
  title: string;
  /** Where it can be read. */
  url?: string;
}
/** Whether a source may be relied upon on the day of the call. */
export type SourceStatus = "in_force" | "not_yet" | "repealed" | "sample";
/** A stretch of a text. */
export interface Span {
  /** First Unicode scalar value. */
  begin: number;
  /** One past the last. */
  end: number;
}
/** `speech.ended`. */
export interface SpeechEnded {
  /** From `call.started`. */
  begin_ms: number;
  /** From `call.started`. */
  end_ms: number;
  /** As in `speech.started`. */
  segment_id: string;
}
/** `speech.started`. */
export interface SpeechStarted {
  /** From `call.started`. */
  begin_ms: number;
  /** Names the segment in every event about it. */
  segment_id: string;
}
/** `survey.answered`: they have answered. */
export interface SurveyAnswered {
  /** The call that it is about. */
  contact: string;
  /** 1 (not at all) to 5 (very). */
  score: number;
}
/** `survey.offered`: a caller was asked how content they are. */
export interface SurveyOffered {
  /** The call that it is about. */
  contact: string;
}
/** `tap.down`: it is heard no more. */
export interface TapDown {
  /** From `call.started`: as in the `tap.up` before it. */
  begin_ms: number;
  /** From `call.started`. */
  end_ms: number;
  /** As in `tap.up`. */
  kind: string;
  /** `failed`, `left` when the leg or the call is over, or `stopped` when Sidetone stops and the call goes on. */
  reason: string;
}
/** `tap.up`: from now on the leg is heard. */
export interface TapUp {
  /** From `call.started`. */
  begin_ms: number;
  /** How (`snoop`, `chanspy`, `module`, …). */
  kind: string;
}
/** `ticket.closed`: it is done. */
export interface TicketClosed {
  /** As in `ticket.created`. */
  ticket: string;
}
/** `ticket.created`: the CRM opened a ticket. */
export interface TicketCreated {
  /** The call that it came of, when it came of one. */
  contact?: string;
  /** When it is to be closed: RFC 3339. */
  due?: string;
  /** The ticket's id in the CRM. */
  ticket: string;
  /** What it is about: a topic of the knowledge base. */
  topic?: string;
}
/** How much a hint matters. On the wire a number. */
export type Tier = number;
/** UTC with milliseconds, `2026-11-22T08:00:00.123Z`. */
export type Timestamp = string;
/** One thing that the call was about. */
export interface Topic {
  /** The caller's segments about it. */
  evidence: string[];
  /** As in `intent`. */
  intent: string;
  /** Its name. */
  name: string;
  /** Whether it was answered. */
  resolved: boolean;
  /** Topic id of the knowledge base. */
  topic: string;
}
/** `transcript.partial`, `transcript.final`, `transcript.revised`. */
export interface Transcript {
  /** From `call.started`. */
  begin_ms: number;
  /** 0 to 1, the recogniser's own opinion. */
  confidence: number;
  /** From `call.started`. */
  end_ms: number;
  /** Nothing of this text will change, save by `transcript.revised`. */
  is_final: boolean;
  /** BCP 47, `zh`. */
  lang: string;
  /** What was masked in `text`. */
  redactions: Redaction[];
  /** Rises with every version of this segment's text; keep the highest. */
  rev: number;
  /** As in `speech.started`. */
  segment_id: string;
  /** Of `text`, how many Unicode scalar values at its head will stay as they are until the final. All of a final's. It never falls within a segment, save to 0 while an operator withholds the text. */
  stable?: number;
  /** Masked text, simplified characters, numbers as digits. */
  text: string;
}
/** What set a hint off. */
export interface Trigger {
  /** As in `intent`. */
  entities: Entity[];
  /** As in `intent`, `topic/intent`. */
  intent: string;
  /** The caller's turn. */
  segment_id: string;
}
/** What changed in `call.updated`. */
export type UpdateReason = "joined" | "left" | "transfer" | "hold" | "resume" | "tap" | "control";
/** `wrapup.draft` and `wrapup.final`. */
export interface Wrapup {
  /** The threefold check of each value that is no default: what was heard, what it was understood as, which intent it serves. */
  checks?: Check[];
  /** Whether all seven elements are filled. "无" counts as filled only where nothing was said of the element. */
  complete: boolean;
  /** The elements. */
  elements: WrapupElements;
  /** The engine whose wording was taken, by its name in the configuration; absent where the rules' wording stands. */
  engine?: string;
  /** Two or three sentences for the record. */
  summary: string;
  /** What the call was about, in the order in which it came up; one entry for each topic. */
  topics: Topic[];
}
/** The seven elements. A value is never blank: "无" says that there is none. */
export interface WrapupElements {
  /** 处理建议. */
  advice: Element2;
  /** 涉及政策. */
  policies: Element2;
  /** 诉求类型: 咨询, 办理, 投诉, 查询 … */
  request_type: Element;
  /** 风险提示. */
  risks: Element2;
  /** 满意度预测. */
  satisfaction: Element3;
  /** 咨询主体: who asks (个人, 灵活就业人员, 用人单位, 家属 …). */
  subject: Element;
  /** 待办事项. */
  todos: Element2;
}
/** One event of one call. */
export interface EventBase {
  /** The agent on the call when it was published. */
  agent_id?: string;
  /** The call. */
  call_id: string;
  /** The leg that it is about, where it is about one. */
  leg_id?: string;
  /** `caller` or `agent`, where it is about one leg. */
  role?: "caller" | "agent";
  /** Rises by one per call, from 1. `(call_id, seq)` names an event for ever: seen twice, it is the same. */
  seq: number;
  /** When it was published: UTC, RFC 3339, milliseconds. */
  ts: Timestamp;
  /** Version of this contract: 1. */
  v: number;
}

/** Of a type that this version does not know. */
export type OtherEvent = EventBase & { type: string; data: unknown };

export type Event =
  | (EventBase & { type: "call.started"; data: CallStarted })
  | (EventBase & { type: "call.updated"; data: CallUpdated })
  | (EventBase & { type: "call.ended"; data: CallEnded })
  | (EventBase & { type: "speech.started"; data: SpeechStarted })
  | (EventBase & { type: "speech.ended"; data: SpeechEnded })
  | (EventBase & { type: "transcript.partial"; data: Transcript })
  | (EventBase & { type: "transcript.final"; data: Transcript })
  | (EventBase & { type: "transcript.revised"; data: Transcript })
  | (EventBase & { type: "intent"; data: IntentData })
  | (EventBase & { type: "hint.new"; data: HintData })
  | (EventBase & { type: "hint.update"; data: HintData })
  | (EventBase & { type: "hint.expire"; data: HintExpire })
  | (EventBase & { type: "wrapup.draft"; data: Wrapup })
  | (EventBase & { type: "wrapup.final"; data: Wrapup })
  | (EventBase & { type: "wrapup.corrected"; data: CorrectedWrapup })
  | (EventBase & { type: "audio.gap"; data: AudioGap })
  | (EventBase & { type: "knowledge.gap"; data: KnowledgeGap })
  | (EventBase & { type: "qa.hit"; data: QaHit })
  | (EventBase & { type: "emotion.segment"; data: EmotionSegment })
  | (EventBase & { type: "error"; data: Fault })
  | (EventBase & { type: "tap.up"; data: TapUp })
  | (EventBase & { type: "tap.down"; data: TapDown })
  | (EventBase & { type: "contact.entered"; data: ContactEntered })
  | (EventBase & { type: "contact.left"; data: ContactLeft })
  | (EventBase & { type: "queue.entered"; data: QueueEntered })
  | (EventBase & { type: "queue.left"; data: QueueLeft })
  | (EventBase & { type: "agent.offered"; data: AgentOffered })
  | (EventBase & { type: "agent.offer_ended"; data: AgentOfferEnded })
  | (EventBase & { type: "agent.state"; data: AgentStateChanged })
  | (EventBase & { type: "agent.acw_ended"; data: AgentAcwEnded })
  | (EventBase & { type: "ivr.entered"; data: IvrEntered })
  | (EventBase & { type: "ivr.turn"; data: IvrTurn })
  | (EventBase & { type: "ivr.left"; data: IvrLeft })
  | (EventBase & { type: "survey.offered"; data: SurveyOffered })
  | (EventBase & { type: "survey.answered"; data: SurveyAnswered })
  | (EventBase & { type: "ticket.created"; data: TicketCreated })
  | (EventBase & { type: "ticket.closed"; data: TicketClosed })
  | (EventBase & { type: "facts.ended"; data: FactsEnded });
