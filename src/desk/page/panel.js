// <sidetone-panel>: one call. Set `call` to a Call and tell it of each event by `update(type)`.
import { clock, el, marked, t } from "./dom.js";
import { copy, source } from "./search.js";
import { feedback, keep, kept } from "./wire.js";

const ELEMENTS = ["subject", "request_type", "policies", "advice", "todos", "risks", "satisfaction"];
const MOODS = ["satisfied", "neutral", "dissatisfied"];

export class SidetonePanel extends HTMLElement {
  #call = null;
  #lines = new Map();
  #edited = new Map();
  #pins = {};

  connectedCallback() {
    this.timer = setInterval(() => this.#head(), 1000);
    if (!this.head) this.#build();
  }

  disconnectedCallback() { clearInterval(this.timer); }

  get call() { return this.#call; }
  set call(call) {
    this.#call = call;
    this.#lines.clear();
    this.#edited = new Map(Object.entries(kept(call.id, "edited")));
    this.#pins = kept(call.id, "pins");
    this.#build();
  }

  #build() {
    this.head = el("header", { class: "line" });
    this.notes = el("div", { class: "notes", role: "status" });
    this.talk = el("ol", { class: "talk", tabindex: "0", "aria-label": t("transcript") });
    this.cards = el("div", { class: "cards", "aria-live": "polite" });
    this.draft = el("div", { class: "draft" });
    this.replaceChildren(this.head, this.notes, el("div", { class: "columns" },
      el("section", { "aria-label": t("transcript") }, el("h2", {}, t("transcript")), this.talk),
      el("section", { "aria-label": t("hints"), class: "side", tabindex: "0" }, el("h2", {}, t("hints")), el("search-box"), this.cards),
      el("section", { "aria-label": t("wrapup"), class: "side", tabindex: "0" }, el("h2", {}, t("wrapup")), this.draft)));
    for (const kind of ["call.", "transcript.", "hint.", "wrapup."]) this.update(kind);
  }

  /** Shows what an event of this type changed. */
  update(type) {
    if (!this.#call) return;
    if (type.startsWith("transcript.")) this.#transcript();
    else if (type.startsWith("hint.")) this.#hints();
    else if (type.startsWith("wrapup.")) this.#wrapup();
    else { this.#head(); this.#marks(); if (type === "call.ended") this.#hints(); }
  }

  #head() {
    const call = this.#call;
    if (!call || !this.head) return;
    const lasts = (call.ended || Date.now()) - call.began;
    const text = [call.caller || t("unknown"), call.queue && `${t("queue")} ${call.queue}`, call.agent && `${t("agent")} ${call.agent}`];
    this.head.replaceChildren(el("strong", {}, text.filter(Boolean).join(" · ")),
      el("span", { class: "time" }, call.began ? clock(lasts) : ""), el("span", {}, call.ended ? t("ended") : t("live")));
  }

  #marks() {
    const call = this.#call, lines = [];
    const deaf = call.legs.filter(leg => !leg.tap).map(leg => `${t("deaf")}: ${t(leg.role)}`);
    if (!call.ended) lines.push(...deaf);
    if (call.masked) lines.push(t("masked"));
    if (call.paused.length) lines.push(`${t("paused")} (${call.paused.map(t).join(", ")})`);
    if (call.hold) lines.push(t("hold"));
    for (const note of call.notes.slice(-3)) {
      lines.push(note.kind === "gap"
        ? `${t("gap")} ${t(note.role)} ${clock(note.begin_ms)}–${note.open ? "…" : clock(note.end_ms)} (${t(note.cause)})`
        : fault(note));
    }
    this.notes.replaceChildren(...lines.map(line => el("p", { title: line.title }, line.text ?? line)));
  }

  #transcript() {
    const near = this.talk.scrollHeight - this.talk.scrollTop - this.talk.clientHeight < 80;
    const said = this.#call.said(), there = new Set(said.map(segment => segment.segment_id));
    for (const [id, line] of this.#lines) if (!there.has(id)) { line.remove(); this.#lines.delete(id); }
    let before = null;
    for (const segment of said) {
      let line = this.#lines.get(segment.segment_id);
      if (!line) {
        line = el("li", { class: segment.role, "data-segment": segment.segment_id, tabindex: "-1" });
        this.#lines.set(segment.segment_id, line);
      }
      if (line.rev !== segment.rev || line.final !== segment.is_final) {
        const letters = [...segment.text], firm = segment.is_final ? letters.length : segment.stable ?? 0;
        line.replaceChildren(el("span", { class: "who" }, `${t(segment.role)} ${clock(segment.begin_ms)}`),
          el("span", { class: "firm" }, letters.slice(0, firm).join("")), el("span", { class: "faint" }, letters.slice(firm).join("")));
        Object.assign(line, { rev: segment.rev, final: segment.is_final });
      }
      const place = before ? before.nextSibling : this.talk.firstChild;
      if (place !== line) this.talk.insertBefore(line, place);
      before = line;
    }
    if (near) this.talk.scrollTop = this.talk.scrollHeight;
  }

  #hints() {
    for (const hint of this.#call.hints.values()) hint.pinned = hint.pinned ?? !!this.#pins[hint.hint_id];
    this.cards.replaceChildren(...this.#call.shown().map(hint => this.#card(hint)));
    if (!this.cards.firstChild) this.cards.append(el("p", { class: "quiet" }, t("no_hints")));
  }

  #pin(hint) {
    hint.pinned = !hint.pinned;
    this.#pins[hint.hint_id] = hint.pinned;
    keep(this.#call.id, "pins", this.#pins);
    this.#hints();
    this.cards.querySelector(`[data-hint="${CSS.escape(hint.hint_id)}"] [aria-pressed]`)?.focus();
  }

  #card(hint) {
    const act = (action, more) => feedback(this.#call.id, { action, hint_id: hint.hint_id, ...more });
    const buttons = hint.gone ? [] : [
      el("button", { onclick: () => { copy(`${hint.title}\n${hint.body}`); act("copied"); } }, t("copy")),
      el("button", { "aria-pressed": String(!!hint.pinned), onclick: () => { this.#pin(hint); act("clicked"); } }, t("pin")),
      el("button", { onclick: () => { act("dismissed"); this.#call.hints.delete(hint.hint_id); this.#hints(); } }, t("dismiss")),
    ];
    return el("article", { class: `card tier${hint.tier}${hint.gone ? " gone" : ""}`, "data-hint": hint.hint_id },
      el("h3", {}, hint.title), hint.gone ? el("p", { class: "warn" }, t(hint.gone)) : null,
      el("p", { class: "body" }, ...marked(hint.body, hint.highlights ?? [])), ...detail(hint),
      ...(hint.sources ?? []).map(source), el("footer", {}, el("span", {}, t(`tier${hint.tier}`)),
        hint.region ? el("span", {}, hint.region.name) : null, ...buttons));
  }

  #wrapup() {
    const wrapup = this.#call.wrapup;
    if (!wrapup) return this.draft.replaceChildren(el("p", { class: "quiet" }, t("no_wrapup")));
    // What is being typed stays.
    if (this.draft.contains(document.activeElement) && document.activeElement.localName === "textarea") return;
    const fields = ELEMENTS.filter(name => wrapup.elements[name]).map(name => this.#element(name, wrapup.elements[name]));
    this.draft.replaceChildren(el("p", { class: "quiet" }, this.#call.final ? t("final") : t("draft")), ...fields,
      el("p", { class: "summary" }, wrapup.summary));
  }

  #element(name, element) {
    const heard = Array.isArray(element.value) ? element.value.join("\n") : element.value;
    const value = this.#edited.get(name) ?? (name === "satisfaction" ? t(heard) : heard);
    const field = el("textarea", { id: `w-${name}`, rows: Math.min(6, 1 + value.split("\n").length + Math.floor(value.length / 24)) });
    field.value = value;
    const mark = el("span", { class: "quiet", role: "status" }, this.#edited.has(name) ? t("edited") : "");
    field.addEventListener("change", async () => {
      const call = this.#call;
      this.#edited.set(name, field.value);
      keep(call.id, "edited", Object.fromEntries(this.#edited));
      // The wire has a word of its own for how satisfied somebody is.
      const text = name === "satisfaction" ? MOODS.find(mood => t(mood) === field.value.trim()) ?? "" : field.value;
      const taken = text !== "" && await feedback(call.id, { action: "corrected", segment_id: `wrapup.${name}`, text });
      mark.textContent = t(taken ? "edited" : "not_saved");
      mark.className = taken ? "quiet" : "warn";
    });
    const jumps = (element.evidence ?? []).slice(0, 5).map((id, at) =>
      el("button", { class: "jump", "aria-label": `${t("evidence")} ${at + 1}: ${t(name)}`, onclick: () => this.jump(id) }, String(at + 1)));
    return el("div", { class: "element" }, el("label", { for: `w-${name}` }, t(name)), ...jumps, mark, field);
  }

  /** Tells the user something, until the call changes. */
  say(text) { this.notes.replaceChildren(el("p", {}, text)); }

  /** Goes to a segment of the transcript. */
  jump(id) {
    const line = this.#lines.get(id);
    if (!line) return;
    for (const old of this.talk.querySelectorAll(".found")) old.classList.remove("found");
    line.classList.add("found");
    line.scrollIntoView({ block: "center" });
    line.focus({ preventScroll: true });
  }
}

function detail(hint) {
  const parts = [];
  if (hint.calc) {
    parts.push(el("p", { class: "calc" }, hint.calc.formula));
    for (const lacks of hint.calc.missing ?? []) parts.push(el("p", { class: "warn" }, `${t("ask")}: ${lacks.question}`));
  }
  for (const row of hint.compare?.rows ?? []) {
    parts.push(el("p", {}, `${row.label} ${row.left} → ${row.right} ${row.percent ? `(${row.percent})` : ""}`));
  }
  for (const way of hint.channels ?? []) parts.push(el("p", {}, way.name ?? t(way.kind)), list(way.steps), list(way.materials));
  if (hint.script) parts.push(...hint.script.say.map(say => el("blockquote", {}, say)),
    ...hint.script.never.map(never => el("p", { class: "warn" }, `${t("never")}: ${never}`)));
  for (const past of hint.past_calls ?? []) parts.push(el("p", {}, `${past.at?.slice(0, 10) ?? ""} ${past.summary ?? ""}`));
  return parts.filter(Boolean);
}

/** What failed, in words of the page where its code is known; the daemon's own words are shown when it is pointed at. */
function fault({ kind, role, code, message }) {
  const key = `fault_${code}`, known = t(key) !== key;
  return { title: message, text: [t(kind), role && t(role), known ? t(key) : message].filter(Boolean).join(": ") };
}

const list = items => items?.length ? el("ol", {}, ...items.map(item => el("li", {}, item))) : null;

customElements.define("sidetone-panel", SidetonePanel);
