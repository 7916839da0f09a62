// Keyframes in lanes, and the direction (JSON, docs/direction.md) that they are. No page here: numbers and names.

export const LANES = [
  { name: "emotion", fields: ["emotion", "emotion_intensity"] },
  { name: "mood", fields: ["valence", "arousal"] },
  { name: "gaze", fields: ["gaze_yaw", "gaze_pitch"] },
  { name: "distance", fields: ["head_distance"] },
  { name: "manner", fields: ["style", "expressiveness", "head_motion", "blinks_per_minute"] },
  { name: "listening", fields: ["listening"] },
  { name: "head", part: "head_pose" },
  { name: "actions", part: "actions" },
  { name: "eyes", part: "gaze" },
];

export const laneOf = (name) => LANES.find((lane) => lane.name === name);
export const laneOfField = (field) => LANES.find((lane) => lane.fields?.includes(field));
const round = (value) => Math.round(value * 1000) / 1000;

// Head and face movements that come and go, as [seconds, {part.channel: value}] from the cursor on.
export const GESTURES = {
  nod: [[0, { "head_pose.pitch": 0 }], [0.22, { "head_pose.pitch": 7 }], [0.5, { "head_pose.pitch": 0 }]],
  shake: [[0, { "head_pose.yaw": 0 }], [0.2, { "head_pose.yaw": -7 }], [0.45, { "head_pose.yaw": 7 }], [0.7, { "head_pose.yaw": 0 }]],
  tilt: [[0, { "head_pose.roll": 0 }], [0.4, { "head_pose.roll": 7 }], [1.4, { "head_pose.roll": 7 }], [1.8, { "head_pose.roll": 0 }]],
  brows: [[0, { "actions.browInnerUp": 0, "actions.browOuterUpLeft": 0, "actions.browOuterUpRight": 0 }],
    [0.2, { "actions.browInnerUp": 0.6, "actions.browOuterUpLeft": 0.5, "actions.browOuterUpRight": 0.5 }],
    [0.6, { "actions.browInnerUp": 0, "actions.browOuterUpLeft": 0, "actions.browOuterUpRight": 0 }]],
  frown: [[0, { "actions.browDownLeft": 0, "actions.browDownRight": 0 }], [0.3, { "actions.browDownLeft": 0.6, "actions.browDownRight": 0.6 }],
    [0.9, { "actions.browDownLeft": 0, "actions.browDownRight": 0 }]],
  smile: [[0, { "actions.mouthSmileLeft": 0, "actions.mouthSmileRight": 0 }], [0.4, { "actions.mouthSmileLeft": 0.5, "actions.mouthSmileRight": 0.5 }],
    [1.4, { "actions.mouthSmileLeft": 0.5, "actions.mouthSmileRight": 0.5 }], [2, { "actions.mouthSmileLeft": 0, "actions.mouthSmileRight": 0 }]],
  blink: [[0, { "actions.eyeBlinkLeft": 0, "actions.eyeBlinkRight": 0 }], [0.1, { "actions.eyeBlinkLeft": 1, "actions.eyeBlinkRight": 1 }],
    [0.3, { "actions.eyeBlinkLeft": 0, "actions.eyeBlinkRight": 0 }]],
  wink: [[0, { "actions.eyeBlinkLeft": 0 }], [0.12, { "actions.eyeBlinkLeft": 1 }], [0.4, { "actions.eyeBlinkLeft": 0 }]],
};

// Keyframes: { id, lane, t, values }. A value of the layer is called part.channel.
export class Keyframes {
  constructor() { this.all = []; this.next = 1; }

  add(lane, t, values) {
    t = round(Math.max(0, t));
    const there = this.all.find((key) => key.lane === lane && key.t === t);
    if (there) { Object.assign(there.values, values); return there; }
    const key = { id: this.next++, lane, t, values: { ...values } };
    this.all.push(key);
    this.all.sort((a, b) => a.t - b.t);
    return key;
  }

  get(id) { return this.all.find((key) => key.id === id); }
  of(lane) { return this.all.filter((key) => key.lane === lane); }
  remove(id) { this.all = this.all.filter((key) => key.id !== id); }

  // Where another keyframe of the lane stands already, nothing moves.
  move(id, t) {
    const key = this.get(id);
    t = round(Math.max(0, t));
    if (!key || this.all.some((other) => other !== key && other.lane === key.lane && other.t === t)) return false;
    key.t = t;
    this.all.sort((a, b) => a.t - b.t);
    return true;
  }

  // The keyframe that rules a control at a time: the last one before it, or else the first.
  ruling(field, t) {
    const keys = this.all.filter((key) => field in key.values);
    return keys.filter((key) => key.t <= t + 1e-6).pop() ?? keys[0];
  }

  shift(by) { for (const key of this.all) key.t = round(Math.max(0, key.t + by)); }

  toJSON() {
    const lists = { keyframes: new Map(), layer: new Map() };
    for (const { lane, t, values } of this.all) {
      const part = laneOf(lane).part;
      const rows = lists[part ? "layer" : "keyframes"];
      if (!rows.has(t)) rows.set(t, { time_s: t });
      const row = rows.get(t);
      for (const [name, value] of Object.entries(values)) {
        if (!part) row[name] = value;
        else (row[part] ??= {})[name.slice(part.length + 1)] = value;
      }
    }
    const found = { version: 1 };
    for (const [name, rows] of Object.entries(lists)) {
      if (rows.size) found[name] = [...rows.values()].sort((a, b) => a.time_s - b.time_s);
    }
    return found;
  }

  static from(direction) {
    const found = new Keyframes();
    for (const { time_s: t, ...values } of direction.keyframes ?? []) {
      for (const [name, value] of Object.entries(values)) found.add(laneOfField(name).name, t, { [name]: value });
    }
    for (const { time_s: t, ...parts } of direction.layer ?? []) {
      for (const [part, channels] of Object.entries(parts)) {
        const lane = LANES.find((one) => one.part === part).name;
        for (const [name, value] of Object.entries(channels)) found.add(lane, t, { [`${part}.${name}`]: value });
      }
    }
    return found;
  }
}

// What was, to come back to: text of everything that is edited.
export class History {
  constructor(now) { this.past = []; this.now = now; this.future = []; }
  keep(now) {
    if (now === this.now) return;
    this.past.push(this.now);
    if (this.past.length > 200) this.past.shift();
    this.now = now;
    this.future = [];
  }
  undo() { if (!this.past.length) return null; this.future.push(this.now); this.now = this.past.pop(); return this.now; }
  redo() { if (!this.future.length) return null; this.past.push(this.now); this.now = this.future.pop(); return this.now; }
}
