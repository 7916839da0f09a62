// node judge.cjs MODULES FOLDER > verdicts.json
//
// What two networks name the face in each picture (*.png) of FOLDER: {"file": {"face-api": {...}, "fer": {...}}},
// seven probabilities each (neutral, happy, sad, angry, surprised, afraid, disgusted), or null where no face is
// found. MODULES holds the installed packages; their weights are part of them. Both see the face that face-api
// finds: its own network the aligned crop of the package, the other (face_classification, trained on FER-2013,
// weights of @vladmandic/human) a grey square around the landmarks, as in that data set.
"use strict";
const fs = require("fs");
const path = require("path");
const { createRequire } = require("module");

const [modules, folder] = process.argv.slice(2);
const load = createRequire(path.join(path.resolve(modules), "package.json"));
const FER_LABELS = ["angry", "disgusted", "afraid", "happy", "sad", "surprised", "neutral"];
const FACE_API_NAMES = { fearful: "afraid" };
const FER_INPUT = 64;
const SQUARE = 1.25; // side of the square against the larger extent of the landmarks, brows to chin

function packageFolder(name) {
  return path.dirname(load.resolve(`${name}/package.json`));
}

async function networks() {
  const wasm = load("@tensorflow/tfjs-backend-wasm");
  wasm.setWasmPaths(path.join(packageFolder("@tensorflow/tfjs-backend-wasm"), "dist/"));
  const api = load("@vladmandic/face-api/dist/face-api.node-wasm.js");
  await api.tf.setBackend("wasm");
  await api.tf.ready();
  for (const net of ["ssdMobilenetv1", "faceLandmark68Net", "faceExpressionNet"]) {
    await api.nets[net].loadFromDisk(path.join(packageFolder("@vladmandic/face-api"), "model"));
  }
  const models = path.join(path.resolve(modules), "node_modules", "@vladmandic", "human", "models");
  const { modelTopology, weightsManifest } = JSON.parse(fs.readFileSync(path.join(models, "emotion.json")));
  const bytes = fs.readFileSync(path.join(models, "emotion.bin"));
  const fer = await api.tf.loadGraphModel(api.tf.io.fromMemory({
    modelTopology,
    weightSpecs: weightsManifest.flatMap((group) => group.weights),
    weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
  }));
  return { api, fer };
}

function square(landmarks, info) {
  const xs = landmarks.positions.map((p) => p.x);
  const ys = landmarks.positions.map((p) => p.y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const half = 0.5 * SQUARE * Math.max(right - left, bottom - top);
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  return [(y - half) / info.height, (x - half) / info.width, (y + half) / info.height, (x + half) / info.width];
}

(async () => {
  const { api, fer } = await networks();
  const { tf } = api;
  const sharp = load("sharp");
  const options = new api.SsdMobilenetv1Options({ minConfidence: 0.2 });
  const verdicts = {};
  for (const file of fs.readdirSync(folder).filter((name) => name.endsWith(".png")).sort()) {
    const { data, info } = await sharp(path.join(folder, file)).removeAlpha().raw()
      .toBuffer({ resolveWithObject: true });
    const picture = tf.tensor3d(new Uint8Array(data), [info.height, info.width, 3], "int32");
    const found = await api.detectSingleFace(picture, options).withFaceLandmarks().withFaceExpressions();
    verdicts[file] = { "face-api": null, fer: null };
    if (found) {
      const scores = tf.tidy(() => {
        const crop = tf.image.cropAndResize(
          picture.expandDims(0).toFloat(), [square(found.landmarks, info)], [0], [FER_INPUT, FER_INPUT],
        );
        const grey = crop.mul([0.2989, 0.587, 0.114]).sum(3, true).div(127.5).sub(1);
        return Array.from(fer.execute(grey).dataSync());
      });
      verdicts[file].fer = Object.fromEntries(FER_LABELS.map((name, i) => [name, scores[i]]));
      verdicts[file]["face-api"] = Object.fromEntries(
        Object.entries(found.expressions).map(([name, value]) => [FACE_API_NAMES[name] || name, value]),
      );
    }
    picture.dispose();
  }
  process.stdout.write(JSON.stringify(verdicts));
})();
