/**
 * A partner's side of Likeness, in TypeScript: upload, consent, jobs, videos, webhooks. No dependencies; runs
 * where `fetch` is (Node 20, Deno, Bun, browsers for what needs no key).
 *
 *     const likeness = new Client("https://your.host", process.env.LIKENESS_API_KEY);
 *     const job = await likeness.createJob({ portrait_id, driving_audio_id });
 *     const video = await likeness.wait(job.id);
 *     await writeFile("video.mp4", await likeness.download(video.id));
 *
 * Fields are those of /v1/openapi.json; answers may gain more. `npx openapi-typescript` makes types of all of it.
 */

export interface Subject { id: string; display_name: string; email: string; created_at: string }
export interface Portrait { id: string; subject_id: string; width: number; height: number; sha256: string; created_at: string }
export interface Recording { id: string; duration_s: number; sample_rate: number; sha256: string; created_at: string }
export interface Sample { name: string; subject_id: string; portrait_id: string; driving_audio_id: string; consent_id: string }
export interface Reason { code: string; message: string; hint: string }
export interface Consent { id: string; portrait_id: string; state: string; valid_until: string; max_videos: number; used_videos: number }
export interface Job {
  id: string;
  state: string;
  progress: { frames_done: number; frames_total: number };
  failure: Reason | null;
  rendition_id: string | null;
}
export interface Rendition { id: string; job_id: string; state: string; sha256: string; size_bytes: number; duration_s: number; width: number; height: number }
export interface Verdict { verdict: string; sentence: string; record: { rendition_id: string } | null }
export interface LiveOpened { id: string; url: string; token: string; token_expires_at: string; max_s: number }
export interface Live { id: string; state: string; end: Reason | null; sealed_at: string | null; segments: number; is_kept: boolean; file_sha256: string | null }
export interface LiveRequest {
  portrait_id: string;
  voice: "own" | "synthetic";
  keep?: boolean;
  size?: 256 | 384 | 512;
  fps?: 24 | 25 | 30 | 40;
  controls?: Record<string, number | string>;
  seed?: number;
  disclosure?: Record<string, unknown>;
}
export interface Webhook { id: string; url: string; event_types: string[]; secret?: string }

export interface ConsentRequest {
  portrait_id: string;
  basis: "own_likeness" | "other_person" | "nonexistent_person" | "public_domain_artwork";
  purpose: string;
  valid_until: string;
  max_videos: number;
  statement?: string;
}
/** Keyframes of controls, and a layer that is added: docs/direction.md. */
export interface Direction {
  version: 1;
  keyframes?: ({ time_s: number } & Record<string, number | string>)[];
  layer?: { time_s: number; actions?: Record<string, number>; head_pose?: Record<string, number>; gaze?: Record<string, number> }[];
}
export interface JobRequest {
  portrait_id: string;
  driving_audio_id: string;
  controls?: Record<string, number | string>;
  direction?: Direction;
  seed?: number;
  video?: { aspect?: string; size?: number; fps?: number; fill?: string };
  disclosure?: Record<string, unknown>;
  title?: string;
  /** A performer moves the face, whose motion the recording has. */
  motion?: { lips: "speech" | "performer" };
}

/** The service said no, or did not answer (`status` 0). Programs look at `code`. */
export class LikenessError extends Error {
  readonly code: string;
  readonly hint: string;
  readonly status: number;
  readonly details: Record<string, unknown>;

  constructor(message: string, code: string, hint: string, status: number, details: Record<string, unknown> = {}) {
    super(message);
    this.name = "LikenessError";
    this.code = code;
    this.hint = hint;
    this.status = status;
    this.details = details;
  }
}

const OVER = new Set(["released", "rejected", "failed", "cancelled", "revoked"]);
const PASSING = new Set([0, 429, 502, 503, 504]);
const POLL_AGAIN_S = 2;
const PIECE_BYTES = 4 * 1024 * 1024;
const TRIES = 8; // in a row without a piece that arrived

export class Client {
  readonly #base: string;
  readonly #key: string | undefined;
  readonly #timeoutS: number;

  /** `timeoutS` is how long the service may be silent in one call. Without a key what is public works. */
  constructor(server: string, apiKey?: string, timeoutS = 90) {
    this.#base = `${server.replace(/\/+$/, "").replace(/\/v1$/, "")}/v1`;
    this.#key = apiKey?.trim();
    this.#timeoutS = timeoutS;
  }

  createSubject(displayName: string, contact: { email?: string; phone?: string; language?: string } = {}): Promise<Subject> {
    return this.#json("POST", "/subjects", { display_name: displayName, ...contact });
  }

  uploadPortrait(file: Blob, subjectId: string, name = "portrait"): Promise<Portrait> {
    return this.#form("/portraits", file, name, { subject_id: subjectId });
  }

  /** `voice` attests whose voice it is; without it a reviewer looks at every video made with the recording. */
  uploadAudio(file: Blob, voice?: "own" | "synthetic", name = "speech"): Promise<Recording> {
    return this.#form("/driving-audio", file, name, voice === undefined ? {} : { voice });
  }

