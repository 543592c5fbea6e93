// approvals.js: one key per decision, J and K through the queue; the button of the ticked rows wakes with the first tick.
import { press } from "./decide.js";

const free = ({ target, ctrlKey, metaKey, altKey }) =>
  !ctrlKey && !metaKey && !altKey && !target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]") && !document.querySelector("dialog[open]");

function step(by) {
  const rows = [...document.querySelectorAll("#approvals .wi > a")];
  const at = rows.findIndex((row) => row.getAttribute("aria-current"));
  const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
  if (next && next !== rows[at]) { next.focus(); next.click(); }
}

document.addEventListener("keydown", (event) => {
  if (!free(event)) return;
  if (event.code === "KeyJ" || event.code === "KeyK") { event.preventDefault(); step(event.code === "KeyJ" ? 1 : -1); return; }
  press(event, document.getElementById("approvals"));
});

document.addEventListener("change", ({ target }) => {
  if (!target.matches?.(".apr > .check")) return;
  const button = document.querySelector("[data-approve-many]");
  if (button) button.disabled = !document.querySelector(".apr > .check:checked");
});
