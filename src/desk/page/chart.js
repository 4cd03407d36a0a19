// Rows of an answer as a table, as a chart (ECharts, where the desk has it), as CSV and as PNG.
import { el, t } from "./dom.js";

let library;

/** ECharts, or null where the desk does not have it. */
function charts() {
  library ??= new Promise(done => {
    const script = el("script", { src: "/echarts.min.js", onload: () => done(globalThis.echarts ?? null), onerror: () => done(null) });
    document.head.append(script);
  });
  return library;
}

const zone = { timeZone: "Asia/Shanghai" };
const day = new Intl.DateTimeFormat("sv", { ...zone, dateStyle: "short" });
const minute = new Intl.DateTimeFormat("sv", { ...zone, dateStyle: "short", timeStyle: "short" });
const DAY = 86_400_000, EAST = 8 * 3_600_000;
const whole = ms => (ms + EAST) % DAY === 0;

/** A time of Asia/Shanghai; a midnight as its day. */
export const moment = ms => (whole(ms) ? day : minute).format(ms);

/** A window as people write it. */
export function span(from, to) {
  if (whole(from) && whole(to)) return to - from <= DAY ? day.format(from) : `${day.format(from)} – ${day.format(to - DAY)}`;
  return `${minute.format(from)} – ${day.format(from) === day.format(to) ? minute.format(to).slice(11) : minute.format(to)}`;
}

/** A value for people; shares of one are percent. */
export function shown(row, metric) {
  if (row.value === null || row.value === undefined) return "–";
  const number = Number(row.value) * (metric.unit === "%" ? 100 : 1);
  const text = Number.isInteger(number) ? String(number) : number.toFixed(Math.abs(number) < 10 ? 2 : 1);
  return metric.unit === "%" ? `${text} %` : `${text} ${metric.unit}`;
}

const plot = (row, metric) => row.value === null ? null : Number(row.value) * (metric.unit === "%" ? 100 : 1);

/** The table under a chart. */
export function table(rows, metrics) {
  const grouped = rows.some(row => row.group !== undefined);
  const heads = [t("metric"), t("window"), grouped && t("group"), t("value"), t("exact")].filter(Boolean);
  return el("table", { class: "figures" }, el("thead", {}, el("tr", {}, ...heads.map(head => el("th", { scope: "col" }, head)))), el("tbody", {},
    ...rows.map(row => el("tr", { class: row.compared ? "compared" : null }, el("th", { scope: "row" }, `${metrics.get(row.id).name} ${row.id}`),
      el("td", {}, span(row.from, row.to)), grouped ? el("td", {}, row.group ?? "") : null,
      el("td", { class: "number" }, shown(row, metrics.get(row.id)), row.provisional ? el("abbr", { title: t("provisional") }, " *") : null),
      el("td", { class: "number quiet" }, row.num === null ? "–" : `${row.num}/${row.den}`)))));
}

