// Small conveniences; every page works without them.
(() => {
  const zone = document.querySelector("[data-dropzone]");
  if (zone) {
    const input = zone.querySelector("input[type=file]");
    const name = zone.querySelector("[data-filename]");
    const show = () => { if (name && input.files.length) name.textContent = input.files[0].name; };
    const submit = () => { show(); input.form.requestSubmit(); };
    input.addEventListener("change", submit);
    for (const event of ["dragenter", "dragover"]) {
      zone.addEventListener(event, (e) => { e.preventDefault(); zone.classList.add("is-over"); });
    }
    for (const event of ["dragleave", "drop"]) {
      zone.addEventListener(event, (e) => { e.preventDefault(); zone.classList.remove("is-over"); });
    }
    zone.addEventListener("drop", (e) => {
      if (e.dataTransfer.files.length) { input.files = e.dataTransfer.files; submit(); }
    });
  }

  // Upload progress of forms that htmx sends.
  document.body.addEventListener("htmx:xhr:progress", (e) => {
    const bar = e.target.querySelector("progress[data-upload]");
    if (bar && e.detail.total) { bar.max = e.detail.total; bar.value = e.detail.loaded; }
  });

  document.addEventListener("click", async (e) => {
    const button = e.target.closest("[data-copy]");
    if (!button) return;
    const source = document.querySelector(button.dataset.copy);
    await navigator.clipboard.writeText(source.textContent.trim());
    const label = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 1500);
  });

  document.addEventListener("submit", (e) => {
    const question = e.target.dataset.confirm;
    if (question && !window.confirm(question)) e.preventDefault();
  });

  for (const range of document.querySelectorAll("input[type=range]")) {
    const output = document.createElement("output");
    const update = () => { output.textContent = range.value; };
    range.addEventListener("input", update);
    range.after(output);
    update();
  }
})();
