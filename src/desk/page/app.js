// The page: login, the list of calls, one call, and how the system is.
import { el, speak, t } from "./dom.js";
import { Wire, ask, setToken } from "./wire.js";
import "./panel.js";

const root = document.getElementById("desk");
let me = null, wire = null, panel = null, chosen = null, language = localStorage.getItem("language") ?? "zh";
const theme = localStorage.getItem("theme");
if (theme) document.documentElement.dataset.theme = theme;

async function begin() {
  await speak(language);
  try { me = await ask("/api/me"); } catch { me = await ask("/api/sso", {}).catch(() => null); }
  if (!me) return login();
  setToken(me.csrf);
  desk();
}

function login(fault) {
  const name = el("input", { id: "name", autocomplete: "username", required: true });
  const password = el("input", { id: "password", type: "password", autocomplete: "current-password", required: true });
  const send = async event => {
    event.preventDefault();
    try {
      me = await ask("/api/login", { name: name.value, password: password.value });
      setToken(me.csrf);
      desk();
    } catch (error) { login(error.status === 429 ? "slow_down" : error.status === 401 ? "wrong" : "away"); }
  };
  root.replaceChildren(el("form", { class: "login", onsubmit: send }, el("h1", {}, "Sidetone"),
    el("label", { for: "name" }, t("name")), name, el("label", { for: "password" }, t("password")), password,
    fault ? el("p", { class: "warn", role: "alert" }, t(fault)) : null, el("button", {}, t("login"))));
  name.focus();
}

function desk() {
  wire?.stop();
  wire = new Wire();
  chosen = null;
  const link = el("span", { role: "status", id: "link" });
  const list = el("nav", { id: "calls", "aria-label": t("calls") });
  panel = el("sidetone-panel");
  const main = el("main", {}, panel);
  const controls = ["pause", "mask", "resume"].map(command => el("button", { onclick: () => order(command) }, t(command)));
  const pages = me.role === "admin" ? [el("button", { onclick: () => health(main) }, t("system"))] : [];
  root.replaceChildren(el("header", { class: "top" }, el("h1", {}, "Sidetone"), el("span", {}, `${me.user} · ${t(me.role)}`), link,
    ...controls, ...pages, el("button", { onclick: turn }, t("other_language")), el("button", { onclick: shade }, t("theme")),
    el("button", { onclick: leave }, t("logout"))), el("div", { class: "desk" }, list, main));
  wire.addEventListener("state", () => {
    link.textContent = wire.open ? t("connected") : t("lost");
    link.className = wire.open ? "" : "warn";
  });
  wire.addEventListener("call", ({ detail: { call, event } }) => {
    if (!chosen || (event.type === "call.started" && me.role === "agent" && (chosen.ended || !chosen.began))) choose(call, main);
    else if (call === chosen) panel.update(event.type);
    if (event.type.startsWith("call.") || event.type === "error" || event.type === "audio.gap") entries(list, main);
  });
  wire.addEventListener("logout", () => { sessionStorage.clear(); login(); });
  entries(list, main);
  wire.start();
}

function choose(call, main) {
  chosen = call;
  if (!main.contains(panel)) main.replaceChildren(panel);
  panel.call = call;
}

function entries(list, main) {
  const calls = [...wire.calls.values()].sort((a, b) => (a.ended ? 1 : 0) - (b.ended ? 1 : 0) || b.began - a.began);
  list.replaceChildren(el("h2", {}, t("calls")), ...calls.map(call => el("button", {
    class: call.ended ? "over" : "", "aria-current": String(call === chosen),
    onclick: () => { choose(call, main); entries(list, main); },
  }, el("b", {}, call.caller || call.id), el("span", {}, `${call.agent || "–"} · ${call.ended ? t("ended") : t("live")}`),
  call.notes.length ? el("span", { class: "warn" }, `${t("alarms")} ${call.notes.length}`) : null)));
  if (!calls.length) list.append(el("p", { class: "quiet" }, t("no_calls")));
}

const order = command => chosen && ask(`/api/calls/${encodeURIComponent(chosen.id)}/control`, { command })
  .catch(error => console.warn(error.message, error.status));

async function health(main) {
  const found = await ask("/api/health").catch(() => null);
  chosen = null;
  const row = (name, value) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value));
  if (!found) return main.replaceChildren(el("p", { class: "warn" }, t("away")));
  const figures = found.figures.map(line => line.match(/^(.*) (\S+)$/)).filter(Boolean);
  main.replaceChildren(el("div", { class: "system", tabindex: "0" }, el("h2", {}, t("system")), el("table", {}, el("tbody", {},
    row("Redis", `${found.redis_address} · ${found.redis ? t("connected") : t("away")}`),
    row(t("daemon"), found.ready ?? t("no_daemon")), row(t("screens"), `${found.screens} / ${found.screens_max}`), row(t("screens_refused"), found.screens_refused),
    ...figures.map(([, name, value]) => row(name, value))))));
}

async function turn() {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem("language", language);
  await speak(language);
  desk();
}

function shade() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme ?? (dark ? "dark" : "light");
  document.documentElement.dataset.theme = now === "dark" ? "light" : "dark";
  localStorage.setItem("theme", document.documentElement.dataset.theme);
}

async function leave() {
  wire.stop();
  sessionStorage.clear();
  await ask("/api/logout", {}).catch(() => null);
  me = null;
  login();
}

begin();
