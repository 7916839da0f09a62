// Searches the reference, and sends calls from it. The page can be read without this.
(() => {
  const bar = document.querySelector("[data-reference]");
  if (!bar) return;
  const search = bar.querySelector("#reference-search");
  const key = bar.querySelector("#reference-key");
  const found = bar.querySelector("[data-found]");
  const calls = [...document.querySelectorAll(".operation")];
  const groups = [...document.querySelectorAll("[data-group]")];

  const look = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const call of calls) {
      const fits = words.every((word) => call.dataset.words.includes(word));
      call.hidden = !fits;
      count += fits;
    }
    for (const group of groups) group.hidden = !group.querySelector(".operation:not([hidden])");
    found.textContent = words.length ? (count === 1 ? "1 call" : `${count} calls`) : "";
  };
  search.addEventListener("input", look);
  bar.addEventListener("submit", (e) => { e.preventDefault(); look(); });

  // A call that is linked to stands open.
  const open = () => {
    const call = location.hash && document.getElementById(location.hash.slice(1));
    if (call && call.matches(".operation")) call.open = true;
  };
  window.addEventListener("hashchange", open);
  open();

  const shown = async (answer) => {
    const kind = answer.headers.get("Content-Type") || "";
    const head = `${answer.status} ${answer.statusText}`.trim();
    if (!/json|text/.test(kind)) return `${head}\n${kind}, ${(await answer.blob()).size} bytes`;
    const text = await answer.text();
    try { return `${head}\n${JSON.stringify(JSON.parse(text), null, 2)}`; } catch { return `${head}\n${text}`; }
  };

  for (const place of document.querySelectorAll("[data-try]")) {
    const form = place.querySelector("form");
    const out = form.querySelector("[data-answer]");
    form.querySelector("button").disabled = false; // earlier, the browser would have sent the form as a page
    form.addEventListener("submit", async (e) => {
      e.preventDefault();
      const { method, path, type } = place.dataset;
      const headers = {};
      const query = new URLSearchParams();
      const fields = new FormData();
      let address = path;
      let body;
      for (const input of form.querySelectorAll("[data-in]")) {
        const value = input.type === "file" ? input.files[0] : input.value;
        if (!value) continue;
        if (input.dataset.in === "path") address = address.replace(`{${input.name}}`, encodeURIComponent(value));
        else if (input.dataset.in === "query") query.append(input.name, value);
        else if (input.dataset.in === "header") headers[input.name] = value;
        else if (input.dataset.in === "form") fields.append(input.name, value);
        else { body = value; headers["Content-Type"] = type; }
      }
      if ("needsKey" in place.dataset && key.value) headers.Authorization = `Bearer ${key.value}`;
      if (type === "multipart/form-data") body = fields;
      if (String(query)) address += `?${query}`;
      out.hidden = false;
      out.textContent = "…";
      try {
        out.textContent = await shown(await fetch(address, { method, headers, body, credentials: "omit" }));
      } catch (error) {
        out.textContent = String(error);
      }
    });
  }
})();
