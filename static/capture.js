// Recording speech and taking a portrait in the page. Both put a file into the form's own file field, so that
// everything after that is as with a chosen file. Without script or devices nothing of it is shown.
(() => {
  const mayAsk = window.isSecureContext && navigator.mediaDevices && navigator.mediaDevices.getUserMedia;
  // What the page says, in its language, to each way in which a device is not given.
  const WORDS = { NotAllowedError: "refused", NotFoundError: "missing", NotReadableError: "occupied" };

  const wire = (root) => {
    const input = root.closest("form").querySelector("input[type=file]");
    const said = root.querySelector("[data-said]");
    const part = (name) => root.querySelector(`[data-${name}]`);
    const say = (words) => { said.textContent = words; };
    let stream = null;
    root.hidden = false;
    const release = () => {
      if (stream) for (const track of stream.getTracks()) track.stop();
      stream = null;
    };
    window.addEventListener("pagehide", release);
    return {
      part,
      say,
      release,
      show: (...names) => { for (const name of names) part(name).hidden = false; },
      hide: (...names) => { for (const name of names) part(name).hidden = true; },
      open: async (wishes) => {
        try {
          stream = await navigator.mediaDevices.getUserMedia(wishes);
        } catch (error) {
          say(root.dataset[WORDS[error.name] || "unusable"]);
        }
        return stream;
      },
      give: (blob, name) => {
        const files = new DataTransfer();
        files.items.add(new File([blob], name, { type: blob.type }));
        input.files = files.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      },
    };
  };

  const recorder = document.querySelector("[data-recorder]");
  if (recorder && mayAsk && window.MediaRecorder) {
    const device = wire(recorder);
    const longest = Number(recorder.dataset.longest);
    let recording = null;
    let ticking = null;
    let address = null;

    // A moving bar, so that a silent microphone is seen before two minutes were spoken into it.
    const watch = (stream) => {
      const sound = new AudioContext();
      const ear = sound.createAnalyser();
      sound.createMediaStreamSource(stream).connect(ear);
      const wave = new Float32Array(ear.fftSize);
      const begun = performance.now();
      ticking = setInterval(() => {
        const seconds = (performance.now() - begun) / 1000;
        ear.getFloatTimeDomainData(wave);
        device.part("level").value = Math.sqrt(wave.reduce((sum, value) => sum + value * value, 0) / wave.length);
        device.part("clock").textContent = `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
        if (seconds >= longest && recording.state === "recording") recording.stop();
      }, 100);
      return sound;
    };

    device.part("record").addEventListener("click", async () => {
      device.say("");
      const stream = await device.open({ audio: { channelCount: 1, echoCancellation: false } });
      if (!stream) return;
      const pieces = [];
      recording = new MediaRecorder(stream, { audioBitsPerSecond: 128000 });
      recording.addEventListener("dataavailable", (e) => { if (e.data.size) pieces.push(e.data); });
      const sound = watch(stream);
      recording.addEventListener("stop", () => {
        clearInterval(ticking);
        sound.close();
        device.release();
        const blob = new Blob(pieces, { type: recording.mimeType });
        device.give(blob, recording.mimeType.includes("mp4") ? "recording.m4a" : "recording.webm");
        if (address) URL.revokeObjectURL(address);
        address = URL.createObjectURL(blob);
        device.part("playback").src = address;
        device.hide("running");
        device.show("record", "playback");
        device.part("record").textContent = recorder.dataset.again;
        device.part("record").focus();
        device.say(recorder.dataset.done);
      });
      device.hide("record", "playback");
      device.show("running");
      recording.start();
      device.part("stop").focus();
    });
    device.part("stop").addEventListener("click", () => { if (recording.state === "recording") recording.stop(); });
  }

  const live = document.querySelector("[data-live]");
  if (live && mayAsk && window.MediaRecorder) {
    const device = wire(live);
    const form = live.closest("form");
    const isLive = form.elements.is_live;
    const view = device.part("viewfinder");
    const longest = Number(live.dataset.longest);
    let recording = null;
    let ticking = null;
    let address = null;
    // What somebody chooses as a file was not recorded here.
    form.elements.file.addEventListener("change", (e) => { if (e.isTrusted) isLive.value = ""; });

    device.part("record").addEventListener("click", async () => {
      device.say("");
      const stream = await device.open({
        video: { facingMode: "user", width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 25 } },
        audio: { channelCount: 1 },
      });
      if (!stream) return;
      view.srcObject = stream;
      await view.play();
      const pieces = [];
      recording = new MediaRecorder(stream, { videoBitsPerSecond: 1500000, audioBitsPerSecond: 96000 });
      recording.addEventListener("dataavailable", (e) => { if (e.data.size) pieces.push(e.data); });
      recording.addEventListener("stop", () => {
        clearInterval(ticking);
        device.release();
        view.srcObject = null;
        const blob = new Blob(pieces, { type: recording.mimeType });
        device.give(blob, recording.mimeType.includes("mp4") ? "recording.mp4" : "recording.webm");
        isLive.value = "yes";
        if (address) URL.revokeObjectURL(address);
        address = URL.createObjectURL(blob);
        device.part("playback").src = address;
        device.hide("running", "looking");
        device.show("record", "playback");
        device.part("record").textContent = live.dataset.again;
        device.part("record").focus();
        device.say(live.dataset.done);
      });
      const begun = performance.now();
      ticking = setInterval(() => {
        const seconds = (performance.now() - begun) / 1000;
        device.part("clock").textContent = `0:${String(Math.floor(seconds)).padStart(2, "0")}`;
        if (seconds >= longest && recording.state === "recording") recording.stop();
      }, 100);
      device.hide("record", "playback");
      device.show("looking", "running");
      recording.start();
      device.part("stop").focus();
    });
    device.part("stop").addEventListener("click", () => { if (recording.state === "recording") recording.stop(); });
  }

  const camera = document.querySelector("[data-camera]");
  if (camera && mayAsk) {
    const device = wire(camera);
    const view = device.part("viewfinder");

    const close = () => {
      device.release();
      view.srcObject = null;
      device.hide("looking");
      device.show("open");
    };

    device.part("open").addEventListener("click", async () => {
      device.say("");
      const stream = await device.open({ video: { facingMode: "user", width: { ideal: 1920 }, height: { ideal: 1440 } } });
      if (!stream) return;
      view.srcObject = stream;
      await view.play();
      device.hide("open", "shot");
      device.show("looking");
      device.part("take").focus();
    });
    device.part("take").addEventListener("click", () => {
      const shot = device.part("shot");
      shot.width = view.videoWidth;
      shot.height = view.videoHeight;
      shot.getContext("2d").drawImage(view, 0, 0);
      shot.toBlob((blob) => {
        device.give(blob, "camera.jpg");
        close();
        device.show("shot");
        device.part("open").textContent = camera.dataset.again;
        device.part("open").focus();
        device.say(camera.dataset.done);
      }, "image/jpeg", 0.95);
    });
    device.part("close").addEventListener("click", () => { close(); device.part("open").focus(); });
  }
})();
