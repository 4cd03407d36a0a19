// Elements from plain values. Text is always text: nothing that a caller says can become markup.

let words = {}, spoken = "zh";

/** Loads the words of a language, "zh" or "en". */
export async function speak(language) {
  const answer = await fetch(`/${language}.json`);
  words = await answer.json();
  spoken = language;
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
}

/** The words behind a key; the key itself where there are none. */
export const t = key => words[key] ?? key;

/** Of a text that the server has in both languages, the one that is spoken. */
export const either = (chinese, english) => spoken === "en" && english ? english : chinese;

/** An element with properties, listeners (on…) and children; null children are left out. */
export function el(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat().filter(child => child !== null && child !== undefined));
  return made;
}

/** Milliseconds as minutes and seconds, with hours where there are any. */
export function clock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = number => String(number % 60).padStart(2, "0"), minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}:${two(seconds)}` : `${Math.floor(minutes / 60)}:${two(minutes)}:${two(seconds)}`;
}

/** One of many as percent; nothing of nothing is a dash. */
export const share = (some, all) => all ? `${(100 * some / all).toFixed(1)} %` : "–";

/** A text with its highlights; offsets count Unicode scalar values. */
export function marked(text, highlights) {
  const letters = [...text], parts = [];
  let at = 0;
  for (const { begin, end } of [...highlights].sort((a, b) => a.begin - b.begin)) {
    if (begin < at) continue;
    parts.push(letters.slice(at, begin).join(""), el("mark", {}, letters.slice(begin, end).join("")));
    at = end;
  }
  parts.push(letters.slice(at).join(""));
  return parts;
}
