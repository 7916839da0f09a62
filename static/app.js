// Small conveniences; every page works without them.
(() => {
  document.documentElement.classList.add("js");

  // On a phone the places slide sideways; show where we are.
  const here = document.querySelector(".nav [aria-current]");
  if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.offsetLeft - 16;

  const zone = document.querySelector("[data-dropzone]");
  if (zone) {
    const input = zone.querySelector("input[type=file]");
    const name = zone.querySelector("[data-filename]");
    const show = () => { if (name && input.files.length) name.textContent = input.files[0].name; };
    const submit = () => { show(); if (input.files.length) input.form.requestSubmit(); };
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
    if (!bar || !e.detail.total) return;
    const sent = e.detail.loaded >= e.detail.total;
    if (sent) bar.removeAttribute("value");
    else { bar.max = e.detail.total; bar.value = e.detail.loaded; }
    for (const stage of e.target.querySelectorAll("[data-stage]")) {
      if ((stage.dataset.stage === "read") === sent) stage.setAttribute("aria-current", "step");
      else stage.removeAttribute("aria-current");
    }
  });

  // Copy what the button names, or what stands before it.
  document.addEventListener("click", async (e) => {
    const button = e.target.closest("[data-copy]");
    if (!button) return;
    const source = button.dataset.copy ? document.querySelector(button.dataset.copy) : button.previousElementSibling;
    const label = button.textContent;
    const name = button.getAttribute("aria-label");
    const say = (words, spoken) => {
      button.textContent = words;
      if (name) button.setAttribute("aria-label", spoken);
    };
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      say(button.dataset.copied, button.dataset.copied);
    } catch {
      window.getSelection().selectAllChildren(source);
      const byHand = document.body.dataset.copyByHand;
      say(byHand, byHand);
    }
    setTimeout(() => say(label, name), 1500);
  });

  // A face is chosen by its box in the picture as well as by the buttons below it.
  document.addEventListener("click", (e) => {
    const box = e.target.closest("[data-chooses]");
    if (box) document.getElementById(box.dataset.chooses).click();
  });
  document.addEventListener("change", (e) => {
    if (e.target.name !== "face_box") return;
    for (const box of document.querySelectorAll("[data-chooses]")) {
      box.classList.toggle("is-chosen", box.dataset.chooses === e.target.id);
    }
  });

  document.addEventListener("submit", (e) => {
    const question = e.target.dataset.confirm;
    if (question && !window.confirm(question)) e.preventDefault();
  });

  // Times stand in the page in UTC; readers get their own clock, with UTC as the title.
  const forms = {
    day: { year: "numeric", month: "long", day: "numeric" },
    minute: { year: "numeric", month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" },
  };
  const language = document.documentElement.lang;
  const locale = language === "en" ? "en-GB" : language;
  // As provenance/pages/days.py: in French and Italian the first of a month is an ordinal.
  const first = { fr: "1er", it: "1º" }[language] ?? "1";
  const written = (moment, form) => new Intl.DateTimeFormat(locale, form).formatToParts(moment)
    .map(({ type, value }) => (type === "day" && value === "1" ? first : value)).join("");
  const localise = (root) => {
    for (const time of root.querySelectorAll("time[data-local]")) {
      const moment = new Date(time.dateTime);
      if (!Number.isNaN(moment.getTime())) {
        time.textContent = written(moment, forms[time.dataset.local]);
      }
    }
  };
  localise(document);
  document.body.addEventListener("htmx:load", (e) => localise(e.target));

  // Moves without sound while it is seen, unless readers asked for stillness or for little data.
  const isStill = window.matchMedia("(prefers-reduced-motion: reduce)").matches || navigator.connection?.saveData;
  if (!isStill && "IntersectionObserver" in window) {
    const seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) target.pause();
        else if (!target.dataset.stopped) target.play().catch(() => {});
      }
    }, { threshold: 0.4 });
    for (const video of document.querySelectorAll("video[data-moving]")) {
      video.addEventListener("pause", () => { if (document.activeElement === video) video.dataset.stopped = "yes"; });
      const begin = () => seen.observe(video);
      if (document.readyState === "complete") begin();
      else window.addEventListener("load", begin);
    }
  }

  for (const range of document.querySelectorAll("input[type=range]")) {
    const output = document.createElement("output");
    const frame = document.createElement("div");
    const digits = range.max - range.min > 10 ? 0 : 2;
    const form = { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false };
    const update = () => { output.textContent = Number(range.value).toLocaleString(language, form); };
    frame.className = "range";
    output.htmlFor = range.id;
    range.replaceWith(frame);
    frame.append(range, output);
    range.addEventListener("input", update);
    update();
  }
})();
