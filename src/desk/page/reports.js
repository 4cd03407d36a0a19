// The weekly reports: each opens as a page of its own, to be read, printed or saved.
import { el, t } from "./dom.js";

const DAY = 86_400_000, EAST = 8 * 3_600_000, WEEKS = 8;

/** The ISO week of a moment in Asia/Shanghai, as 2026-W47. */
export function weekOf(ms) {
  const day = Math.floor((ms + EAST) / DAY), thursday = day - ((day + 3) % 7) + 3, year = new Date(thursday * DAY).getUTCFullYear();
  const first = Math.floor(Date.UTC(year, 0, 1) / DAY);
  return `${year}-W${String(1 + Math.floor((thursday - first) / 7)).padStart(2, "0")}`;
}

export class ReportsPage extends HTMLElement {
  connectedCallback() {
    this.className = "page";
    const weeks = Array.from({ length: WEEKS }, (_, ago) => weekOf(Date.now() - 7 * DAY * ago));
    this.replaceChildren(el("h2", {}, t("page_reports")), el("p", { class: "quiet" }, t("reports_note")), el("ul", {}, ...weeks.map((week, ago) => el("li", {},
      el("a", { href: `/api/report?week=${week}`, target: "_blank", rel: "noopener" }, week), ago ? "" : ` ${t("unfinished")}`))));
  }
}

customElements.define("reports-page", ReportsPage);
