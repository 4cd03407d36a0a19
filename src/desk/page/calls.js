// The list of calls, and one of them.
import { el, t } from "./dom.js";
import { ask } from "./wire.js";
import { SidetonePanel } from "./panel.js";

export class CallsPage extends HTMLElement {
  #chosen = null;
  #due = false;

  constructor(wire, me) {
    super();
    Object.assign(this, { wire, me });
    this.className = "desk";
    this.list = el("nav", { id: "calls", "aria-label": t("calls") });
    this.panel = new SidetonePanel();
    const orders = ["pause", "mask", "resume"].map(command => el("button", { onclick: () => this.#order(command) }, t(command)));
    this.replaceChildren(this.list, el("main", {}, el("div", { class: "orders", role: "group", "aria-label": t("listening") }, ...orders), this.panel));
    wire.addEventListener("call", ({ detail: { call, event } }) => this.#take(call, event));
    this.#entries();
  }

  #take(call, event) {
    const next = event.type === "call.started" && this.me.role === "agent" && (this.#chosen?.ended || !this.#chosen?.began);
    if (!this.#chosen || next) this.#choose(call);
    else if (call === this.#chosen) this.panel.update(event.type);
    if (event.type.startsWith("call.") || event.type === "error" || event.type === "audio.gap") this.#list();
  }

  #choose(call) {
    this.#chosen = call;
    this.panel.call = call;
    this.#list();
  }

  /** Draws the list once for all events of a frame. */
  #list() {
    if (this.#due) return;
    this.#due = true;
    setTimeout(() => { this.#due = false; this.#entries(); }, 30);
  }

  #entries() {
    const calls = [...this.wire.calls.values()].sort((a, b) => (a.ended ? 1 : 0) - (b.ended ? 1 : 0) || b.began - a.began);
    const focused = this.list.contains(document.activeElement) ? document.activeElement.dataset.call : null;
    this.list.replaceChildren(el("h2", {}, t("calls")), ...calls.map(call => el("button", {
      class: call.ended ? "over" : "", "aria-current": String(call === this.#chosen), "data-call": call.id, onclick: () => this.#choose(call),
    }, el("b", {}, call.caller || call.id), el("span", {}, `${call.agent || "–"} · ${call.ended ? t("ended") : t("live")}`),
    call.notes.length ? el("span", { class: "warn" }, `${t("alarms")} ${call.notes.length}`) : null)));
    if (!calls.length) this.list.append(el("p", { class: "quiet" }, t("no_calls")));
    if (focused) [...this.list.querySelectorAll("button")].find(button => button.dataset.call === focused)?.focus();
  }

  #order(command) {
    if (!this.#chosen) return;
    ask(`/api/calls/${encodeURIComponent(this.#chosen.id)}/control`, { command }).catch(() => this.panel.say(t("not_sent_to_server")));
  }
}

customElements.define("calls-page", CallsPage);
