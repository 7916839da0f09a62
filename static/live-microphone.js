// Takes the sound of the page's audio graph, which has no tones above 7 kHz, mono and at any rate, and gives it
// at 16 000 Hz in pieces of 20 ms.
const RATE = 16000;

class Pieces extends AudioWorkletProcessor {
  constructor() {
    super();
    this.piece = new Int16Array(RATE / 50);
    this.filled = 0;
    this.before = 0; // the newest sample of the block before
    this.place = 1; // of the next sample that is given, in samples of this block; 0 is the one before it
  }

  process([input]) {
    const samples = input[0] || [];
    while (this.place <= samples.length) {
      const left = Math.ceil(this.place) - 1;
      const share = this.place - left;
      const from = left ? samples[left - 1] : this.before;
      this.give(from + share * (samples[left] - from));
      this.place += sampleRate / RATE;
    }
    this.place -= samples.length;
    if (samples.length) this.before = samples[samples.length - 1];
    return true;
  }

  give(value) {
    this.piece[this.filled++] = Math.max(-1, Math.min(1, value)) * 32767;
    if (this.filled === this.piece.length) {
      this.port.postMessage(this.piece.buffer.slice(0));
      this.filled = 0;
    }
  }
}
registerProcessor("pieces", Pieces);
