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

  document.body.addEventListener("htmx:load", (e) => {
    if (e.target.querySelector && e.target.closest("#result")) show(e.target.closest("#result"));
  });
})();
