// A live session in the page: sound of a microphone or a file goes out, marked pictures come in and are shown.
// What is received is hashed second by second and compared with what the server says has left it.
(() => {
  const root = document.querySelector("[data-live-session]");
  if (!root) return;
  const part = (name) => root.querySelector(`[data-${name}]`);
  const form = part("form");
  const picture = part("picture");
  const BEHIND_S = 0.25; // the player is let run up to so much behind what came last
  const words = JSON.parse(document.getElementById("live-words").textContent);
  let session = null;

  const fill = (sentence, values) => sentence.replace(/{(\w+)}/g, (whole, name) => values[name] ?? whole);
  const number = (value) => value.toLocaleString(document.documentElement.lang, { useGrouping: false });
  // What a server says is English; the page has it in its own language too.
  const said = (...sentences) => sentences.filter(Boolean).map((one) => words.said[one] ?? one).join(" ");
  const say = (text) => { part("said").textContent = text; };
  const show = (isLive) => {
    part("start").hidden = isLive;
    part("stop").hidden = part("end").hidden = !isLive;
    part("record").hidden = !isLive || isByWebRtc();
    part("controls").disabled = !isLive;
    part("facts").hidden = false;
  };

  const isByWebRtc = () => Boolean(part("way")) && part("way").value === "webrtc";

  const open = async () => {
    const answer = await fetch(root.dataset.open, { method: "POST", body: new FormData(form) });
    const told = await answer.json();
    if (!answer.ok) throw new Error(`${told.title} ${told.hint}`);
    return told;
  };

  // Sound: pieces of 20 ms from the microphone, or from a file as fast as it is heard; `track` is the same sound.
  const listen = async (onPiece) => {
    const file = part("file").files[0];
    const context = new AudioContext();
    await context.audioWorklet.addModule(root.dataset.worklet);
    const pieces = new AudioWorkletNode(context, "pieces", { channelCount: 1, channelCountMode: "explicit" });
    pieces.port.onmessage = (event) => onPiece(event.data);
    pieces.connect(context.destination); // it writes nothing there; only what is connected runs
    const softened = [0, 1].map(() => new BiquadFilterNode(context, { type: "lowpass", frequency: 7000 }));
    softened[0].connect(softened[1]).connect(pieces);
    const whole = context.createMediaStreamDestination();
    let [begin, stop] = [() => {}, () => {}];
    if (file) {
      const source = context.createBufferSource();
      source.buffer = await context.decodeAudioData(await file.arrayBuffer());
      source.connect(softened[0]);
      source.connect(whole);
      begin = () => source.start();
    } else {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
      const source = context.createMediaStreamSource(stream);
      source.connect(softened[0]);
      source.connect(whole);
      stop = () => { for (const track of stream.getTracks()) track.stop(); };
    }
    return { track: whole.stream.getAudioTracks()[0], begin, stop: () => { stop(); context.close(); } };
  };

  // Pictures: everything received goes into the player as it is.
  class Player {
    constructor(mime) {
      this.waiting = [];
      this.source = new MediaSource();
      this.address = URL.createObjectURL(this.source);
      picture.src = this.address;
      this.source.addEventListener("sourceopen", () => {
        this.buffer = this.source.addSourceBuffer(mime);
        this.buffer.mode = "segments";
        this.buffer.addEventListener("updateend", () => this.next());
        this.next();
      });
    }

    push(data) {
      this.waiting.push(data);
      this.next();
    }

    next() {
      if (!this.buffer || this.buffer.updating || this.source.readyState !== "open") return;
      const ranges = this.buffer.buffered;
      if (ranges.length) {
        const end = ranges.end(ranges.length - 1);
        if (picture.paused) picture.play().catch(() => say(words.press_picture));
        if (end - picture.currentTime > BEHIND_S) picture.currentTime = end - 0.06;
        if (picture.currentTime - ranges.start(0) > 20) {
          this.buffer.remove(0, picture.currentTime - 10);
          return;
        }
      }
      if (!this.waiting.length) return;
      const pieces = this.waiting.splice(0);
      this.buffer.appendBuffer(joined(pieces));
    }

    close() {
      picture.pause();
      picture.removeAttribute("src");
      picture.load();
      URL.revokeObjectURL(this.address);
    }
  }

  const joined = (pieces) => {
    const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
    let at = 0;
    for (const piece of pieces) {
      whole.set(new Uint8Array(piece), at);
      at += piece.byteLength;
    }
    return whole;
  };

  const bytesOf = (hex) => Uint8Array.from((hex || "").match(/../g) || [], (pair) => parseInt(pair, 16));
  const ed25519 = (hex) => crypto.subtle.importKey("raw", bytesOf(hex), "Ed25519", false, ["verify"]).catch(() => null);

  class Session {
    constructor(told) {
      this.id = told.id;
      this.received = [];
      this.segment = [];
      this.checked = 0;
      this.sent = [];
      this.padded = 0;
      this.isWhole = true;
      this.isRecording = false;
      this.recorded = []; // whole seconds, behind the head: what a player can begin with
      this.records = 0;
      this.isMarked = false;
      if (isByWebRtc()) this.openByWebRtc(told.token);
      else this.openSocket(told);
    }

    openSocket(told) {
      this.socket = new WebSocket(told.url);
      this.socket.binaryType = "arraybuffer";
      this.socket.onopen = () => this.socket.send(JSON.stringify({ type: "start", token: told.token }));
      this.socket.onmessage = (event) => (typeof event.data === "string" ? this.note(JSON.parse(event.data)) : this.media(event.data));
      this.socket.onclose = () => this.end(words.closed);
    }

    // RTP carries pictures and not the stream, so there are no seconds to compare; the mark is read back all the same.
    async openByWebRtc(token) {
      this.way = new window.LiveWebRtc(root.dataset.webrtc, picture, (note) => this.note(note), () => this.end(words.closed), said);
      part("segments").textContent = words.no_seconds;
      try {
        this.sound = await listen((piece) => this.level(piece));
        await this.way.open(token, this.sound.track);
      } catch (error) {
        this.end(error.message);
      }
    }

    media(data) {
      this.head = this.head || data;
      this.received.push(data);
      this.segment.push(data);
      this.player.push(data);
    }

    async note(note) {
      if (note.type === "ready") {
        part("id").textContent = note.id;
        if (this.way) {
          this.sound.begin();
          say(words.live);
          return;
        }
        this.key = ed25519(note.segment_key);
        this.player = new Player(note.mime);
        try {
          this.sound = await listen((piece) => this.speak(piece));
          this.sound.begin();
          say(words.live);
        } catch (error) {
          this.fault = fill(words.no_sound, { reason: error.message });
          this.tell({ type: "end" });
        }
      } else if (note.type === "segment" && !this.way) {
        await this.check(note, this.segment.splice(0));
      } else if (note.type === "checked") {
        this.isMarked = note.score > 0;
        part("mark").textContent = fill(words.mark_read, { time: note.at.slice(11, 19), score: number(note.score) });
        this.badge();
      } else if (note.type === "pace") {
        this.padded = note.time_s - note.received_s;
        part("repeated").textContent = fill(words.repeated, { repeated: number(note.repeated), frames: number(note.frames) });
        const piece = this.sent[Math.floor((picture.currentTime - this.padded) * 50)];
        if (piece && !this.way && !picture.paused) part("latency").textContent = `${number(Math.round(performance.now() - piece))} ms`;
      } else if (note.type === "refused") {
        say(said(note.message, note.hint));
      } else if (note.type === "ended") {
        this.end(said(note.message, note.hint));
      }
    }

    // The bytes of a second come before its hash, so what is gathered is that second.
    async check(note, pieces) {
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", joined(pieces)));
      const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
      if (hex !== note.sha256) this.isWhole = false;
      if (!(await this.isSigned(note))) this.isWhole = false;
      this.checked += 1;
      if (this.isRecording) this.recorded.push(...pieces.filter((piece) => piece !== this.head));
      else if (this.recorded.length) this.giveRecord();
      part("segments").textContent = this.isWhole ? number(this.checked) : words.second_differs;
      this.badge();
    }

    // By the key that the log has from the start of the session; browsers without Ed25519 compare hashes only.
    async isSigned(note) {
      const key = await this.key;
      if (!key) return true;
      const words = new TextEncoder().encode(`likeness live segment\n${this.id}\n${note.number}\n${note.sha256}\n`);
      return crypto.subtle.verify("Ed25519", key, bytesOf(note.signature), words);
    }

    // A record is of whole seconds, from the one in which it is begun to the one before it is ended.
    record() {
      this.isRecording = !this.isRecording;
      part("record").setAttribute("aria-pressed", String(this.isRecording));
    }

    giveRecord() {
      this.records += 1;
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([this.head, ...this.recorded.splice(0)], { type: "video/mp4" }));
      link.download = `${this.id}-${this.records}.mp4`;
      link.textContent = fill(words.record, { number: number(this.records) });
      const item = document.createElement("li");
      item.append(link);
      part("recorded").append(item);
      part("recorded").hidden = false;
    }

    badge() {
      part("badge").hidden = !(this.isMarked && this.isWhole && this.checked);
    }

    speak(piece) {
      if (this.socket.readyState !== WebSocket.OPEN) return;
      this.socket.send(piece);
      this.sent.push(performance.now());
      this.level(piece);
    }

    level(piece) {
      const samples = new Int16Array(piece);
      part("level").value = Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length) / 32768;
    }

    tell(message) {
      if (this.way) this.way.tell(message);
      else if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
    }

    end(text) {
      if (this.isOver) return;
      this.isOver = true;
      if (this.sound) this.sound.stop();
      if (this.way) this.way.close();
      if (this.player) this.player.close();
      if (this.recorded.length) this.giveRecord();
      part("record").setAttribute("aria-pressed", "false");
      part("badge").hidden = true;
      show(false);
      say(this.fault || text);
      if (this.received.length) {
        const link = part("recording");
        link.href = URL.createObjectURL(new Blob(this.received, { type: "video/mp4" }));
        link.download = `${this.id}.mp4`;
        link.hidden = false;
      }
    }
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    say(words.starting);
    try {
      session = new Session(await open());
      show(true);
    } catch (error) {
      say(error.message);
    }
  });
  part("start").disabled = false; // earlier, the browser would have sent the form as a page
  part("end").addEventListener("click", () => session.tell({ type: "end" }));
  part("record").addEventListener("click", () => session.record());
  part("stop").addEventListener("click", () => session.tell({ type: "stop" }));
  for (const control of root.querySelectorAll("[data-control]")) {
    control.addEventListener("input", () => {
      const name = control.dataset.control;
      const value = control.type === "checkbox" ? Number(control.checked) : control.type === "range" ? Number(control.value) : control.value;
      session.tell({ type: "direct", controls: { [name]: value } });
    });
  }
})();
