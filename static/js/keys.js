// The keyboard: any element with data-key="c" or data-key="g h" can be reached by it; "?" lists them all.
(() => {
  "use strict";
  const PATIENCE = 1200;
  let typed = "";
  let timer = 0;

  const isTyping = (element) => element.closest?.("input, textarea, select, [contenteditable], dialog[open]");
  const visible = (element) => element.checkVisibility?.() ?? true;

  function holders() {
    const found = new Map();
    for (const element of document.querySelectorAll("[data-key]")) {
      const old = found.get(element.dataset.key);
      if (!old || (!visible(old) && visible(element))) found.set(element.dataset.key, element);
    }
    return found;
  }

  function act(element) {
    if (element.matches("input, textarea, select")) { element.focus(); element.select?.(); } else element.click();
  }

  const label = (element) => element.dataset.keyLabel || element.getAttribute("aria-label") || element.placeholder || element.textContent.trim();

  function list() {
    const dialog = document.getElementById("keys-dialog");
    const body = dialog?.querySelector("[data-keys-list]");
    if (!body) return;
    body.replaceChildren();
    for (const [keys, element] of holders()) {
      const term = document.createElement("dt");
      for (const key of keys.split(" ")) {
        const cap = document.createElement("kbd");
        cap.className = "key";
        cap.textContent = key;
        term.append(cap, " ");
      }
      const words = document.createElement("dd");
      words.textContent = label(element);
      body.append(term, words);
    }
    dialog.showModal();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape") return void (typed = "");
    if (isTyping(event.target) || event.key.length !== 1) return;
    if (event.key === "?") { event.preventDefault(); return list(); }
    clearTimeout(timer);
    timer = setTimeout(() => { typed = ""; }, PATIENCE);
    const keys = holders();
    for (const attempt of [typed ? `${typed} ${event.key}` : event.key, event.key]) {
      const element = keys.get(attempt);
      if (element) { typed = ""; event.preventDefault(); return act(element); }
      if ([...keys.keys()].some((key) => key.startsWith(`${attempt} `))) { typed = attempt; return; }
    }
    typed = "";
  });

  document.addEventListener("click", (event) => { if (event.target.closest("[data-show-keys]")) list(); });
})();