  /**
   * Upload the motion of whoever performed to a recording: a Live Link Face CSV, or a video of them, which is
   * captured in about the recording's length and not kept. `performerConsent` says where their signed consent is.
   */
  uploadMotion(recordingId: string, file: Blob, performerConsent: string, name = "performance"): Promise<Recording> {
    return this.#form(`/driving-audio/${encodeURIComponent(recordingId)}/motion`, file, name, { performer_consent: performerConsent });
  }

  requestConsent(request: ConsentRequest): Promise<Consent> {
    return this.#json("POST", "/consents", request);
  }

  readConsent(consentId: string): Promise<Consent> {
    return this.#json("GET", `/consents/${encodeURIComponent(consentId)}`);
  }

  /** Add somebody who does not exist, and speech for them; the consent is in force at once. */
  addSample(name: "maya" | "kenji" | "amara" | "tomas"): Promise<Sample> {
    return this.#json("POST", `/samples/${name}`);
  }

  /** Ask for one video. A repeated call with the same `idempotencyKey` gives the first answer, for 24 hours. */
  createJob(request: JobRequest, idempotencyKey: string = crypto.randomUUID()): Promise<Job> {
    return this.#json("POST", "/jobs", request, { "Idempotency-Key": idempotencyKey });
  }

  readJob(jobId: string): Promise<Job> {
    return this.#json("GET", `/jobs/${encodeURIComponent(jobId)}`);
  }

  cancelJob(jobId: string): Promise<Job> {
    return this.#json("POST", `/jobs/${encodeURIComponent(jobId)}/cancel`);
  }

  /** Ask until the job's video is released. Goes on through a service that is away or busy for a while. */
  async wait(jobId: string, timeoutS = 900, onProgress?: (job: Job) => void): Promise<Rendition> {
    const deadline = Date.now() + timeoutS * 1000;
    for (;;) {
      let pauseS = POLL_AGAIN_S;
      let late = new LikenessError("It is not done yet.", "wait_timed_out", "Wait again, with a longer timeout.", 504);
      try {
        const response = await this.#send("GET", `/jobs/${encodeURIComponent(jobId)}`);
        const job = (await response.json()) as Job;
        onProgress?.(job);
        if (job.state === "released" && job.rendition_id !== null) return await this.readRendition(job.rendition_id);
        if (OVER.has(job.state)) {
          const reason = job.failure ?? { code: "job_not_released", message: `The job ended ${job.state}.`, hint: "Its state says how it ended." };
          throw new LikenessError(reason.message, reason.code, reason.hint, 409);
        }
        pauseS = retryAfterS(response) ?? POLL_AGAIN_S;
      } catch (error) {
        if (!(error instanceof LikenessError) || !PASSING.has(error.status)) throw error;
        late = error;
      }
      if (Date.now() + pauseS * 1000 > deadline) throw late;
      await new Promise((done) => setTimeout(done, Math.max(pauseS * 1000, 100)));
    }
  }

  readRendition(renditionId: string): Promise<Rendition> {
    return this.#json("GET", `/renditions/${encodeURIComponent(renditionId)}`);
  }

