// A question from the microphone, as 16-bit samples at 16 kHz; it ends with a pause, with a second press, or after 15 s.
const RATE = 16_000, LONGEST = 15, LOUD = 0.01;
/** So many seconds of silence end a question; so many seconds without a word end the waiting. */
const PAUSE = 0.9, PATIENCE = 6;

export const hasMicrophone = () => Boolean(navigator.mediaDevices?.getUserMedia && globalThis.AudioWorkletNode);

export class Microphone {
  /** Resolves with the samples; rejects where the browser lends no microphone. */
  async record() {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
    // The browser resamples: what comes out of the worklet is at 16 kHz whatever the device has.
    const context = new AudioContext({ sampleRate: RATE });
    await context.audioWorklet.addModule("/recorder.js");
    const source = context.createMediaStreamSource(stream), recorder = new AudioWorkletNode(context, "recorder", { numberOfOutputs: 0 });
    const pieces = [];
    let all = 0, spoken = false, quiet = 0;
    const ended = new Promise(done => {
      this.stop = done;
      recorder.port.onmessage = ({ data }) => {
        pieces.push(data);
        all += data.length;
        const level = Math.sqrt(data.reduce((sum, sample) => sum + sample * sample, 0) / data.length);
        quiet = level > LOUD ? 0 : quiet + data.length;
        spoken ||= level > LOUD;
        if (all > LONGEST * RATE || quiet > (spoken ? PAUSE : PATIENCE) * RATE) done();
      };
    });
    source.connect(recorder);
    await ended;
    stream.getTracks().forEach(track => track.stop());
    await context.close();
    const samples = new Int16Array(all);
    let at = 0;
    for (const piece of pieces) for (const sample of piece) samples[at++] = Math.max(-1, Math.min(1, sample)) * 32_767;
    return spoken ? samples.buffer : null;
  }

  stop() {}
}
