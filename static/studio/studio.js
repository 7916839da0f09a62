// The studio: the form of a job, a picture that follows it, and keyframes. Everything that is sent is in the form.
import { Drafts } from "./drafts.js";
import { GESTURES, History, Keyframes, laneOf, laneOfField } from "./direction.js";
import { Editor } from "./editor.js";
import { decimal, fill, words } from "./words.js";

const PRESETS = {
  natural: {},
  newsreader: { style: "calm", head_motion: 0.6, expressiveness: 0.8, blinks_per_minute: 14 },
  warm: { emotion: "happy", emotion_intensity: 0.35, style: "neutral", valence: 0.65 },
  lively: { style: "lively", expressiveness: 1.2, head_motion: 1.2, arousal: 0.65 },
  grave: { emotion: "sad", emotion_intensity: 0.25, style: "calm", head_motion: 0.6, arousal: 0.4 },
  close: { head_distance: 0.85, style: "calm", expressiveness: 0.8, head_motion: 0.5 },
};
const STRETCH_S = 8; // of the curves that the service gives at a time
const KEPT_MS = 400; // after the last movement of a slider one step of "Undo" ends

const form = document.querySelector("[data-studio]");
if (form) begin();

function begin() {
  const find = (name) => form.querySelector(`[data-${name}]`);
  const field = (name) => form.elements.namedItem(name);
  const fields = Object.keys(PRESETS.lively).concat(["emotion", "emotion_intensity", "valence", "gaze_yaw", "gaze_pitch", "head_distance", "blinks_per_minute", "listening"]);
  const names = [...new Set(fields)];
  const picture = find("picture"), player = find("player"), note = find("note"), clock = find("clock");
  const read = (name) => {
    const one = field(name);
    if (one.type === "checkbox") return one.checked ? 1 : 0;
    return one.tagName === "SELECT" ? one.value : Number(one.value);
  };
  const write = (name, value) => {
    const one = field(name);
    if (one.type === "checkbox") one.checked = value > 0;
    else one.value = value;
    if (one.type === "range") one.nextElementSibling.textContent = decimal(Number(value), one.max - one.min > 10 ? 0 : 2);
  };

  const natural = Object.fromEntries(names.map((name) => [name, read(name)]));
  let base = { ...natural }; // controls without keyframes
  let keyframes = new Keyframes();
  let cursor = 0, clipboard = null, ghostTimer = 0, keepTimer = 0, url = null, sound = null;
  const takes = { a: Number(field("seed").value) || 1, b: 1 + Math.floor(Math.random() * 9999) };
  let take = "a";
  try { if (field("direction").value.trim()) keyframes = Keyframes.from(JSON.parse(field("direction").value)); } catch { /* The form says so. */ }

  const say = (text, isTrouble = false) => { note.textContent = text; note.classList.toggle("is-trouble", isTrouble); note.hidden = !text; };
  const tell = (text) => { find("said").textContent = text; };
  const state = () => JSON.stringify({ base, keys: keyframes.all.map(({ lane, t, values }) => ({ lane, t, values })), takes, take });
  const history = new History(state());

  const wanted = () => ({
    driving_audio: field("driving_audio").value,
    controls: base,
    direction: keyframes.all.length ? keyframes.toJSON() : null,
    seed: takes[take],
    fps: Number(field("fps").value),
    sound_cue: field("label_sound_cue").checked,
    at_s: cursor,
    lips: field("motion").value,
  });
  const drafts = new Drafts({
    addresses: form.dataset,
    csrf: field("csrfmiddlewaretoken").value,
    portrait: () => field("portrait").value,
    wanted, say,
    show: (blob, ms) => {
      const before = url;
      url = URL.createObjectURL(blob);
      picture.src = url;
      picture.alt = fill(words.draft_at, { time: decimal(cursor, 2) });
      form.dataset.lastMs = Math.round(ms);
      form.dataset.stills = Number(form.dataset.stills ?? 0) + 1;
      say("");
      if (before) URL.revokeObjectURL(before);
    },
  });

  const editor = new Editor(find("editor"), {
    add: (lane) => addKey(lane),
    moved: (id, t, isDone) => { const done = keyframes.move(id, t) || isDone; if (isDone) { changed(); editor.focus(id); } else preview(); return done; },
    selected: (id) => { const key = keyframes.get(id); if (!key) return; editor.select(id); buttons(); goTo(key.t); },
    cursor: goTo,
    change: (id, name, value) => { keyframes.get(id).values[name] = value; changed({ isSliding: true }); },
    drop: (id, name) => { const key = keyframes.get(id); delete key.values[name]; if (!Object.keys(key.values).length) keyframes.remove(id); changed(); },
    removed: removeKey,
  });
  editor.ranges = JSON.parse(document.getElementById("layer-ranges").textContent);
  editor.keyframes = keyframes;

  function preview() { stopPlaying(); drafts.still(); }

  function changed({ isSliding = false } = {}) {
    field("direction").value = keyframes.all.length ? JSON.stringify(keyframes.toJSON(), null, 1) : "";
    editor.keyframes = keyframes;
    editor.draw();
    showControls();
    preview();
    clearTimeout(keepTimer);
    const keep = () => { history.keep(state()); buttons(); };
    if (isSliding) keepTimer = setTimeout(keep, KEPT_MS); else keep();
    buttons();
  }

  function buttons() {
    find("undo").disabled = !history.past.length && history.now === state();
    find("redo").disabled = !history.future.length;
    find("copy-key").disabled = find("delete-key").disabled = !keyframes.get(editor.selected);
    find("paste-key").disabled = !clipboard;
  }

  // Sliders show, and change, what rules at the cursor: the keyframe behind it, or else the control itself.
  function showControls() {
    for (const name of names) {
      const key = keyframes.ruling(name, cursor);
      write(name, key ? key.values[name] : base[name]);
      field(name).closest(".field").classList.toggle("is-keyed", Boolean(key));
    }
  }

  function setControl(name, value) {
    const key = keyframes.ruling(name, cursor);
    if (key) { key.values[name] = value; editor.select(key.id); } else base[name] = value;
  }

  function showCursor() {
    clock.textContent = `${decimal(cursor, 2)} s`;
    editor.place(cursor);
  }

  function goTo(t) {
    cursor = editor.snapped(t);
    showCursor();
    if (sound && !sound.paused) { sound.currentTime = Math.max(0, cursor - lead()); return; }
    showControls();
    preview();
  }

  function addKey(name) {
    const lane = laneOf(name);
    const values = lane.part ? { [{ head_pose: "head_pose.yaw", actions: "actions.browInnerUp", gaze: "gaze.yaw" }[lane.part]]: 0 }
      : Object.fromEntries(lane.fields.map((one) => [one, read(one)]));
    if (name === "listening") values.listening = read("listening") ? 0 : 1;
    const key = keyframes.add(name, cursor, values);
    editor.selected = key.id;
    changed();
    editor.focus(key.id);
    tell(fill(words.key_added, { lane: words.lanes[name], time: decimal(cursor, 2) }));
  }

  function removeKey(id) {
    const key = keyframes.get(id);
    if (!key) return;
    keyframes.remove(id);
    editor.selected = null;
    changed();
    tell(fill(words.key_deleted, { lane: words.lanes[key.lane] }));
    find("undo").focus();
  }

  function copyKey() { const key = keyframes.get(editor.selected); if (key) { clipboard = { lane: key.lane, values: { ...key.values } }; buttons(); tell(words.key_copied); } }
  function pasteKey() {
    if (!clipboard) return;
    const key = keyframes.add(clipboard.lane, cursor, clipboard.values);
    editor.selected = key.id;
    changed();
    editor.focus(key.id);
    tell(fill(words.key_pasted, { time: decimal(cursor, 2) }));
  }

  function restore(text) {
    if (text === null) return;
    const then = JSON.parse(text);
    base = then.base;
    Object.assign(takes, then.takes);
    take = then.take;
    keyframes = new Keyframes();
    for (const key of then.keys) keyframes.add(key.lane, key.t, key.values);
    editor.selected = null;
    showTake();
    changed();
  }
  const undo = () => { history.keep(state()); restore(history.undo()); };
  const redo = () => restore(history.redo());

  // --- takes: the same direction with another seed
  function showTake() {
    field("seed").value = takes[take];
    for (const button of form.querySelectorAll("[data-take]")) button.setAttribute("aria-pressed", String(button.dataset.take === take));
  }
  function useTake(name) { take = name; showTake(); changed(); ghosts(); }

  // --- the recording
  const lead = () => (field("label_sound_cue").checked ? Number(form.dataset.cue) : 0);
  async function load() {
    say(words.getting_ready);
    try {
      editor.load(await drafts.timeline());
      editor.fit();
      if (!form.dataset.stills) {
        const near = editor.duration / 3;
        editor.show(await drafts.curves(stretchOf(near)));
        cursor = openEyes(near);
      }
      goTo(Math.min(cursor, editor.duration));
      buttons();
      ghosts();
    } catch (error) { say(error.message, true); }
  }
  // Stretch after stretch, the nearest to the cursor first, so that no picture waits for all of a long recording.
  const stretchOf = (t) => Math.floor(t / STRETCH_S) * STRETCH_S;
  async function reloadGhosts() {
    const timer = ghostTimer;
    const starts = Array.from({ length: Math.ceil(editor.duration / STRETCH_S) }, (_, i) => i * STRETCH_S);
    const away = (start) => Math.abs(start + STRETCH_S / 2 - cursor);
    try {
      for (const start of starts.sort((a, b) => away(a) - away(b))) {
        const found = await drafts.curves(start);
        if (timer !== ghostTimer) return; // something was changed meanwhile
        editor.show(found);
      }
    } catch (error) { say(error.message, true); }
  }
  function ghosts() { clearTimeout(ghostTimer); ghostTimer = setTimeout(reloadGhosts, 700); }
  function openEyes(near) {
    const frames = editor.curves.lids.map((lid, i) => [lid, i / editor.fps]).filter(([lid]) => lid < 0.1);
    return frames.reduce((best, [, t]) => (Math.abs(t - near) < Math.abs(best - near) ? t : best), frames[0]?.[1] ?? 0);
  }

  // --- playing
  function stopPlaying() {
    if (player.hidden) return;
    player.pause();
    player.hidden = true;
    picture.hidden = false;
    find("play").textContent = words.play;
  }
  async function play() {
    if (!player.hidden) { stopPlaying(); return; }
    const button = find("play");
    button.disabled = true;
    button.textContent = words.making;
    try {
      const clip = await drafts.clip();
      if (player.src) URL.revokeObjectURL(player.src);
      player.src = URL.createObjectURL(clip);
      player.hidden = false;
      picture.hidden = true;
      button.textContent = words.stop;
      await player.play().catch(() => { player.controls = true; });
    } catch (error) { say(error.message, true); button.textContent = words.play; }
    button.disabled = false;
  }
  player.addEventListener("ended", stopPlaying);
  function listen() {
    const button = find("listen");
    if (sound && !sound.paused) { sound.pause(); return; }
    sound = new Audio(form.dataset.sound.replace("/-/", `/${field("driving_audio").value}/`));
    sound.currentTime = Math.max(0, cursor - lead());
    sound.addEventListener("timeupdate", () => { if (!sound.paused) { cursor = editor.snapped(sound.currentTime + lead()); showCursor(); } });
    for (const event of ["pause", "ended"]) sound.addEventListener(event, () => { button.setAttribute("aria-pressed", "false"); showControls(); preview(); });
    sound.play().then(() => button.setAttribute("aria-pressed", "true")).catch(() => say(words.not_played, true));
  }

  // --- what is pressed
  for (const name of names) {
    field(name).addEventListener("input", () => { setControl(name, read(name)); changed({ isSliding: true }); });
    field(name).addEventListener("change", ghosts);
  }
  for (const [preset, values] of Object.entries(PRESETS)) {
    const title = words.presets[preset];
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button-secondary button-small";
    button.textContent = title;
    button.addEventListener("click", () => { for (const [name, value] of Object.entries({ ...natural, ...values })) setControl(name, value); changed(); ghosts(); tell(fill(words.preset_set, { preset: title })); });
    find("presets").append(button);
  }
  for (const gesture of [...Object.keys(GESTURES), "listen"]) find("gesture").append(new Option(words.gestures[gesture], gesture));
  find("add-gesture").addEventListener("click", () => {
    const gesture = find("gesture").value;
    let last = null;
    if (gesture in GESTURES) {
      for (const [after, values] of GESTURES[gesture]) {
        const part = Object.keys(values)[0].split(".")[0];
        last = keyframes.add({ head_pose: "head", actions: "actions", gaze: "eyes" }[part], editor.snapped(cursor + after), values);
      }
    } else {
      if (!keyframes.of("listening").length && cursor > 0) keyframes.add("listening", 0, { listening: 0 });
      keyframes.add("listening", cursor, { listening: 1 });
      last = keyframes.add("listening", editor.snapped(cursor + 2), { listening: 0 });
    }
    editor.selected = last.id;
    changed();
    tell(fill(words.gesture_added, { gesture: words.gestures[gesture], time: decimal(cursor, 2) }));
  });
  find("undo").addEventListener("click", undo);
  find("redo").addEventListener("click", redo);
  find("copy-key").addEventListener("click", copyKey);
  find("paste-key").addEventListener("click", pasteKey);
  find("delete-key").addEventListener("click", () => removeKey(editor.selected));
  for (const button of form.querySelectorAll("[data-zoom]")) button.addEventListener("click", () => editor.zoom(button.dataset.zoom === "in" ? 1.5 : 1 / 1.5));
  form.addEventListener("keydown", (e) => {
    if (!(e.ctrlKey || e.metaKey) || e.target.matches("textarea, input:not([type=range]):not([type=checkbox])")) return;
    const does = { z: e.shiftKey ? redo : undo, y: redo, c: e.target.dataset.key && copyKey, v: find("editor").contains(e.target) && pasteKey }[e.key.toLowerCase()];
    if (does) { e.preventDefault(); does(); }
  });
  find("play").addEventListener("click", play);
  find("listen").addEventListener("click", listen);
  for (const button of form.querySelectorAll("[data-take]")) button.addEventListener("click", () => useTake(button.dataset.take));
  find("new-take").addEventListener("click", () => { takes.b = 1 + Math.floor(Math.random() * 9999); useTake("b"); });
  field("seed").addEventListener("change", () => { takes[take] = Number(field("seed").value) || 1; changed(); ghosts(); });
  field("direction").addEventListener("change", () => {
    try {
      keyframes = field("direction").value.trim() ? Keyframes.from(JSON.parse(field("direction").value)) : new Keyframes();
      editor.selected = null;
      changed();
    } catch { say(words.not_json, true); }
  });
  field("portrait").addEventListener("change", () => { drafts.token = null; load(); });
  for (const name of ["driving_audio", "fps", "motion"]) field(name).addEventListener("change", load);
  let cue = lead();
  field("label_sound_cue").addEventListener("change", () => { keyframes.shift(lead() - cue); cursor += lead() - cue; cue = lead(); changed(); load(); });

  // --- gaze by hand: dragging on the picture turns the eyes
  const gaze = (e) => {
    const box = picture.getBoundingClientRect();
    const part = (at, from, size, [low, high]) => Math.min(high, Math.max(low, Math.round((((at - from) / size) * 2 - 1) * high)));
    for (const [name, value] of [["gaze_yaw", part(e.clientX, box.left, box.width, [-30, 30])], ["gaze_pitch", part(e.clientY, box.top, box.height, [-20, 20])]]) setControl(name, value);
    changed({ isSliding: true });
  };
  picture.draggable = false;
  picture.addEventListener("pointerdown", (e) => {
    if (e.pointerType === "touch") return; // a telephone scrolls
    picture.setPointerCapture(e.pointerId);
    gaze(e);
    picture.addEventListener("pointermove", gaze);
    picture.addEventListener("pointerup", () => { picture.removeEventListener("pointermove", gaze); ghosts(); }, { once: true });
  });

  showTake();
  load();
}
