// How the system is, for administrators: the daemon's parts, its figures by part, and what `sidetone doctor` finds.
import { el, t } from "./dom.js";
import { ask } from "./wire.js";

/** Parts by how their figures begin, in the order in which they are shown. */
const PARTS = [["switch", /^sidetone_(asterisk|freeswitch|telephony)_/], ["taps", /^sidetone_(media|tap|siprec|audio)_/], ["calls", /^sidetone_(engine|callers|control|shedding)/],
  ["models", /^sidetone_(asr|speech|models)_/], ["redis", /^sidetone_(wire|feedback|callers)_/], ["engines", /^sidetone_llm_/], ["knowledge", /^sidetone_(assist|knowledge|domain)/], ["rest", /./]];
/** Figures that say whether the daemon is connected with something. */
const LINKS = [["Asterisk", /^sidetone_asterisk_ami_connected/], ["FreeSWITCH", /^sidetone_freeswitch_esl_connected/], ["mod_sidetone", /^sidetone_freeswitch_module_connected/],
  ["Redis", /^sidetone_wire_redis_up/]];
/** So often the doctor is asked again while the page is shown, ms. */
const EXAMINE = 60000;
/** Figures that count what was lost. */
const LOST = /(dropped|shed|overrun|errors|faults|refused|abandoned|given_up|inbox_full|unanswered|busy|opened)[a-z_]*(\{|$)/;

export class SystemPage extends HTMLElement {
  connectedCallback() {
    this.className = "page system";
    this.tabIndex = 0;
    this.state = el("div");
    this.doctor = el("div", { "aria-live": "polite" });
    this.replaceChildren(el("h2", {}, t("system")), this.state, el("h2", {}, t("doctor")),
      el("button", { id: "examine", onclick: () => this.#examine() }, t("examine")), this.doctor);
    this.#load();
    this.#examine();
    this.timers = [setInterval(() => this.#load(), 5000), setInterval(() => document.hidden || this.#examine(true), EXAMINE)];
  }

  disconnectedCallback() { this.timers.forEach(clearInterval); }

  async #load() {
    const found = await ask("/api/health").catch(() => null);
    if (!this.isConnected) return;
    if (!found) return this.state.replaceChildren(el("p", { class: "warn" }, t("away")));
    const ready = parsed(found.ready), missing = Object.entries(ready?.missing ?? {});
    const daemon = !ready ? t("no_daemon") : missing.length ? missing.map(([part, why]) => `${part}: ${why}`).join("; ") : t("is_ready");
    const shed = ready?.shedding?.length ? [row(t("shedding"), ready.shedding.join(", "), true)] : [];
    const open = new Set([...this.state.querySelectorAll("details[open]")].map(part => part.dataset.part));
    this.state.replaceChildren(el("table", {}, el("tbody", {}, row("Redis", `${found.redis_address} · ${found.redis ? t("connected") : t("away")}`, !found.redis),
      row(t("daemon"), daemon, !ready || missing.length > 0), ...links(found.figures), ...shed, ...archive(found.archive),
      row(t("screens"), `${found.screens} / ${found.screens_max}`), row(t("screens_refused"), found.screens_refused, found.screens_refused > 0))),
    ...parts(found.figures, open));
  }

  /** `again`: what was found last stays until there is something new. One at a time is examined; who asks meanwhile gets the answer of the first. */
  async #examine(again) {
    if (!again) this.doctor.replaceChildren(el("p", { class: "quiet" }, t("examining")));
    const found = await ask("/api/doctor", {}).catch(error => ({ status: error.status, error: error.status === 404 ? "no_doctor" : "no_answer" }));
    if (!this.isConnected || found.status === 429) return;
    if (found.error) return this.doctor.replaceChildren(el("p", { class: "warn" }, t(found.error)));
    this.doctor.replaceChildren(el("p", { class: "quiet" }, t("examined_at").replace("{time}", clock(Date.now()))), el("table", {}, el("tbody", {}, ...found.map(line => el("tr", { class: line.severity },
      el("th", { scope: "row" }, `${t(`is_${line.severity}`)} · ${line.check}`), el("td", {}, line.found, line.cure ? el("p", { class: "warn" }, `→ ${line.cure}`) : null))))));
  }
}

const row = (name, value, warn) => el("tr", {}, el("th", { scope: "row" }, name), el("td", { class: warn ? "warn" : null }, value));

/** A time of day in the page's language. */
const clock = ms => new Date(ms).toLocaleTimeString(document.documentElement.lang);

/** What the daemon is connected with, by its own figures. */
function links(lines) {
  return LINKS.flatMap(([name, begins]) => lines.filter(line => begins.test(line)).map(line => {
    const up = !line.endsWith(" 0"), which = line.match(/\{(.*)\}/)?.[1];
    return row(`${t("daemon")} · ${name}${which ? ` ${which}` : ""}`, up ? t("connected") : t("away"), !up);
  }));
}

/** How far the archive is. */
function archive(read) {
  if (!read) return [];
  const at = read.stood_at ? clock(read.stood_at) : "–";
  const state = read.stopped || t("archive_stands").replace("{n}", read.new).replace("{time}", at);
  return [row(t("archive"), state, Boolean(read.stopped)), ...(read.bad ? [row(t("archive_bad"), read.bad, true)] : [])];
}

function parsed(text) {
  try { return JSON.parse(text); } catch { return null; }
}

function parts(lines, open) {
  const figures = lines.map(line => line.match(/^(.*) (\S+)$/)).filter(Boolean).filter(([, name]) => !/_bucket\{|_bucket$/.test(name));
  const by = new Map(PARTS.map(([part]) => [part, []]));
  for (const [, name, value] of figures) by.get(PARTS.find(([, begins]) => begins.test(name))[0]).push([name, value]);
  return [...by].filter(([, some]) => some.length).map(([part, some]) => {
    const lost = some.filter(([name, value]) => LOST.test(name.replace(/\{.*/, "")) && Number(value) > 0);
    const note = lost.length ? el("span", { class: "warn" }, ` · ${t("lost_some").replace("{n}", lost.length)}`) : null;
    return el("details", { "data-part": part, open: open.has(part) }, el("summary", {}, `${t(`part_${part}`)} (${some.length})`, note),
      el("table", {}, el("tbody", {}, ...some.map(([name, value]) => row(name, value, lost.some(([other]) => other === name))))));
  });
}

customElements.define("system-page", SystemPage);
