// dialogs.js: <dialog> opened by [data-dialog="id"], closed by Esc, backdrop or [data-dialog-close]; focus returns to the opener.
// A form or link with data-confirm="Question" (and data-confirm-text, data-confirm-action) asks before it goes on; htmx's hx-confirm asks the same way.
const confirmBox = document.getElementById("confirm");

export function open(dialog, opener = document.activeElement) {
  if (dialog.open) return;
  dialog.showModal();
  dialog.addEventListener("close", () => { if (opener?.isConnected) opener.focus(); }, { once: true });
}

export function ask({ title, text = "", action = "", danger = false }) {
  confirmBox.querySelector("#confirm-title").textContent = title;
  confirmBox.querySelector("[data-confirm-text]").textContent = text;
  const yes = confirmBox.querySelector("[data-confirm-yes]");
  yes.dataset.plain ??= yes.textContent;
  yes.textContent = action || yes.dataset.plain;
  yes.classList.toggle("danger", danger);
  confirmBox.returnValue = "no";
  open(confirmBox);
  return new Promise((resolve) => {
    confirmBox.addEventListener("close", () => resolve(confirmBox.returnValue === "yes"), { once: true });
  });
}

const question = (element) => ({
  title: element.dataset.confirm, text: element.dataset.confirmText, action: element.dataset.confirmAction, danger: "danger" in element.dataset,
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    event.preventDefault();
    open(document.getElementById(opener.dataset.dialog), opener);
    return;
  }
  if (event.target.closest("[data-dialog-close]")) event.target.closest("dialog")?.close();
  else if (event.target.matches("dialog")) event.target.close(); // the backdrop is the dialog itself
});

let agreed = null;
document.addEventListener("submit", async (event) => {
  const asker = event.submitter?.dataset.confirm ? event.submitter : event.target;
  if (!asker.dataset?.confirm || agreed === event.target) { agreed = null; return; }
  event.preventDefault();
  event.stopImmediatePropagation();
  const { target: form, submitter } = event;
  if (!(await ask(question(asker)))) return;
  agreed = form;
  form.requestSubmit(submitter);
}, true);

document.addEventListener("htmx:confirm", async (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  const { elt } = event.detail;
  if (await ask({ title: event.detail.question, text: elt.dataset.confirmText, action: elt.dataset.confirmAction, danger: "danger" in elt.dataset }))
    event.detail.issueRequest(true);
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  const dialog = detail.target.matches?.("dialog") ? detail.target : detail.target.closest?.("dialog");
  if (dialog && dialog.dataset.openOnSwap !== undefined && dialog.innerHTML.trim()) open(dialog);
});
document.addEventListener("closeDialog", () => document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close()));
