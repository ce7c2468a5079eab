// Small things that happen on a press: copy, confirm, dismiss, open a dialog, close a menu.
(() => {
  "use strict";
  const words = JSON.parse(document.documentElement.dataset.words || "{}");

  function toast(sentence, kind = "success") {
    const tray = document.getElementById("toasts");
    const model = document.getElementById("toast-model");
    if (!tray || !model) return;
    const box = model.content.firstElementChild.cloneNode(true);
    box.classList.add(kind === "success" ? "is-green" : "is-red");
    box.querySelector("p").textContent = sentence;
    tray.append(box);
    setTimeout(() => box.remove(), 5000);
  }

  async function copy(button) {
    const source = document.querySelector(button.dataset.copy || "#");
    const text = button.dataset.copyText ?? (source?.value ?? source?.textContent ?? "").trim();
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      if (source) getSelection().selectAllChildren(source);
      return toast(words.copy_by_hand, "error");
    }
    toast(words.copied);
  }

  // data-confirm="sentence" on a form or a button: asked in our own dialog, then done as if never asked.
  function ask(element, go) {
    const dialog = document.getElementById("confirm-dialog");
    if (!dialog) return go();
    dialog.querySelector("[data-confirm-text]").textContent = element.dataset.confirm || element.getAttribute("hx-confirm");
    const yes = dialog.querySelector("[data-confirm-go]");
    yes.textContent = element.dataset.confirmYes || yes.dataset.label;
    yes.onclick = () => { dialog.close(); go(); };
    dialog.showModal();
  }

  document.addEventListener("click", (event) => {
    const target = event.target;
    const copier = target.closest("[data-copy], [data-copy-text]");
    if (copier) { event.preventDefault(); return void copy(copier); }
    const dismiss = target.closest("[data-dismiss]");
    if (dismiss) return void dismiss.closest(dismiss.dataset.dismiss || "[role]")?.remove();
    const opener = target.closest("[data-open-dialog]");
    if (opener) { event.preventDefault(); return void document.getElementById(opener.dataset.openDialog)?.showModal(); }
    const closer = target.closest("[data-close-dialog]");
    if (closer) return void closer.closest("dialog")?.close();
    if (target.matches("dialog")) {
      const box = target.getBoundingClientRect();
      if (event.clientY < box.top || event.clientY > box.bottom || event.clientX < box.left || event.clientX > box.right) target.close();
    }
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(target)) menu.open = false;
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const asking = event.submitter?.dataset.confirm ? event.submitter : form.dataset.confirm ? form : null;
    if (!asking || form.dataset.confirmed) return void delete form.dataset.confirmed;
    event.preventDefault();
    event.stopImmediatePropagation();
    const submitter = event.submitter;
    ask(asking, () => { form.dataset.confirmed = "yes"; form.requestSubmit(submitter); });
  }, true);

  document.addEventListener("htmx:confirm", (event) => {
    const { ctx, issueRequest, dropRequest } = event.detail;
    event.preventDefault();
    const dialog = document.getElementById("confirm-dialog");
    dialog?.addEventListener("close", () => setTimeout(dropRequest), { once: true });
    ask(ctx.sourceElement, issueRequest);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
    document.querySelector("#refusals > *")?.remove();
  });

  // Ctrl-Enter (or Cmd-Enter) sends the form one is typing in.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) event.target.form.requestSubmit();
  });

  // Filters that act at once: <form data-submit-on-change>
  document.addEventListener("change", (event) => event.target.closest("form[data-submit-on-change]")?.requestSubmit());

  document.addEventListener("muster:toast", (event) => toast(event.detail.value ?? event.detail.sentence, event.detail.kind));
})();
