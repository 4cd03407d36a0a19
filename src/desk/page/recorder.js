// Runs beside the sound: hands on what the microphone brings, 100 ms at a time.
const PIECE = 1_600;

class Recorder extends AudioWorkletProcessor {
  #kept = new Float32Array(PIECE);
  #held = 0;

  process([[channel]]) {
    for (const sample of channel ?? []) {
      this.#kept[this.#held++] = sample;
      if (this.#held === PIECE) { this.port.postMessage(this.#kept.slice()); this.#held = 0; }
    }
    return true;
  }
}

registerProcessor("recorder", Recorder);
