/**
 * Live sessions in TypeScript, beside likeness.ts. No dependencies; runs where `fetch`, `WebSocket` and Ed25519 are
 * (Node 22, Deno, Bun, browsers).
 */

import { LikenessError, type LiveOpened, type Reason } from "./likeness.ts";

/** A note of the service about a session that runs: docs/live.md. */
export interface LiveNote { type: string; code?: string; message?: string; hint?: string; sha256?: string; [field: string]: unknown }
export interface LiveHooks { sound?: "pcm" | "opus"; onMedia?: (data: Uint8Array) => void; onNote?: (note: LiveNote) => void }

/**
 * One live session: speech goes in, marked video comes out, and each second is checked as it comes.
 *
 *     const live = await LiveStream.connect(await likeness.openLive({ portrait_id, voice: "synthetic" }), {
 *       onMedia: (data) => sourceBuffer.appendBuffer(data),
 *     });
 *     for await (const pcm of synthesiser) live.speak(pcm); // 16 bits, little-endian, mono, 16 000 Hz
 *     await live.end();
 */
export class LiveStream {
  /** The seconds of the stream so far, and whether each had the SHA-256 that the session's key has signed. */
  segments = 0;
  isWhole = true;
  endReason: Reason | null = null;
  readonly received: Uint8Array[] = [];
  readonly over: Promise<void>;
  /** Ed25519, hexadecimal: `live.started` of the log has it too. */
  segmentKey = "";
  readonly #id: string;
  readonly #socket: WebSocket;
  #segment: Uint8Array[] = [];
  #checks: Promise<void> = Promise.resolve();
  #onMedia: (data: Uint8Array) => void;
  #onNote: (note: LiveNote) => void;

  private constructor(opened: LiveOpened, hooks: LiveHooks, ready: () => void) {
    this.#id = opened.id;
    this.#onMedia = hooks.onMedia ?? (() => {});
    this.#onNote = hooks.onNote ?? (() => {});
    this.#socket = new WebSocket(opened.url);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onopen = () => this.#tell({ type: "start", token: opened.token, sound: hooks.sound ?? "pcm" });
    this.#socket.onmessage = (event) => {
      if (typeof event.data === "string") return this.#hear(JSON.parse(event.data) as LiveNote);
      const data = new Uint8Array(event.data as ArrayBuffer);
      this.received.push(data);
      this.#segment.push(data);
      this.#onMedia(data);
      ready();
    };
    this.over = new Promise((over) => {
      this.#socket.onclose = () => { ready(); void this.#checks.then(over); };
    });
  }

  /** Connect; the session is live when this returns. Throws a LikenessError where it is refused. */
  static async connect(opened: LiveOpened, hooks: LiveHooks = {}): Promise<LiveStream> {
    let stream!: LiveStream;
    await new Promise<void>((ready) => { stream = new LiveStream(opened, hooks, ready); });
    if (!stream.received.length) {
      const reason = stream.endReason ?? { message: "The session did not start.", code: "service_unreachable", hint: "Try again." };
      throw new LikenessError(reason.message, reason.code, reason.hint, 0);
    }
    return stream;
  }

  /** Say a piece: PCM of 16 bits, mono, 16 000 Hz, two seconds at most; or one packet of Opus. */
  speak(piece: Uint8Array<ArrayBuffer> | Int16Array<ArrayBuffer>): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(piece);
  }

  /** Change controls from the next picture on. */
  direct(controls: Record<string, number | string>): void {
    this.#tell({ type: "direct", controls });
  }

  /** Barge-in: forget the speech that waits; the mouth closes. */
  stop(): void {
    this.#tell({ type: "stop" });
  }

  /** End the session, and wait for its last pictures. */
  async end(): Promise<void> {
    this.#tell({ type: "end" });
    await this.over;
  }

  #tell(message: unknown): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #hear(note: LiveNote): void {
    if (note.type === "segment") {
      const pieces = this.#segment;
      this.#segment = [];
      this.segments += 1;
      this.#checks = this.#checks.then(async () => {
        const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await new Blob(pieces as BlobPart[]).arrayBuffer()));
        const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
        const key = await crypto.subtle.importKey("raw", bytesOf(this.segmentKey), "Ed25519", false, ["verify"]);
        const words = new TextEncoder().encode(`likeness live segment\n${this.#id}\n${note.number}\n${hex}\n`);
        const isSigned = await crypto.subtle.verify("Ed25519", key, bytesOf(String(note.signature)), words);
        if (!isSigned || hex !== note.sha256) this.isWhole = false;
      });
    } else if (note.type === "ready") {
      this.segmentKey = String(note.segment_key);
    } else if (note.type === "ended" || (note.type === "refused" && !this.received.length)) {
      this.endReason = { code: note.code ?? "", message: note.message ?? "", hint: note.hint ?? "" };
    }
    this.#onNote(note);
  }
}

const bytesOf = (hex: string): Uint8Array<ArrayBuffer> => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
