// Shows the file that was sent under the regions of its verdict. The file never leaves the browser again.
(() => {
  let address = null;

  const show = (root) => {
    const frames = root.querySelectorAll("[data-frame]");
    const input = document.querySelector("#file");
    const file = input && input.files[0];
    if (!file || !/^(video|image)\//.test(file.type)) return;
    if (address) URL.revokeObjectURL(address);
    address = URL.createObjectURL(file);
    let frame = null, view = null; // the first of them follows the buttons
    for (const one of frames) {
      const shown = document.createElement(file.type.startsWith("image/") ? "img" : "video");
      shown.src = address;
      if (shown.tagName === "VIDEO") {
        shown.muted = true;
        shown.playsInline = true;
        shown.preload = "auto";
        shown.addEventListener("loadedmetadata", () => { shown.currentTime = Number(one.dataset.frame) + 0.2; });
      } else shown.alt = "";
      one.prepend(shown);
      one.classList.add("has-frame");
      if (!view) [frame, view] = [one, shown];
    }
    if (!view || view.tagName !== "VIDEO") return;
    for (const button of root.querySelectorAll("[data-seek]")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        view.currentTime = Number(button.dataset.seek) + 0.2;
        frame.scrollIntoView({ block: "nearest" });
      });
    }
  };

  // Our frames come beside each other in one picture; those of the file are drawn one after the other.
  const compare = (section) => {
    const input = document.querySelector("#file");
    const file = input && input.files[0];
    if (!file || !file.type.startsWith("video/")) return;
    const ours = new Image(), video = document.createElement("video");
    const draw = (canvas, source, x, width, height) => {
      canvas.width = width;
      canvas.height = height;
      canvas.getContext("2d").drawImage(source, x, 0, width, height, 0, 0, width, height);
    };
    ours.addEventListener("load", () => {
      const width = ours.naturalWidth / Number(section.dataset.count);
      section.hidden = false;
      for (const one of section.querySelectorAll("[data-place]"))
        draw(one, ours, width * Number(one.dataset.place), width, ours.naturalHeight);
      const left = [...section.querySelectorAll("[data-second]")];
      video.addEventListener("loadeddata", () => { video.currentTime = Number(left[0].dataset.second); }, { once: true });
      video.addEventListener("seeked", () => {
        const one = left.shift();
        one.width = 240;
        one.height = Math.round((240 * video.videoHeight) / video.videoWidth);
        one.getContext("2d").drawImage(video, 0, 0, one.width, one.height);
        section.dataset.left = left.length;
        if (left.length) video.currentTime = Number(left[0].dataset.second);
        else {
          const address = video.src;
          video.removeAttribute("src");
          video.load();
          URL.revokeObjectURL(address);
        }
      });
      video.muted = true;
      video.preload = "auto";
      if (left.length) video.src = URL.createObjectURL(file);
    });
    ours.src = section.dataset.asMade;
  };

  document.body.addEventListener("htmx:load", (e) => {
    // Each section of an answer is announced by itself; the first stands for all.
    const result = e.target.closest && e.target.closest("#result");
    if (!result || e.target !== result.firstElementChild) return;
    show(result);
    for (const section of result.querySelectorAll("[data-as-made]")) compare(section);
  });
})();
