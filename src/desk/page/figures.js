// Metrics: asked in words, or picked from the registry with a window and a grouping.
import { figure, markOf, span } from "./chart.js";
import { either, el, t } from "./dom.js";
import { Microphone, hasMicrophone } from "./microphone.js";
import { ask } from "./wire.js";

const MINUTE = 60_000, DAY = 86_400_000, EAST = 8 * 3_600_000;
const WINDOWS = ["today", "yesterday", "last_7", "last_30", "custom"];
const GRAINS = ["minute", "hour", "day", "week", "month"];
let registry;

/** Metrics by id, as they are called in the page's language; `asked` is how a question calls one. */
async function metrics() {
  registry ??= ask("/api/metrics/registry");
  const all = await registry.catch(error => { registry = undefined; throw error; });
  return new Map(all.map(metric => [metric.id, { ...metric, asked: metric.name, name: either(metric.name, metric.english), unit: either(metric.unit, metric.english_unit) }]));
}

export class FiguresPage extends HTMLElement {
  #before = null;

  async connectedCallback() {
    this.className = "page";
    this.tabIndex = 0;
    this.out = el("div", { class: "answer", "aria-live": "polite" });
    try { this.metrics = await metrics(); } catch { return this.replaceChildren(el("p", { class: "warn" }, t("away"))); }
    this.replaceChildren(el("h2", {}, t("asking")), this.#asking(), el("h2", {}, t("metrics")), this.#picking(), this.out);
  }

  #asking() {
    this.question = el("input", { id: "question", type: "search", maxlength: "200", placeholder: t("question_example"), required: true });
    return el("form", { class: "row", onsubmit: event => { event.preventDefault(); this.#ask(); } },
      el("label", { for: "question" }, t("question")), this.question, el("button", {}, t("ask_it")), hasMicrophone() ? this.#speaking() : null);
  }

  /** What is heard is shown in the box, and asked. */
  #speaking() {
    const button = el("button", { type: "button", id: "speak", "aria-pressed": "false" }, t("speak_it"));
    const microphone = new Microphone();
    button.addEventListener("click", async () => {
      if (button.getAttribute("aria-pressed") === "true") return microphone.stop();
      button.setAttribute("aria-pressed", "true");
      button.textContent = t("recording");
      try {
        const sound = await microphone.record();
        const { text } = sound ? await ask("/api/ask/sound", sound) : { text: "" };
        if (!text) return this.#say("not_heard");
        this.question.value = text;
        await this.#ask();
      } catch (error) { this.#say(error.status ? "no_ears" : "no_microphone"); } finally {
        button.setAttribute("aria-pressed", "false");
        button.textContent = t("speak_it");
      }
    });
    return button;
  }

  #picking() {
    const select = (id, values) => el("select", { id }, ...values.map(([value, text]) => el("option", { value }, text)));
    const pick = select("metric", [...this.metrics.values()].map(metric => [metric.id, `${metric.id} ${metric.name}`]));
    const when = select("when", WINDOWS.map(name => [name, t(name)])), grain = select("grain", [["", t("none")], ...GRAINS.map(name => [name, t(`grain_${name}`)])]);
    const by = el("select", { id: "by" }), from = el("input", { id: "from", type: "datetime-local" }), to = el("input", { id: "to", type: "datetime-local" });
    const own = el("span", { class: "row", hidden: true }, el("label", { for: "from" }, t("from")), from, el("label", { for: "to" }, t("to")), to);
    const fit = () => {
      const metric = this.metrics.get(pick.value);
      by.replaceChildren(el("option", { value: "" }, t("none")), ...metric.dimensions.map(name => el("option", { value: name }, t(`by_${name}`))));
      grain.disabled = metric.window === "R";
    };
    pick.addEventListener("change", fit);
    when.addEventListener("change", () => { own.hidden = when.value !== "custom"; });
    fit();
    const send = event => {
      event.preventDefault();
      const between = when.value === "custom" ? [from.value, to.value].map(value => Date.parse(`${value}:00+08:00`)) : windowOf(when.value, Date.now());
      this.#show(pick.value, between, by.value, grain.disabled ? "" : grain.value);
    };
    const field = (id, input) => [el("label", { for: id }, t(id)), input];
    return el("form", { class: "row", id: "pick", onsubmit: send }, ...field("metric", pick), ...field("when", when), own, ...field("by", by), ...field("grain", grain), el("button", {}, t("show")));
  }

  async #show(metric, [from, to], by, grain) {
    const query = new URLSearchParams({ metric, window: `${from}/${to}`, ...(by && { by }), ...(grain && { grain }) });
    try {
      const rows = await ask(`/api/metrics?${query}`);
      this.#draw(markOf(rows), rows, `${this.metrics.get(metric).name} · ${span(from, to)}`);
    } catch (error) { this.#say(error.status === 404 ? "no_archive" : "no_answer", error.why); }
  }

  async #ask() {
    try {
      this.#answered(await ask("/api/ask", { text: this.question.value, ...(this.#before && { follows: this.#before }) }));
    } catch (error) { this.#say(error.status === 404 ? "no_archive" : "no_answer", error.why); }
  }

  /** A question that was asked on the telephone, with its answer. */
  async told(news) {
    try { this.metrics ??= await metrics(); } catch { return; }
    if (this.question) this.question.value = news.text;
    this.#answered(news);
  }

  #answered(answer) {
    if (answer.kind !== "query") return this.#back(answer);
    this.#before = answer.query;
    const rows = answer.rows ?? [];
    const said = either(answer.said, answer.english);
    if (!answer.rows) return this.#say("no_archive", said);
    this.#draw(answer.chart?.kind ?? markOf(rows), rows, said);
  }

  #back(answer) {
    const choices = (answer.candidates ?? []).filter(id => this.metrics.has(id)).map(id => el("button", {
      onclick: () => { this.question.value = this.metrics.get(id).asked; this.question.focus(); } }, this.metrics.get(id).name));
    this.out.replaceChildren(el("p", { class: answer.kind === "refusal" ? "warn" : "asked", role: "status" }, either(answer.text, answer.english)), ...choices);
  }

  #draw(mark, rows, title) {
    this.out.replaceChildren(rows.length ? figure(mark, rows, this.metrics, title) : el("p", { class: "quiet" }, `${title}: ${t("nothing")}`));
  }

  #say(key, why) { this.out.replaceChildren(el("p", { class: "warn", role: "alert" }, t(key), why ? ` ${why}` : "")); }
}

/** Whole minutes, days of Asia/Shanghai. */
export function windowOf(name, now) {
  const today = Math.floor((now + EAST) / DAY) * DAY - EAST, minute = Math.floor(now / MINUTE) * MINUTE;
  switch (name) {
    case "yesterday": return [today - DAY, today];
    case "last_7": return [today - 7 * DAY, today];
    case "last_30": return [today - 30 * DAY, today];
    default: return [today, Math.max(minute, today + MINUTE)];
  }
}

customElements.define("figures-page", FiguresPage);
