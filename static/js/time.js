// Times that stay true while a page stands open: "4 min ago", clocks that count up, countdowns to a deadline.
(() => {
  "use strict";
  const words = JSON.parse(document.documentElement.dataset.words || "{}");
  const say = (key, number) => (words[key] || "%s").replace("%s", number);

  function relative(moment, now) {
    const seconds = Math.round((now - moment) / 1000);
    const past = seconds >= 0;
    const size = Math.abs(seconds);
    if (size < 45) return past ? words.now : words.soon;
    const [unit, number] = size < 5400 ? ["min", Math.max(1, Math.round(size / 60))]
      : size < 129600 ? ["h", Math.round(size / 3600)]
      : ["d", Math.round(size / 86400)];
    return number > 14 && unit === "d" ? null : say((past ? "ago_" : "in_") + unit, number);
  }

  function clock(seconds) {
    const size = Math.abs(Math.trunc(seconds));
    const pad = (number) => String(number).padStart(2, "0");
    const days = Math.trunc(size / 86400);
    const rest = `${pad(Math.trunc(size / 60) % 60)}:${pad(size % 60)}`;
    const hours = Math.trunc(size / 3600) % 24;
    const time = days || hours ? `${hours}:${rest}` : rest;
    return (days ? say("days", days) + " " : "") + time;
  }

  function refresh() {
    const now = Date.now();
    for (const element of document.querySelectorAll("time[data-when='relative']")) {
      const text = relative(Date.parse(element.dateTime), now);
      if (text && element.textContent !== text) element.textContent = text;
    }
  }

  function tick() {
    const now = Date.now();
    for (const element of document.querySelectorAll("[data-clock-since]")) {
      if (!element.dataset.clockStop) element.textContent = clock((now - Date.parse(element.dataset.clockSince)) / 1000);
    }
    for (const element of document.querySelectorAll("[data-clock-until]")) {
      const left = (Date.parse(element.dataset.clockUntil) - now) / 1000;
      element.textContent = left < 0 ? say("late", clock(left)) : clock(left);
      element.classList.toggle("is-late", left < 0);
      element.classList.toggle("is-soon", left >= 0 && left < Number(element.dataset.soon || 300));
    }
  }

  // Readers who are not signed in have no zone on the server: theirs is the browser's.
  function localise(root) {
    if (document.documentElement.dataset.zone) return;
    const format = new Intl.DateTimeFormat(document.documentElement.lang || "en", { dateStyle: "medium", timeStyle: "short" });
    for (const element of root.querySelectorAll("time[data-when]")) {
      const moment = new Date(element.dateTime);
      if (Number.isNaN(moment.valueOf())) continue;
      element.title = format.format(moment);
      if (element.dataset.when === "moment") element.textContent = element.title;
    }
  }

  // A tap on a relative time shows the exact moment, and back (touch has no hover).
  document.addEventListener("click", (event) => {
    const element = event.target.closest("time[data-when='relative']");
    if (!element || event.target.closest("a, button")) return;
    const exact = element.title;
    if (element.dataset.when === "relative" && exact) {
      element.dataset.when = "exact";
      element.textContent = exact;
      setTimeout(() => { element.dataset.when = "relative"; refresh(); }, 4000);
    }
  });

  const all = () => { localise(document); refresh(); tick(); };
  document.addEventListener("DOMContentLoaded", () => { all(); setInterval(tick, 1000); setInterval(refresh, 15000); });
  document.addEventListener("htmx:after:settle", all);
})();