  /** A released video, after its SHA-256 was compared with the one that was sealed. */
  async download(renditionId: string): Promise<Uint8Array<ArrayBuffer>> {
    const sealed = await this.readRendition(renditionId);
    const response = await this.#send("GET", `/renditions/${encodeURIComponent(renditionId)}/file`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    if (Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") !== sealed.sha256) {
      throw new LikenessError("The downloaded file is not the one that was sealed.", "download_damaged", "Download it again.", 502);
    }
    return bytes;
  }

  /** The service's verdict on a file of up to 100 MB, which it deletes afterwards. */
  async verify(file: Blob, name = "video"): Promise<Verdict> {
    let answer = await this.#form<Verdict & { id?: string; state?: string; problem?: { code: string; title: string; hint: string } | null; verdict: unknown }>("/verify", file, name, {});
    while (answer.state === "waiting") {
      await new Promise((done) => setTimeout(done, POLL_AGAIN_S * 1000));
      answer = await this.#json("GET", `/verify/${encodeURIComponent(answer.id ?? "")}`);
    }
    if (answer.problem) throw new LikenessError(answer.problem.title, answer.problem.code, answer.problem.hint, 422);
    return (answer.state === undefined ? answer : answer.verdict) as Verdict;
  }

  /** Open a live session, to be connected to with `LiveStream.connect` of live.ts. */
  openLive(request: LiveRequest): Promise<LiveOpened> {
    return this.#json("POST", "/live", request);
  }

  readLive(sessionId: string): Promise<Live> {
    return this.#json("GET", `/live/${encodeURIComponent(sessionId)}`);
  }

  addWebhook(url: string, eventTypes: string[] = []): Promise<Webhook> {
    return this.#json("POST", "/webhooks", { url, event_types: eventTypes });
  }

  async deleteWebhook(webhookId: string): Promise<void> {
    await this.#send("DELETE", `/webhooks/${encodeURIComponent(webhookId)}`);
  }

  /** A list read to its end: "subjects", "portraits", "driving-audio", "consents" or "jobs". */
  async *list<Item>(name: string, filters: Record<string, string> = {}): AsyncGenerator<Item> {
    const query = new URLSearchParams(filters);
    for (;;) {
      const page = await this.#json<{ items: Item[]; next_cursor: string | null }>("GET", `/${name}?${query}`);
      yield* page.items;
      if (page.next_cursor === null) return;
      query.set("cursor", page.next_cursor);
    }
  }

  async #json<Answer>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const request: RequestInit = body === undefined ? { headers } : { headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(body) };
    return (await (await this.#send(method, path, request)).json()) as Answer;
  }

  async #form<Answer>(path: string, file: Blob, name: string, fields: Record<string, string>): Promise<Answer> {
    const body = new FormData();
    for (const [field, value] of Object.entries(fields)) body.set(field, value);
    if (file.size > PIECE_BYTES && path !== "/verify") body.set("upload_id", await this.#uploadInPieces(file, name));
    else body.set("file", file, name);
    return (await (await this.#send("POST", path, { body })).json()) as Answer;
  }

  /** A large file by tus 1.0: what arrived stays, and it goes on where the connection broke. */
  async #uploadInPieces(file: Blob, name: string): Promise<string> {
    const version = { "Tus-Resumable": "1.0.0" };
    const filename = btoa(String.fromCharCode(...new TextEncoder().encode(name)));
    const begun = await this.#send("POST", "/uploads", { headers: { ...version, "Upload-Length": String(file.size), "Upload-Metadata": `filename ${filename}` } });
    const id = (begun.headers.get("Location") ?? "").split("/").pop() ?? "";
    const path = `/uploads/${encodeURIComponent(id)}`;
    for (let offset = 0, failed = 0; offset < file.size; ) {
      try {
        if (failed > 0) offset = Number((await this.#send("HEAD", path, { headers: version })).headers.get("Upload-Offset"));
        if (offset >= file.size) break;
        const headers = { ...version, "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" };
        const taken = await this.#send("PATCH", path, { headers, body: file.slice(offset, offset + PIECE_BYTES) });
        offset = Number(taken.headers.get("Upload-Offset"));
        failed = 0;
      } catch (error) {
        failed += 1;
        const passes = error instanceof LikenessError && (error.status === 409 || PASSING.has(error.status));
        if (!passes || failed >= TRIES) {
          await this.#send("DELETE", path, { headers: version }).catch(() => undefined);
          throw error;
        }
        await new Promise((done) => setTimeout(done, Math.min(250 * 2 ** failed, 8000)));
      }
    }
    return id;
  }

  /** One call. Redirects are not followed: they would take uploads or the key elsewhere. */
  async #send(method: string, path: string, request: RequestInit = {}): Promise<Response> {
    const headers = new Headers(request.headers);
    if (this.#key !== undefined) headers.set("Authorization", `Bearer ${this.#key}`);
    let response: Response;
    try {
      const signal = AbortSignal.timeout(this.#timeoutS * 1000);
      response = await fetch(this.#base + path, { ...request, method, headers, redirect: "manual", signal });
    } catch (error) {
      throw new LikenessError(`The service does not answer (${String(error)}).`, "service_unreachable", "Check the address and the network, then try again.", 0);
    }
    if (!response.ok) throw await refusal(response);
    return response;
  }
}

/**
 * The message that was sent as `body`, if its headers prove that the owner of `secret` (`whsec_...`) sent it
 * within the last five minutes (Standard Webhooks 1.0). Throws a LikenessError otherwise.
 */
export async function verifyWebhook(body: string, headers: Headers, secret: string): Promise<Record<string, unknown>> {
  const at = headers.get("webhook-timestamp") ?? "";
  const rejected = new LikenessError("The message is not signed with this secret.", "message_rejected", "Do nothing with the message.", 401);
  if (!/^\d+$/.test(at) || Math.abs(Date.now() / 1000 - Number(at)) > 300) throw rejected;
  const raw = bytesOf(secret.replace(/^whsec_/, ""));
  if (raw === undefined) throw rejected;
  const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  const signed = new TextEncoder().encode(`${headers.get("webhook-id") ?? ""}.${at}.${body}`);
  for (const each of (headers.get("webhook-signature") ?? "").split(" ")) {
    if (!each.startsWith("v1,")) continue;
    const signature = bytesOf(each.slice(3));
    if (signature !== undefined && await crypto.subtle.verify("HMAC", key, signature, signed)) return JSON.parse(body) as Record<string, unknown>;
  }
  throw rejected;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function retryAfterS(response: Response): number | undefined {
  const text = response.headers.get("Retry-After") ?? "";
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

async function refusal(response: Response): Promise<LikenessError> {
  const problem = (await response.json().catch(() => ({}))) as { title?: string; code?: string; hint?: string; details?: Record<string, unknown> };
  const silent = `The service answered ${response.status} without saying why.`;
  return new LikenessError(problem.title ?? silent, problem.code ?? "service_refused", problem.hint ?? "Check the address.", response.status, problem.details);
}
