// The war room, live. The socket only speaks; people act by POST. One message from three mouths (socket, poll, answer to
// a POST): { kind: "parts", head, parts: { id: html }, lines: [[seq, html]], gap }. Parts are morphed in by id, lines are
// put in by number, so that a message heard twice changes nothing. Heartbeats are { kind: "beat", head }.
(() => {
  "use strict";
  const room = document.getElementById("room");
  if (!room) return;
  const words = JSON.parse(document.documentElement.dataset.words || "{}");
  const SILENCE = 45000;        // the server beats every 20 s
  const POLL = 5000;
  const SLOWEST = 30000;
  let head = Number(room.dataset.head);
  let socket = null;
  let attempts = 0;
  let retry = 0;
  let silence = 0;
  let poll = 0;
  let ended = false;
  let fetching = null;

  function say(state, text) {
    for (const element of document.querySelectorAll("[data-live-state]")) {
      element.dataset.state = state;
      const place = element.querySelector("[data-live-words]");
      if (place) place.textContent = text;
    }
  }

  // --- what a message does to the page -----------------------------------------------------------------------------

  function swapPart(id, html) {
    const old = document.getElementById(id);
    if (!old) return;
    const model = document.createElement("template");
    model.innerHTML = html;
    for (const menu of old.querySelectorAll("details[open][id]")) {  // a menu that somebody has just opened stays open
      const again = model.content.getElementById(menu.id);
      if (again) again.open = true;
    }
    htmx.swap({ sourceElement: old, target: old, swap: "outerMorph", text: model.innerHTML });
  }

  function putLine(list, seq, html) {
    const known = document.getElementById(`e${seq}`);
    if (known) return;
    const model = document.createElement("template");
    model.innerHTML = html;
    const line = model.content.firstElementChild;
    let next = list.firstElementChild;
    while (next && Number(next.dataset.seq) > seq) next = next.nextElementSibling;
    list.insertBefore(line, next);
    line.classList.add("is-new");
    htmx.process(line);
  }

  function putLines(lines) {
    const list = document.getElementById("timeline");
    if (!list || list.dataset.past || !lines.length) return;
    document.getElementById("timeline-empty")?.remove();
    const anchor = scrollY > 200 ? firstVisibleLine(list) : null;
    const before = anchor?.getBoundingClientRect().top;
    for (const [seq, html] of lines) putLine(list, seq, html);
    if (anchor) scrollBy(0, anchor.getBoundingClientRect().top - before);  // whoever reads further down is not pushed about
  }

  function firstVisibleLine(list) {
    for (const line of list.children) if (line.getBoundingClientRect().bottom > 160) return line;
    return null;
  }

  function apply(message) {
    if (message.kind !== "parts") {
      if (message.head > head) catchUp();
      return;
    }
    for (const [id, html] of Object.entries(message.parts)) swapPart(id, html);
    putLines(message.lines);
    if (message.gap) htmx.ajax("GET", room.dataset.timeline, { target: "#timeline-window", swap: "outerHTML" });
    const moved = message.head > head;
    head = Math.max(head, message.head);
    if (moved || Object.keys(message.parts).length) document.body.dispatchEvent(new CustomEvent("muster:timeline"));
  }

  // --- asking instead of listening ---------------------------------------------------------------------------------

  async function catchUp() {
    if (fetching) return fetching;
    fetching = (async () => {
      const answer = await fetch(`${room.dataset.live}?after=${head}`, {
        headers: { "HX-Request": "true" }, credentials: "same-origin", cache: "no-store", redirect: "manual",
        signal: AbortSignal.timeout(10000),
      });
      if (answer.status === 404 || answer.status === 403) return leave();
      if (!answer.ok || !answer.headers.get("Content-Type")?.includes("json")) {
        if (answer.status === 204 || answer.type === "opaqueredirect") location.reload();  // signed out
        throw new Error(`live: ${answer.status}`);
      }
      apply(await answer.json());
    })();
    try { await fetching; return true; } catch { return false; } finally { fetching = null; }
  }

  async function polling() {
    clearTimeout(poll);
    if (ended || socket?.readyState === WebSocket.OPEN) return;
    if (!document.hidden && navigator.onLine && await catchUp() && socket?.readyState !== WebSocket.OPEN && !ended) {
      say("polling", room.dataset.wordsPolling);
    }
    poll = setTimeout(polling, POLL);
  }

  // --- listening ---------------------------------------------------------------------------------------------------

  function connect() {
    clearTimeout(retry);
    if (ended || (socket && socket.readyState <= WebSocket.OPEN)) return;
    let line;
    try { line = new WebSocket(`${location.origin.replace(/^http/, "ws")}${room.dataset.socket}?after=${head}`); } catch { return lost(1006); }
    socket = line;
    const patience = setTimeout(() => line.close(), 8000);
    line.onopen = () => { clearTimeout(patience); listen(line); };
    line.onmessage = (event) => {
      listen(line);
      if (line === socket) { attempts = 0; clearTimeout(poll); say("open", words.live); }
      try { apply(JSON.parse(event.data)); } catch (error) { console.warn("room:", error); }
    };
    line.onclose = (event) => { clearTimeout(patience); if (line === socket) lost(event.code); };
  }

  function listen(line) {
    clearTimeout(silence);
    silence = setTimeout(() => line.close(), SILENCE);
  }

  function lost(code) {
    clearTimeout(silence);
    socket = null;
    if (ended) return;
    if (code === 4401 || code === 4404) return leave();
    say("lost", words.reconnecting);
    attempts += 1;
    // Quick at first, then from 1 s to 30 s apart, spread at random: a restart must not bring everyone back in one instant.
    const longest = Math.min(SLOWEST, 1000 * 2 ** Math.max(0, attempts - 3));
    retry = setTimeout(connect, attempts <= 2 ? 200 + Math.random() * 600 : longest * (0.5 + Math.random() / 2));
    if (attempts >= 2) { clearTimeout(poll); poll = setTimeout(polling, 1500); }
  }

  function leave() {
    if (ended) return;
    ended = true;
    socket?.close();
    clearTimeout(retry);
    clearTimeout(poll);
    say("lost", room.dataset.wordsLeft);
    location.reload();  // the sign-in page or "not found": what was typed waits in its draft
  }

  function again() {
    if (socket?.readyState === WebSocket.OPEN) return;
    attempts = 0;
    if (socket) { const old = socket; socket = null; old.close(); }
    connect();
  }

  addEventListener("online", again);
  addEventListener("pageshow", (event) => { if (event.persisted) { again(); catchUp(); } });
  addEventListener("offline", () => { const old = socket; if (old) { socket = null; old.close(); lost(1006); } });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) again(); });
  addEventListener("pagehide", () => { ended = true; socket?.close(); });
  addEventListener("pageshow", () => { ended = false; });

  // --- acting ------------------------------------------------------------------------------------------------------

  document.addEventListener("htmx:config:request", (event) => {
    event.detail.ctx.request.headers["Room-Head"] = String(head);
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    if (!ctx.response?.headers.get("Content-Type")?.includes("application/json")) return;
    event.preventDefault();
    const source = ctx.sourceElement;
    const form = source.matches("form") ? source : source.closest("form");
    const dialog = source.closest("dialog");
    if (dialog) carriedOver();
    form?.reset();
    form?.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
    form?.querySelectorAll(".field-error").forEach((error) => error.remove());
    dialog?.close();
    for (const menu of document.querySelectorAll("#room details.menu[open]")) menu.open = false;
    try { apply(JSON.parse(ctx.text)); } catch (error) { console.warn("room:", error); }
  });

  const dialog = document.getElementById("room-dialog");
  const empty = dialog?.innerHTML;
  let carried = null;  // words typed in the composer go along into the dialog that its link opens
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-open-dialog]");
    if (link) carried = link.dataset.carry ? document.getElementById(link.dataset.carry) : null;
  });
  function carry() {
    const field = dialog.querySelector("textarea");
    if (!carried?.value.trim() || !field || dialog.dataset.carried) return;
    dialog.dataset.carried = "yes";
    field.value = carried.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  function carriedOver() {  // published: the same words are not sent again as a note
    if (!dialog?.dataset.carried || !carried?.isConnected) return;
    carried.value = "";
    carried.dispatchEvent(new Event("input", { bubbles: true }));
  }
  dialog?.addEventListener("close", () => { dialog.innerHTML = empty; delete dialog.dataset.carried; });
  dialog?.addEventListener("htmx:after:settle", () => {
    carry();
    dialog.querySelector("[aria-invalid], input:not([type=hidden]), select, textarea")?.focus();
  });

  connect();
})();
