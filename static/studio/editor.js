// The timeline: waveform, phones, ghost curves of what the voice does by itself, and keyframes in lanes.
import { LANES, laneOf } from "./direction.js";
import { decimal, fill, number, words } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const GHOSTS = { // curves of a lane, and what fills half its height
  gaze: [["gaze_yaw", 12], ["gaze_pitch", 12]],
  distance: [["distance", 1]],
  head: [["head_yaw", 8], ["head_pitch", 8], ["head_roll", 8]],
  actions: [["brows", 0.6], ["smile", 0.6]],
  eyes: [["lids", 1]],
};
const VISEME_CLASS = { PP: "shut", FF: "teeth", aa: "open", O: "open", E: "open", I: "wide", WU: "round" };

export const make = (name, attributes = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
};
const draw = (name, attributes) => {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};
const channelWords = (name) => { const channel = name.replace(/^.*\./, ""); return words.channels[channel] ?? channel; };
const valueWords = (value) => (typeof value === "number" ? number(value) : words.values[value] ?? value);

export class Editor {
  // `on`: add(lane), moved(id, t, isDone), selected(id), cursor(t), change(id, name, value), drop(id, name), removed(id).
  constructor(root, on) {
    this.on = on;
    for (const name of ["names", "sheet", "scroll", "inspector"]) this[name] = root.querySelector(`[data-${name}]`);
    this.duration = 1;
    this.fps = 25;
    this.perSecond = 90;
    this.keyframes = null;
    this.selected = null;
    this.#frame();
  }

