// Nothing half-typed is lost: fields with data-draft="key" are kept on this device until the server took the form.
// Kept under the person's number, restored after a reload or a lost connection, forgotten at sign-out.
(() => {
  "use strict";
  const person = document.documentElement.dataset.person || "";
  const PREFIX = `muster.draft.${person}.`;
  const WAITING = "muster.drafts-waiting";
  const nameOf = (field) => PREFIX + field.dataset.draft;
  const fields = (root) => [...(root.matches?.("[data-draft]") ? [root] : []), ...root.querySelectorAll("[data-draft]")];

  const read = (name) => { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } };
  const forget = (name) => { try { localStorage.removeItem(name); } catch { /* no storage, no drafts */ } };

  function keep(field) {
    const base = field.dataset.draftBase ?? field.defaultValue;
    field.dataset.draftBase = base;
    if (field.value === base) return forget(nameOf(field));
    try { localStorage.setItem(nameOf(field), JSON.stringify({ value: field.value, base, at: Date.now() })); } catch { /* full */ }
  }

  // Only over the text the draft was started from: newer words from the server are never overwritten.
  function restore(field) {
    if (field.dataset.draftSeen) return;
    field.dataset.draftSeen = "yes";
    const draft = read(nameOf(field));
    if (!draft || field.value === draft.value || field === document.activeElement) return;
    if (draft.base !== field.defaultValue) return;
    field.dataset.draftBase = draft.base;
    field.value = draft.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    const note = document.querySelector(`[data-draft-note="${CSS.escape(field.dataset.draft)}"]`);
    if (note) note.hidden = false;
  }

  function accepted(form) {
    for (const field of fields(form)) { forget(nameOf(field)); delete field.dataset.draftBase; }
    if (form.matches("[data-reset]")) form.reset();
  }

  function forgetAll() {
    for (const name of Object.keys(localStorage)) if (name.startsWith("muster.draft.")) localStorage.removeItem(name);
  }

  // A plain form is taken when the next page came by the redirect that follows a good POST.
  function settleWaiting() {
    let waiting = [];
    try { waiting = JSON.parse(sessionStorage.getItem(WAITING) || "[]"); sessionStorage.removeItem(WAITING); } catch { return; }
    const [visit] = performance.getEntriesByType("navigation");
    const fine = !visit || !visit.responseStatus || visit.responseStatus < 400;
    if (fine && visit?.redirectCount > 0) waiting.forEach(forget);
  }

  document.addEventListener("input", (event) => {
    if (event.target.matches?.("[data-draft]")) keep(event.target);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-sign-out]")) return forgetAll();
    if (event.defaultPrevented || form.matches("[hx-post], [hx-put], [hx-patch]")) return;
    const names = fields(form).map(nameOf);
    if (names.length) sessionStorage.setItem(WAITING, JSON.stringify(names));
  });
  // Before htmx swaps the answer in: a fresh, empty form must not be filled with what was just sent.
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    if (!ctx.response || ctx.response.status >= 400 || ctx.request.method === "GET") return;
    const form = ctx.request.form || ctx.sourceElement.closest("form");
    if (form) accepted(form);
  });
  document.addEventListener("DOMContentLoaded", () => { settleWaiting(); fields(document).forEach(restore); });
  document.addEventListener("htmx:after:settle", () => fields(document).forEach(restore));
})();
