// Shows the file that was sent under the regions of its verdict. The file never leaves the browser again.
(() => {
  let address = null;

  const show = (root) => {
    const frame = root.querySelector("[data-frame]");
    const input = document.querySelector("#file");
    const file = input && input.files[0];
    if (!file || !/^(video|image)\//.test(file.type)) return;
    if (address) URL.revokeObjectURL(address);
    address = URL.createObjectURL(file);
    let view = null;
    if (frame) {
      view = document.createElement(file.type.startsWith("image/") ? "img" : "video");
      view.src = address;
      if (view.tagName === "VIDEO") {
        view.muted = true;
        view.playsInline = true;
        view.preload = "auto";
        view.addEventListener("loadedmetadata", () => { view.currentTime = Number(frame.dataset.frame) + 0.2; });
      } else view.alt = "";
      frame.prepend(view);
      frame.classList.add("has-frame");
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
