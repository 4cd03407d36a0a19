// The queue wall: who waits, who is there to answer, and how the last half hour went.
import { clock, el, share, t } from "./dom.js";
import { ask } from "./wire.js";

const STATES = ["ready", "ring", "talk", "acw", "break", "offline"];
/** A wait of this many ms is shown as an alarm. */
const LONG = 60_000;

export class WallPage extends HTMLElement {
  connectedCallback() {
    this.className = "page";
    this.tabIndex = 0;
    this.load();
    this.timer = setInterval(() => this.load(), 2000);
  }

  disconnectedCallback() { clearInterval(this.timer); }

  async load() {
    const wall = await ask("/api/wall").catch(() => null);
    if (!this.isConnected) return;
    if (!wall) return this.replaceChildren(el("h2", {}, t("wall")), el("p", { class: "warn", role: "status" }, t("away")));
    const queues = Object.entries(wall.queues), minutes = Math.round(wall.window_ms / 60_000);
    this.replaceChildren(el("h2", {}, t("wall")), el("p", { class: "quiet" }, t("wall_window").replace("{n}", minutes)),
      queues.length ? el("div", { class: "tiles" }, ...queues.map(([name, queue]) => tile(name, queue))) : el("p", { class: "quiet" }, t("no_queues")),
      el("h2", {}, t("agents")), ...agents(wall.agents));
  }
}

function tile(name, queue) {
  const waits = queue.longest_since ? Date.now() - queue.longest_since : 0;
  const row = (label, value, warn) => el("div", {}, el("dt", {}, label), el("dd", { class: warn ? "warn" : null }, value));
  return el("section", { class: `tile${waits > LONG ? " alarm" : ""}`, "aria-label": name }, el("h3", {}, name),
    el("p", { class: "big" }, el("b", {}, String(queue.waiting)), ` ${t("waiting")}`),
    el("dl", {}, row(t("longest_wait"), queue.longest_since ? clock(waits) : "–", waits > LONG),
      row(t("answered"), String(queue.answered)), row(t("in_time"), share(queue.in_time, queue.counted)),
      row(t("abandoned"), String(queue.abandoned)), row(t("other_left"), String(queue.other)),
      row(t("average_wait"), queue.answered ? clock(queue.wait_ms / queue.answered) : "–")));
}

function agents(all) {
  if (!all.length) return [el("p", { class: "quiet" }, t("no_agents"))];
  const now = Date.now();
  return STATES.map(state => [state, all.filter(agent => agent.state === state)]).filter(([, some]) => some.length).map(([state, some]) =>
    el("section", { class: "states", "aria-label": t(`state_${state}`) }, el("h3", {}, `${t(`state_${state}`)} ${some.length}`), el("ul", {},
      ...some.sort((a, b) => a.since - b.since).map(agent =>
        el("li", { class: `state is-${state}` }, el("b", {}, agent.agent_id), ` ${clock(now - agent.since)} `, agent.reason ?? "")))));
}

customElements.define("wall-page", WallPage);