  #frame() {
    this.names.append(make("div", { class: "lane-name lane-wave" }, words.voice), make("div", { class: "lane-name lane-phones" }, words.phones));
    this.cursor = make("input", { type: "range", class: "lane-cursor", min: 0, max: 1, step: "any", value: 0, "aria-label": words.cursor,
      oninput: () => this.on.cursor(Number(this.cursor.value)), onkeydown: (e) => this.#stepCursor(e) });
    this.wave = make("div", { class: "lane-wave" });
    this.phones = make("div", { class: "lane-phones", "aria-hidden": "true" });
    this.head = make("div", { class: "lane-head", "aria-hidden": "true" });
    this.sheet.append(make("div", { class: "lane-wave-frame" }, this.wave, this.cursor), this.phones);
    this.lanes = {};
    for (const lane of LANES) {
      const title = words.lanes[lane.name];
      this.names.append(make("div", { class: "lane-name" }, make("span", {}, title),
        make("button", { type: "button", class: "lane-add", "aria-label": fill(words.add_key_to, { lane: title }), title: words.add_key,
          onclick: () => this.on.add(lane.name) }, "+")));
      const strip = make("div", { class: "lane", "data-lane": lane.name, role: "group", "aria-label": fill(words.keys_of, { lane: title }),
        onpointerdown: (e) => { if (e.target === strip || e.target.closest("svg")) this.on.cursor(this.#timeOf(e)); } });
      this.lanes[lane.name] = strip;
      this.sheet.append(strip);
    }
    this.sheet.append(this.head);
  }

  #stepCursor(e) {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[e.key];
    if (!by) return;
    e.preventDefault();
    this.on.cursor(this.snapped(Number(this.cursor.value) + (by * (e.shiftKey ? 10 : 1)) / this.fps));
  }

  snapped(t) { return Math.min(Math.max(Math.round(t * this.fps) / this.fps, 0), this.duration); }
  #timeOf(e) { return this.snapped((e.clientX - this.sheet.getBoundingClientRect().left) / this.perSecond); }

  // The recording: what `timeline` answered.
  load(data) {
    this.data = data;
    this.curves = {};
    this.duration = data.duration_s;
    this.fps = data.fps;
    this.cursor.max = this.duration;
    this.#resize();
  }

  // A stretch of what the voice does by itself: what `curves` answered.
  show({ first, curves }) {
    for (const [name, values] of Object.entries(curves)) {
      const whole = (this.curves[name] ??= []);
      values.forEach((value, i) => { whole[first + i] = value; });
    }
    this.#drawGhosts();
  }

  zoom(by) {
    const middle = (this.scroll.scrollLeft + this.scroll.clientWidth / 2) / this.perSecond;
    this.perSecond = Math.min(Math.max(this.perSecond * by, 20), 600);
    this.#resize();
    this.scroll.scrollLeft = middle * this.perSecond - this.scroll.clientWidth / 2;
  }

  fit() { this.perSecond = Math.max(this.scroll.clientWidth / this.duration, 40); this.#resize(); }

  #resize() {
    this.sheet.style.width = `${this.duration * this.perSecond}px`;
    this.#drawWave();
    this.#drawPhones();
    this.#drawGhosts();
    this.draw();
    this.place(Number(this.cursor.value));
  }

  #svg(height) { return draw("svg", { viewBox: `0 0 ${this.duration} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" }); }

  #drawWave() {
    if (!this.data) return;
    const svg = this.#svg(2);
    const step = 1 / this.data.peaks_per_s;
    const d = this.data.peaks.map((peak, i) => `M${(i + 0.5) * step} ${1 - Math.max(peak, 0.02)}V${1 + Math.max(peak, 0.02)}`).join("");
    svg.append(draw("path", { d, class: "wave" }));
    for (let t = 0; t <= this.duration; t += 1) svg.append(draw("path", { d: `M${t} 0V.25`, class: "tick" }));
    this.wave.replaceChildren(svg);
  }

  #drawPhones() {
    if (!this.data) return;
    this.phones.replaceChildren(...this.data.phones.map(([a, b, phone, viseme]) => {
      const width = (b - a) * this.perSecond;
      const box = make("span", { class: `phone phone-${VISEME_CLASS[viseme] ?? "other"}`, title: `${phone} (${viseme})` }, width > 9 ? phone : "");
      box.style.left = `${a * this.perSecond}px`;
      box.style.width = `${Math.max(width - 1, 1)}px`;
      return box;
    }));
  }

  #drawGhosts() {
    for (const [name, strip] of Object.entries(this.lanes)) {
      strip.querySelector("svg")?.remove();
      if (!this.data || !GHOSTS[name]) continue;
      const svg = this.#svg(2);
      GHOSTS[name].forEach(([curve, half], i) => {
        const values = this.curves[curve] ?? [];
        const d = values.map((value, frame) => // a stretch that is not there yet leaves a gap
          `${values[frame - 1] === undefined ? "M" : "L"}${((frame + 0.5) / this.fps).toFixed(3)} ${(1 - Math.max(-1, Math.min(1, value / half))).toFixed(3)}`);
        svg.append(draw("path", { d: d.join(""), class: `ghost ghost-${i}` }));
      });
      strip.prepend(svg);
    }
  }

  // Keyframes as buttons, and the inspector of the selected one.
  draw() {
    if (!this.keyframes) return;
    const focused = document.activeElement?.dataset?.key;
    for (const [name, strip] of Object.entries(this.lanes)) {
      for (const button of [...strip.querySelectorAll(".keyframe")]) button.remove();
      for (const key of this.keyframes.of(name)) strip.append(this.#button(key));
    }
    if (focused) this.sheet.querySelector(`[data-key="${focused}"]`)?.focus({ preventScroll: true });
    this.#inspect();
  }

  #button(key) {
    const told = Object.entries(key.values).map(([name, value]) => `${channelWords(name)} ${valueWords(value)}`).join(", ");
    const button = make("button", { type: "button", class: "keyframe", "data-key": key.id, "aria-pressed": String(key.id === this.selected),
      "aria-label": fill(words.key_at, { lane: words.lanes[key.lane], time: decimal(key.t, 2), values: told }), title: told,
      onkeydown: (e) => this.#keys(e, key), onfocus: () => this.on.selected(key.id), onpointerdown: (e) => this.#drag(e, key, button) });
    button.style.left = `${key.t * this.perSecond}px`;
    return button;
  }

  #keys(e, key) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    if (by) { e.preventDefault(); this.on.moved(key.id, this.snapped(key.t + (by * (e.shiftKey ? 10 : 1)) / this.fps), true); }
    else if (e.key === "Delete" || e.key === "Backspace") { e.preventDefault(); this.on.removed(key.id); }
  }

  #drag(e, key, button) {
    button.setPointerCapture(e.pointerId);
    const begun = e.clientX;
    let isMoved = false;
    const move = (now) => {
      if (!isMoved && Math.abs(now.clientX - begun) < 4) return;
      isMoved = true;
      if (this.on.moved(key.id, this.#timeOf(now), false)) button.style.left = `${key.t * this.perSecond}px`;
    };
    const end = () => {
      button.removeEventListener("pointermove", move);
      if (isMoved) this.on.moved(key.id, key.t, true);
    };
    button.addEventListener("pointermove", move);
    button.addEventListener("pointerup", end, { once: true });
    button.addEventListener("pointercancel", end, { once: true });
  }

  select(id) {
    this.selected = id;
    for (const button of this.sheet.querySelectorAll(".keyframe")) button.setAttribute("aria-pressed", String(button.dataset.key === String(id)));
    this.#inspect();
  }

  focus(id) { this.sheet.querySelector(`[data-key="${id}"]`)?.focus({ preventScroll: true }); }

  place(t) {
    this.cursor.value = t;
    this.cursor.setAttribute("aria-valuetext", fill(words.cursor_at, { time: decimal(t, 2) }));
    this.head.style.left = `${t * this.perSecond}px`;
    const x = t * this.perSecond;
    if (x < this.scroll.scrollLeft || x > this.scroll.scrollLeft + this.scroll.clientWidth) this.scroll.scrollLeft = x - this.scroll.clientWidth / 2;
  }

  #inspect() {
    const key = this.selected && this.keyframes?.get(this.selected);
    this.inspector.hidden = !key;
    if (!key || this.inspector.contains(document.activeElement) && this.shown === key.id && !this.isStale) return;
    this.shown = key.id;
    this.isStale = false;
    const lane = laneOf(key.lane);
    const time = make("input", { type: "number", id: "key-time", min: 0, max: this.duration, step: 0.01, value: key.t,
      onchange: (e) => this.on.moved(key.id, this.snapped(Number(e.target.value)), true) });
    const parts = [make("h3", {}, fill(words.key_of, { lane: words.lanes[key.lane] })), make("div", { class: "field" }, make("label", { for: "key-time" }, words.second), time)];
    if (!lane.part) parts.push(make("p", { class: "muted" }, words.set_beside));
    else parts.push(...this.#channels(key, lane));
    this.inspector.replaceChildren(...parts);
  }

  #channels(key, lane) {
    const ranges = this.ranges[lane.part];
    const fields = Object.entries(key.values).map(([name, value]) => {
      const channel = name.slice(lane.part.length + 1);
      const [min, max] = ranges[channel];
      const id = `key-${channel}`;
      const output = make("output", { for: id }, number(value, 3));
      const input = make("input", { type: "range", id, min, max, step: (max - min) / 60, value,
        oninput: (e) => { output.textContent = number(Number(e.target.value)); this.on.change(key.id, name, Math.round(e.target.value * 1000) / 1000); } });
      return make("div", { class: "field" }, make("label", { for: id }, channelWords(name)), make("div", { class: "range" }, input, output),
        make("button", { type: "button", class: "link", "aria-label": fill(words.take_out_named, { channel: channelWords(name) }), onclick: () => { this.isStale = true; this.on.drop(key.id, name); } }, words.take_out));
    });
    const others = Object.keys(ranges).filter((channel) => !(`${lane.part}.${channel}` in key.values));
    const select = make("select", { id: "key-more", onchange: (e) => { this.isStale = true; this.on.change(key.id, `${lane.part}.${e.target.value}`, 0); } },
      make("option", { value: "", disabled: true, selected: true }, words.choose), ...others.map((channel) => make("option", { value: channel }, channelWords(channel))));
    return [...fields, make("div", { class: "field" }, make("label", { for: "key-more" }, words.add), select)];
  }
}
