// The page: login, the bar on top, and one of calls, queue wall, metrics, reports and system below it.
import { el, speak, t } from "./dom.js";
import { Wire, ask, setToken } from "./wire.js";
import { CallsPage } from "./calls.js";
import "./wall.js";
import "./figures.js";
import "./reports.js";
import "./system.js";

const root = document.getElementById("desk");
let me = null, wire = null, place = "calls", language = localStorage.getItem("language") ?? "zh";
const theme = localStorage.getItem("theme");
if (theme) document.documentElement.dataset.theme = theme;

/** Pages by who sees them. */
const PAGES = { agent: ["calls"], supervisor: ["calls", "wall", "figures", "reports"], admin: ["calls", "wall", "figures", "reports", "system"] };

async function begin() {
  await speak(language);
  try { me = await ask("/api/me"); } catch { me = await ask("/api/sso", {}).catch(() => null); }
  if (!me) return login(refused());
  setToken(me.csrf);
  desk();
}

/** Why a login by the provider brought the browser back without one. */
function refused() {
  const word = { "#refused": "refused", "#away": "away" }[location.hash];
  if (word) history.replaceState(null, "", "/");
  return word;
}

async function login(fault) {
  const ways = await ask("/api/login").catch(() => ({}));
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
  root.replaceChildren(el("main", {}, el("form", { class: "login", onsubmit: send }, el("h1", {}, "Sidetone"),
    el("label", { for: "name" }, t("name")), name, el("label", { for: "password" }, t("password")), password,
    fault ? el("p", { class: "warn", role: "alert" }, t(fault)) : null, el("button", {}, t("login")),
    ways.oidc ? el("a", { href: "/api/oidc", id: "oidc" }, t("single_sign_on")) : null)));
  name.focus();
}

function desk() {
  wire?.stop();
  wire = new Wire();
  const link = el("span", { role: "status", id: "link" });
  const body = el("div", { class: "below" });
  const calls = new CallsPage(wire, me);
  const pages = PAGES[me.role];
  if (!pages.includes(place)) place = "calls";
  const tabs = pages.length > 1 ? el("nav", { class: "tabs", "aria-label": t("pages") }, ...pages.map(page =>
    el("button", { "data-page": page, onclick: () => show(page) }, t(`page_${page}`)))) : null;
  const show = page => {
    place = page;
    for (const tab of tabs?.children ?? []) tab.setAttribute("aria-current", tab.dataset.page === page ? "page" : "false");
    body.replaceChildren(page === "calls" ? calls : el(`${page}-page`));
  };
  root.replaceChildren(el("header", { class: "top" }, el("h1", {}, "Sidetone"), tabs, el("span", { class: "who" }, `${me.user} · ${t(me.role)}`), link,
    el("button", { onclick: turn, lang: language === "zh" ? "en" : "zh-CN" }, t("other_language")), el("button", { onclick: shade }, t("theme")),
    el("button", { onclick: leave }, t("logout"))), body);
  wire.addEventListener("state", () => {
    link.textContent = wire.open ? t("connected") : t("lost");
    link.className = wire.open ? "" : "warn";
  });
  // A question that was asked on the telephone: drawn at once where metrics are open, else offered.
  const told = el("span", { id: "told", role: "status" });
  link.after(told);
  wire.addEventListener("chart", ({ detail }) => {
    const draw = () => { told.replaceChildren(); if (place !== "figures") show("figures"); body.querySelector("figures-page").told(detail); };
    if (place === "figures") return draw();
    told.replaceChildren(el("button", { onclick: draw }, `${t("told")}${detail.extension ? ` ${detail.extension}` : ""}: ${detail.text}`));
  });
  wire.addEventListener("logout", over);
  show(place);
  wire.start();
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
  await ask("/api/logout", {}).catch(() => null);
  over();
}

function over() {
  wire.stop();
  sessionStorage.clear();
  me = null;
  place = "calls";
  login();
}

begin();
