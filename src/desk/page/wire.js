// The server: requests, and one stream of events that heals by itself.
import { Call } from "./model.js";

let token = "";

export const setToken = csrf => { token = csrf; };

/** Sends a request, with a value or with bytes; throws an error that has the status. */
export async function ask(path, body) {
  const bytes = body instanceof ArrayBuffer;
  const options = body === undefined ? {} : {
    method: "POST", body: bytes ? body : JSON.stringify(body),
    headers: { "content-type": bytes ? "application/octet-stream" : "application/json", "x-csrf-token": token },
  };
  const answer = await fetch(path, options);
  if (!answer.ok) {
    const told = await answer.json().catch(() => ({}));
    throw Object.assign(new Error(path), { status: answer.status, why: told.why });
  }
  return answer.json();
}

/** What an agent does with a hint or a text; whether the server took it. */
export const feedback = (call, deed) =>
  ask(`/api/calls/${encodeURIComponent(call)}/feedback`, deed).then(() => true, error => { console.warn(error.message, error.status); return false; });

/** What this tab keeps of a call over a reload, by name. */
export const kept = (call, name) => JSON.parse(sessionStorage.getItem(`${name}:${call}`) ?? "{}");
export const keep = (call, name, value) => sessionStorage.setItem(`${name}:${call}`, JSON.stringify(value));

/** So many calls that ended are kept; the first to come goes first. */
const ENDED = 50;

export class Wire extends EventTarget {
  constructor() {
    super();
    this.calls = new Map();
    this.open = false;
    // Calls that ended are no longer the server's to name: the tab remembers them over a reload.
    this.told = JSON.parse(sessionStorage.getItem("calls") ?? "[]");
  }

  start() {
    const places = [...this.calls.values()].map(call => `${call.id}:${call.seq}`);
    const unknown = this.told.filter(id => !this.calls.has(id)).map(id => `${id}:0`);
    const query = new URLSearchParams({ from: [...places, ...unknown].slice(-64).join(",") });
    const source = new EventSource(`/events?${query}`);
    this.source = source;
    source.addEventListener("ready", () => this.state(true));
    source.addEventListener("logout", () => { this.stop(); this.dispatchEvent(new Event("logout")); });
    source.addEventListener("resync", message => this.calls.get(JSON.parse(message.data).call_id)?.reset());
    source.addEventListener("chart", message => this.dispatchEvent(new CustomEvent("chart", { detail: JSON.parse(message.data) })));
    source.onmessage = message => this.take(JSON.parse(message.data));
    // The browser would ask again with the places of long ago; so the tab connects itself.
    source.onerror = () => {
      source.close();
      this.state(false);
      this.timer = setTimeout(() => this.start(), 300 + Math.random() * 700);
    };
  }

  stop() {
    clearTimeout(this.timer);
    this.source?.close();
  }

  state(open) {
    this.open = open;
    this.dispatchEvent(new Event("state"));
  }

  take(event) {
    let call = this.calls.get(event.call_id);
    if (!call) {
      call = new Call(event.call_id);
      this.calls.set(call.id, call);
      this.trim();
      sessionStorage.setItem("calls", JSON.stringify([...this.calls.keys()].slice(-32)));
    }
    if (call.apply(event)) this.dispatchEvent(new CustomEvent("call", { detail: { call, event } }));
  }

  trim() {
    const ended = [...this.calls.values()].filter(call => call.ended);
    for (const call of ended.slice(0, Math.max(0, ended.length - ENDED))) this.calls.delete(call.id);
  }
}
