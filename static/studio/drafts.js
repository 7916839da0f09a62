// Asks the service for drafts. One still at a time: while one is made, only the newest wish waits.
import { words } from "./words.js";

const RETRY_MS = 2000;

export class Refused extends Error {
  constructor(problem, status) {
    super([problem.title ?? problem.message, problem.hint].filter(Boolean).join(" ") || words.went_wrong);
    this.code = problem.code;
    this.status = status;
  }
}

export class Drafts {
  // `wanted()` gives the request; `show(kind, value)` is told of stills; `say(words)` of what happens meanwhile.
  constructor({ addresses, csrf, portrait, wanted, show, say }) {
    Object.assign(this, { addresses, csrf, portrait, wanted, show, say });
    this.token = null;
    this.isBusy = false;
    this.isWished = false;
  }

  async open() {
    this.token = null;
    const body = new FormData();
    body.append("portrait", this.portrait());
    this.token = (await (await this.#post("open", body)).json()).token;
  }

  async timeline() { return (await this.#draft("timeline")).json(); }
  // What the voice does by itself in the seconds from `at_s` on.
  async curves(at_s) { return (await this.#draft("curves", { at_s })).json(); }
  async clip() { return (await this.#draft("clip")).blob(); }

  // Wish for a still of what the page says now.
  async still() {
    this.isWished = true;
    if (this.isBusy) return;
    this.isBusy = true;
    while (this.isWished) {
      this.isWished = false;
      try {
        const begun = performance.now();
        const blob = await (await this.#draft("still")).blob();
        this.show(blob, performance.now() - begun);
      } catch (error) {
        this.say(error.message, true);
        if (error.code === "studio_busy" || error.status === 429) {
          await new Promise((done) => setTimeout(done, RETRY_MS));
          this.isWished = true;
        }
      }
    }
    this.isBusy = false;
  }

  async #draft(kind, other = {}) {
    if (!this.token) await this.open();
    const body = () => JSON.stringify({ token: this.token, ...this.wanted(), ...other });
    try {
      return await this.#post(kind, body(), "application/json");
    } catch (error) {
      if (error.code !== "studio_closed") throw error;
      await this.open();
      return this.#post(kind, body(), "application/json");
    }
  }

  async #post(kind, body, type) {
    const headers = { "X-CSRFToken": this.csrf, ...(type ? { "Content-Type": type } : {}) };
    let answer;
    try {
      answer = await fetch(this.addresses[kind], { method: "POST", body, headers, redirect: "manual", cache: "no-store" });
    } catch {
      throw new Refused({ title: words.no_answer }, 0);
    }
    if (answer.type === "opaqueredirect") throw new Refused({ title: words.signed_out }, 401);
    if (answer.ok) return answer;
    throw new Refused(await answer.json().catch(() => ({})), answer.status);
  }
}
