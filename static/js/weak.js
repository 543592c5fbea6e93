// weak.js: the inbox by keyboard (E replace, D drop, H put off, K keep; the arrows or J and Shift+J for the queue), and the chosen row after a swap
import { press } from "./decide.js";

const typing = (element) => element.closest?.("input, textarea, select, [contenteditable], dialog[open]");
const links = () => [...document.querySelectorAll(".wi a")];
const mark = (link) => links().forEach((one) => {
  one.toggleAttribute("aria-current", one === link);
  if (one === link) one.setAttribute("aria-current", "true");
  one.parentElement.classList.toggle("cur", one === link);
});

links().find((link) => link.hasAttribute("aria-current"))?.scrollIntoView({ block: "nearest" }); // opened by its address

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target)) return;
  const step = { ArrowDown: 1, KeyJ: event.shiftKey ? -1 : 1, ArrowUp: -1 }[event.code];
  if (step && !event.target.closest?.("[role=region]")) {
    const all = links();
    const next = all[all.findIndex((link) => link.getAttribute("aria-current")) + step];
    if (next) { event.preventDefault(); next.focus({ preventScroll: true }); next.scrollIntoView({ block: "nearest" }); next.click(); }
    return;
  }
  if (event.code === "Slash") {
    const find = document.querySelector("[data-find]");
    if (find) { event.preventDefault(); find.focus(); }
    return;
  }
  if (!event.shiftKey) press(event);
});
document.addEventListener("htmx:beforeRequest", ({ detail }) => { if (detail.elt.matches?.(".wi a")) mark(detail.elt); });
document.addEventListener("change", ({ target }) => { if (target.matches?.("[data-submits]")) target.form.requestSubmit(); });
