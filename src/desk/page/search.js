// Search in the knowledge base by hand.
import { el, marked, t } from "./dom.js";
import { ask } from "./wire.js";

/** Where something is written, and whether it holds. */
export function source(entry) {
  const parts = [entry.doc_no, entry.title, entry.article, entry.effective_from].filter(Boolean);
  return el("p", { class: entry.status === "sample" ? "source warn" : "source" }, parts.join(" "),
    entry.status ? ` · ${t(entry.status)}` : "");
}

/** Puts a text on the clipboard. */
export const copy = text => navigator.clipboard?.writeText(text).catch(error => console.warn(error.message));

export class SearchBox extends HTMLElement {
  connectedCallback() {
    if (this.field) return;
    this.field = el("input", { id: "search", type: "search", maxlength: "200", "aria-label": t("search"), placeholder: t("search") });
    this.found = el("div", { class: "found", "aria-live": "polite" });
    const send = event => { event.preventDefault(); this.#search(); };
    this.replaceChildren(el("form", { class: "row", role: "search", onsubmit: send }, this.field, el("button", {}, t("find"))), this.found);
    this.field.addEventListener("input", () => { if (!this.field.value) this.found.replaceChildren(); });
  }

  async #search() {
    const text = this.field.value.trim();
    if (!text) return this.found.replaceChildren();
    try {
      const entries = await ask(`/api/knowledge?${new URLSearchParams({ q: text })}`);
      this.found.replaceChildren(...entries.map(card));
      if (!entries.length) this.found.append(el("p", { class: "quiet" }, t("nothing_found")));
    } catch (error) { this.found.replaceChildren(el("p", { class: "warn" }, t(error.status === 404 ? "no_knowledge" : "away"))); }
  }
}

function card(entry) {
  return el("article", { class: "card", "data-node": entry.node }, el("h3", {}, entry.title), el("p", { class: "body" }, ...marked(entry.body, entry.highlights)),
    ...entry.sources.map(source), el("footer", {}, el("span", {}, entry.topic), el("button", { onclick: () => copy(`${entry.title}\n${entry.body}`) }, t("copy"))));
}

customElements.define("search-box", SearchBox);
