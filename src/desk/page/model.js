// What is known of a call, from its events in their order.

export class Call {
  constructor(id) {
    this.id = id;
    this.reset();
  }

  reset() {
    Object.assign(this, {
      seq: 0, caller: "", called: "", queue: "", agent: "", began: 0, ended: 0, cause: "",
      hold: false, masked: false, paused: [], legs: [], wrapup: null, final: false,
      segments: new Map(), hints: new Map(), notes: [],
    });
  }

  /** Takes an event; false when it was there before. */
  apply(event) {
    if (event.seq <= this.seq) return false;
    this.seq = event.seq;
    if (event.agent_id) this.agent = event.agent_id;
    this[event.type]?.(event.data, event);
    return true;
  }

  "call.started"(data, event) {
    Object.assign(this, { caller: data.caller ?? "", called: data.called ?? "", queue: data.queue ?? "" });
    if (!this.began) this.began = Date.parse(event.ts) - (data.age_ms ?? 0);
  }

  "call.updated"(data) {
    Object.assign(this, {
      hold: data.on_hold, masked: data.masked ?? false, paused: [data.paused_by ?? []].flat(), legs: data.legs ?? [],
    });
  }

  "call.ended"(data, event) {
    Object.assign(this, { ended: Date.parse(event.ts), cause: data.cause });
    if (!this.began) this.began = this.ended - data.duration_ms;
    this.hints.clear();
  }

  segment(data, event) {
    const old = this.segments.get(data.segment_id);
    if (old && (old.rev >= data.rev && !(data.is_final && !old.is_final))) return;
    this.segments.set(data.segment_id, { ...data, role: event.role });
  }

  "transcript.partial"(data, event) { this.segment(data, event); }
  "transcript.final"(data, event) { this.segment(data, event); }
  "transcript.revised"(data, event) { this.segment({ ...data, is_final: true }, event); }

  "hint.new"(data) {
    if (data.supersedes) this.hints.delete(data.supersedes);
    this.hints.set(data.hint_id, data);
  }

  "hint.update"(data) { this.hints.set(data.hint_id, { ...data, pinned: this.hints.get(data.hint_id)?.pinned }); }

  "hint.expire"(data) {
    const hint = this.hints.get(data.hint_id);
    if (!hint) return;
    if (data.reason === "withdrawn") hint.gone = data.reason;
    else if (hint.pinned) hint.gone = "ttl";
    else this.hints.delete(data.hint_id);
  }

  "wrapup.draft"(data) { this.wrapup = data; }
  "wrapup.final"(data) { this.wrapup = data; this.final = true; }
  "wrapup.corrected"(data) { this.wrapup = data; this.final = true; }
  "audio.gap"(data, event) {
    this.notes = this.notes.filter(note => note.key !== `${event.leg_id}-${data.begin_ms}`);
    if (data.end_ms > data.begin_ms) this.notes.push({ key: `${event.leg_id}-${data.begin_ms}`, kind: "gap", role: event.role, ...data });
  }
  "error"(data, event) {
    this.notes.push({ key: `e${event.seq}`, kind: data.severity, role: event.role, message: data.message, code: data.code });
    if (this.notes.length > 50) this.notes.shift();
  }

  /** Segments with text, as they were said. */
  said() {
    return [...this.segments.values()].filter(s => s.text !== "" || !s.is_final).sort((a, b) => a.begin_ms - b.begin_ms);
  }

  /** Hints by tier, pinned ones first. */
  shown() {
    return [...this.hints.values()].sort((a, b) => (b.pinned ? 1 : 0) - (a.pinned ? 1 : 0) || a.tier - b.tier);
  }
}
