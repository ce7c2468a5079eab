// The theme, settled before the first paint: this device's choice, else the account's, else the system's.
(() => {
  "use strict";
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const KEY = "muster.theme";

  const chosen = () => {
    try { return localStorage.getItem(KEY) || root.dataset.theme || "auto"; } catch { return root.dataset.theme || "auto"; }
  };

  const show = () => {
    const choice = chosen();
    root.dataset.bsTheme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
    }
  };

  const choose = (choice) => {
    try { localStorage.setItem(KEY, choice); } catch { root.dataset.theme = choice; }
    show();
  };

  dark.addEventListener("change", show);
  addEventListener("storage", show);
  document.addEventListener("DOMContentLoaded", show);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (button) choose(button.dataset.themeChoice);
  });
  // The profile's form decides for the account; this device then follows it.
  document.addEventListener("change", (event) => {
    if (event.target.matches("select[data-theme-select], [data-theme-select] input")) choose(event.target.value);
  });
  show();
})();
