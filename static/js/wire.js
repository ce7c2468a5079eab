// The line to the server: offline is shown, failures are told as sentences, the room's socket has a state.
(() => {
  "use strict";
  const words = JSON.parse(document.documentElement.dataset.words || "{}");
  const banner = () => document.getElementById("offline");

  function showLine() {
    const element = banner();
    if (element) element.hidden = navigator.onLine;
  }

  function refuse(sentence) {
    const tray = document.getElementById("refusals");
    const model = document.getElementById("toast-model");
    if (!tray || !model) return;
    const box = model.content.firstElementChild.cloneNode(true);
    box.classList.add("is-red");
    box.setAttribute("role", "alert");
    box.querySelector("p").textContent = sentence;
    tray.replaceChildren(box);
  }

  // htmx 4 swaps every answer in, errors too. An answer that was not meant for the target (a whole error page, a
  // sign-in page) is told as a sentence instead; 422 forms and partials the server addressed itself pass.
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = event.detail;
    const status = ctx.response?.status;
    if (!status || status < 400 || status === 422 || ctx.hx?.retarget) return;
    event.preventDefault();
    refuse(status === 401 || status === 403 ? words.not_allowed : status === 404 ? words.gone : words.server_trouble);
  });
  document.addEventListener("htmx:before:response", (event) => {
    const { ctx } = event.detail;
    if (ctx.response.raw.redirected && /\/login\/?$/.test(new URL(ctx.response.raw.url).pathname)) {
      event.preventDefault();
      location.assign(ctx.response.raw.url);
    }
  });
  document.addEventListener("htmx:error", () => { if (!navigator.onLine) showLine(); else refuse(words.no_answer); });

  // <… hx-ws:connect="/ws/…"> with a [data-live-state] somewhere in the page.
  let silence = 0;
  function live(state) {
    for (const element of document.querySelectorAll("[data-live-state]")) {
      element.dataset.state = state;
      const text = element.querySelector("[data-live-words]");
      if (text) text.textContent = state === "open" ? words.live : words.reconnecting;
    }
  }
  function listen(connection) {
    clearTimeout(silence);
    silence = setTimeout(() => connection.socket?.close(), 40000); // the server's heartbeat comes every 20 s or sooner
  }
  document.addEventListener("htmx:ws:after:connection", (event) => { live("open"); listen(event.detail.connection); });
  document.addEventListener("htmx:ws:before:message:incoming", (event) => listen(event.detail.connection));
  document.addEventListener("htmx:ws:close", () => live("lost"));
  addEventListener("offline", () => { showLine(); live("lost"); });
  addEventListener("online", showLine);
  document.addEventListener("DOMContentLoaded", showLine);
})();