/** Comma-separated values with a byte order mark, as spreadsheets want them; no cell begins a formula. */
export function csv(rows, metrics) {
  const cell = text => {
    const safe = /^[=+@\t\r-]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const lines = rows.map(row => [row.id, metrics.get(row.id).name, metrics.get(row.id).unit, moment(row.from), moment(row.to), row.group ?? "",
    row.value ?? "", row.num ?? "", row.den ?? "", row.provisional ? "1" : "0"]);
  const head = ["id", "name", "unit", "from", "to", "group", "value", "num", "den", "provisional"];
  return `\ufeff${[head, ...lines].map(line => line.map(String).map(cell).join(",")).join("\r\n")}\r\n`;
}

/** Hands a file to the user. */
export function save(name, data) {
  const url = typeof data === "string" && data.startsWith("data:") ? data : URL.createObjectURL(new Blob([data], { type: "text/csv" }));
  el("a", { href: url, download: name }).click();
  if (url.startsWith("blob:")) setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

const colour = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Series by metric, group and window; places are times or groups. */
function series(rows, metrics) {
  const timed = new Set(rows.filter(row => !row.compared).map(row => row.from)).size > 1;
  const places = [], all = new Map(), begins = { true: [], false: [] };
  for (const row of rows) {
    const list = begins[!!row.compared];
    if (!list.includes(row.from)) list.push(row.from);
  }
  for (const row of rows) {
    // A compared window is drawn over the other, step by step.
    const place = timed ? moment(begins.false[begins[!!row.compared].indexOf(row.from)] ?? row.from) : row.group ?? metrics.get(row.id).name;
    const name = [rows.some(other => other.id !== row.id) && metrics.get(row.id).name, timed && row.group, row.compared && t("compared")].filter(Boolean).join(" · ");
    if (!places.includes(place)) places.push(place);
    if (!all.has(name)) all.set(name, new Map());
    all.get(name).set(place, plot(row, metrics.get(row.id)));
  }
  return { places, all };
}

/** Kinds that are more than a table. */
const DRAWN = ["line", "bar", "share", "heat"];

/** What ECharts draws for a mark: line, bar, share, heat. */
export function option(mark, rows, metrics) {
  const { places, all } = series(rows, metrics), unit = metrics.get(rows[0].id).unit;
  const text = { color: colour("text") }, line = { lineStyle: { color: colour("line") } };
  const base = { backgroundColor: colour("card"), textStyle: text, animation: false, aria: { enabled: true }, tooltip: { renderMode: "richText", trigger: mark === "line" ? "axis" : "item" },
    color: [colour("accent"), colour("one"), colour("three"), "#8a6d00", "#1b7f4d", "#7a3fb0"], grid: { left: 56, right: 24, top: 40, bottom: 60 } };
  const axis = { type: "category", data: places, axisLabel: { ...text, hideOverlap: true }, axisLine: line };
  const values = { type: "value", name: unit, nameTextStyle: text, axisLabel: text, splitLine: line };
  if (mark === "share") {
    const [, points] = [...all][0];
    return { ...base, series: [{ type: "pie", radius: ["40%", "70%"], label: text, data: [...points].map(([name, value]) => ({ name, value })) }] };
  }
  if (mark === "heat") {
    const days = [...new Set(rows.map(row => moment(row.from)))], hours = [...new Set(rows.map(row => row.group))].sort((a, b) => a - b);
    const cells = rows.map(row => [hours.indexOf(row.group), days.indexOf(moment(row.from)), plot(row, metrics.get(row.id))]);
    const most = Math.max(1, ...cells.map(cell => cell[2] ?? 0));
    return { ...base, xAxis: { ...axis, data: hours }, yAxis: { ...axis, data: days }, series: [{ type: "heatmap", data: cells }],
      visualMap: { max: most, min: 0, orient: "horizontal", left: "center", bottom: 0, textStyle: text, inRange: { color: [colour("found"), colour("accent")] } } };
  }
  const kind = mark === "line" ? "line" : "bar";
  return { ...base, legend: all.size > 1 ? { textStyle: text, type: "scroll" } : undefined, xAxis: axis, yAxis: values,
    series: [...all].map(([name, points]) => ({ name, type: kind, connectNulls: false, barMaxWidth: 48, data: places.map(place => points.get(place) ?? null) })) };
}

/** The mark that rows are drawn with, where nobody names one. */
export function markOf(rows) {
  const times = new Set(rows.filter(row => !row.compared).map(row => row.from)).size;
  if (times > 1) return "line";
  return rows.length > 1 && rows.length <= 40 ? "bar" : "table";
}

/** <figure> with chart, table and the two exports. */
export function figure(mark, rows, metrics, title) {
  const canvas = el("div", { class: "chart", role: "img", "aria-label": title });
  const png = el("button", { class: "png", disabled: true }, t("save_png"));
  const made = el("figure", {}, el("figcaption", {}, title), canvas, el("p", {}, png,
    el("button", { class: "csv", onclick: () => save("sidetone.csv", csv(rows, metrics)) }, t("save_csv"))), el("div", { class: "scroll", tabindex: "0" }, table(rows, metrics)));
  if (!DRAWN.includes(mark)) { canvas.remove(); png.remove(); return made; }
  charts().then(echarts => {
    if (!echarts) return canvas.replaceWith(el("p", { class: "quiet" }, t("no_charts")));
    const chart = echarts.init(canvas, null, { renderer: "canvas" });
    const draw = () => {
      chart.setOption(option(mark, rows, metrics), true);
      canvas.dataset.drawn = mark;
    };
    draw();
    png.removeAttribute("disabled");
    png.addEventListener("click", () => save("sidetone.png", chart.getDataURL({ type: "png", pixelRatio: 2 })));
    // Colours are those of the theme.
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const size = new ResizeObserver(() => {
      if (canvas.isConnected) return chart.resize();
      size.disconnect();
      theme.disconnect();
      chart.dispose();
    });
    size.observe(canvas);
  });
  return made;
}
