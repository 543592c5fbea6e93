// product.js: the product view. Companions are moved by the pointer or by keys (Space, arrows, Space, Escape); J and K walk the list;
// A, X, H decide on the open suggestion; Ctrl+Z and Ctrl+Y take back and bring again.
import { press } from "./decide.js";
import { announce } from "./toasts.js";

const view = document.querySelector("[data-product-view]");
const words = view?.dataset ?? {};
const list = () => document.querySelector("[data-rank-list]");
const rows = () => [...(list()?.querySelectorAll("[data-pair]") ?? [])];
const placeOf = (row) => rows().indexOf(row) + 1;
const say = (template, row) => announce(template.replace("{name}", row.dataset.name).replace("{place}", placeOf(row)).replace("{of}", rows().length));

// -- the order: what was seen, and what is wanted now
const seen = () => new Map(document.getElementById("pv-companions").dataset.seen.split(" ").filter(Boolean).map((part) => part.split(":")));
const order = () => { const versions = seen(); return rows().map((row) => `${row.dataset.pair}:${versions.get(row.dataset.pair)}`).join(" "); };

function keepOrder(row) {
  const section = document.getElementById("pv-companions");
  if (order() === section.dataset.seen) { say(words.same, row); return; }
  htmx.ajax("POST", section.dataset.rankUrl, { target: "#pv-companions", swap: "outerHTML", values: { order: order(), pair: row.dataset.pair, place: placeOf(row) } });
}

// the cut line stays after as many shown lines as before
function recut() {
  const cut = list().querySelector("[data-cut]");
  if (!cut) return;
  const at = Number(cut.dataset.cut);
  const shown = rows().filter((row) => !("hidden" in row.dataset));
  (shown[at - 1] ?? rows().at(-1)).after(cut);
  rows().forEach((row, index) => {
    row.querySelector(".rk").textContent = index + 1;
    row.classList.toggle("reserve", "hidden" in row.dataset || shown.indexOf(row) >= at);
  });
}

function put(row, before) { list().insertBefore(row, before); recut(); }

// -- by keys
let held = null; // { row, start }: the companion in hand and the order it was taken from

function take(row) {
  held = { row, start: rows() };
  row.classList.add("dragging");
  row.querySelector(".grip").setAttribute("aria-pressed", "true");
  say(words.taken, row);
}

function letGo(back) {
  if (!held) return;
  const { row, start } = held;
  held = null;
  if (back) { start.forEach((one) => list().append(one)); recut(); }
  row.classList.remove("dragging");
  row.querySelector(".grip").removeAttribute("aria-pressed");
  if (back) say(words.cancelled, row); else keepOrder(row);
}

function step(by) {
  const { row } = held;
  const all = rows();
  const to = Math.max(0, Math.min(all.length - 1, by === -Infinity ? 0 : by === Infinity ? all.length - 1 : all.indexOf(row) + by));
  const rest = all.filter((one) => one !== row);
  put(row, rest[to] ?? null);
  row.querySelector(".grip").focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  say(words.at, row);
}

const STEPS = { ArrowUp: -1, ArrowDown: 1, PageUp: -3, PageDown: 3, Home: -Infinity, End: Infinity };
document.addEventListener("keydown", (event) => {
  const grip = event.target.closest?.(".grip");
  if (!grip || event.ctrlKey || event.metaKey || event.altKey) return;
  const row = grip.closest("[data-pair]");
  if (event.code === "Space" || (event.code === "Enter" && held)) {
    event.preventDefault();
    if (held) letGo(false); else take(row);
  } else if (held && event.code in STEPS) {
    event.preventDefault();
    step(STEPS[event.code]);
  } else if (held && (event.code === "Escape" || event.code === "Tab")) {
    if (event.code === "Escape") { event.preventDefault(); event.stopPropagation(); }
    letGo(true);
    grip.focus({ preventScroll: true });
  } else if (!held && (event.code === "ArrowUp" || event.code === "ArrowDown")) {
    const next = rows()[rows().indexOf(row) + (event.code === "ArrowDown" ? 1 : -1)];
    if (next) { event.preventDefault(); next.querySelector(".grip").focus(); }
  }
});

// -- by the pointer
let drag = null;
const line = document.createElement("li");
line.className = "dropline";
line.setAttribute("aria-hidden", "true");

function target(y) {
  return rows().find((row) => row !== drag.row && y < row.getBoundingClientRect().top + row.offsetHeight / 2) ?? null;
}

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest?.("button.grip");
  if (!grip || event.button) return;
  event.preventDefault();
  grip.focus({ preventScroll: true });
  grip.setPointerCapture(event.pointerId);
  drag = { row: grip.closest("[data-pair]"), grip, y: event.clientY, x: event.clientX, scroll: list().scrollTop, moved: false };
});
document.addEventListener("pointermove", (event) => {
  if (!drag) return;
  if (!drag.moved && Math.hypot(event.clientY - drag.y, event.clientX - drag.x) < 4) return;
  drag.moved = true;
  drag.row.classList.add("dragging");
  const box = list().getBoundingClientRect();
  if (event.clientY < box.top + 32) list().scrollTop -= 12;
  if (event.clientY > box.bottom - 32) list().scrollTop += 12;
  drag.row.style.transform = `translateY(${event.clientY - drag.y + list().scrollTop - drag.scroll}px)`;
  const before = target(event.clientY);
  if (before !== line.nextElementSibling || !line.isConnected) list().insertBefore(line, before);
});
function drop(keep) {
  if (!drag) return;
  const { row, moved } = drag;
  drag = null;
  row.classList.remove("dragging");
  row.style.transform = "";
  const before = line.isConnected ? line.nextElementSibling : undefined;
  line.remove();
  if (!moved || !keep || before === undefined || before === row) return;
  put(row, before?.matches("[data-cut]") ? before.nextElementSibling : before);
  keepOrder(row);
}
document.addEventListener("pointerup", () => drop(true));
document.addEventListener("pointercancel", () => drop(false));
document.addEventListener("keydown", (event) => { if (drag && event.code === "Escape") { event.preventDefault(); drop(false); } }, true);

// -- menus and dialogs of a line
const closeMenus = (except) => document.querySelectorAll("details[data-menu][open]").forEach((menu) => { if (menu !== except) menu.open = false; });
document.addEventListener("click", ({ target: at }) => {
  const opener = at.closest?.("[data-move], [data-refuse]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialog);
    const row = opener.closest("[data-pair]");
    dialog.querySelector("[name=pair]").value = row.dataset.pair;
    dialog.querySelector("[data-about]").textContent = row.dataset.name;
    const place = dialog.querySelector("[name=place]");
    if (place) { place.max = rows().length; place.value = placeOf(row); dialog.querySelector("[name=order]").value = order(); requestAnimationFrame(() => place.select()); }
  }
  closeMenus(opener ? null : at.closest?.("details[data-menu]"));
}, true);
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details[data-menu][open]");
  if (menu && event.code === "Escape") { event.preventDefault(); menu.open = false; menu.querySelector("summary").focus(); }
});
document.addEventListener("htmx:beforeRequest", ({ detail }) => { if (detail.elt.matches?.("form[data-closes]")) detail.elt.closest("dialog").close(); });
document.addEventListener("companions-changed", () => {
  const section = document.getElementById("pv-companions");
  htmx.ajax("GET", section?.dataset.url ?? location.href, { target: "#pv-companions", swap: "outerHTML", values: { whole: 1 } });
  section?.setAttribute("aria-busy", "true");
});

// the neighbours, the shop and the paper open at the storefront, place and order looked at here: known when a link is followed,
// however soon after a choice
const keepPlace = () => {
  const kept = [...document.querySelectorAll("#pv-companions [data-keep]")];
  for (const link of document.querySelectorAll("header.top a[data-follows]")) {
    const url = new URL(link.href), follows = link.dataset.follows.split(" ");
    for (const { name, value } of kept.filter((field) => follows.includes(field.name))) { if (value) url.searchParams.set(name, value); else url.searchParams.delete(name); }
    link.href = url;
  }
};
document.addEventListener("htmx:afterSettle", ({ detail }) => { if (detail.elt.id === "pv-companions") keepPlace(); });
document.addEventListener("click", ({ target }) => { if (target.closest?.("header.top a[data-follows]")) keepPlace(); }, true);

// -- suggestions: one is open at a time (not by <details name>: while htmx swaps, the old open one would close the new one)
document.addEventListener("toggle", ({ target: card }) => {
  if (card.open && card.matches?.("[data-suggestion]"))
    document.querySelectorAll("[data-suggestion][open]").forEach((other) => { if (other !== card) other.open = false; });
}, true);
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-refuses]");
  const form = button?.form;
  if (!form || form.dataset.refusing) return;
  event.preventDefault();
  const field = form.querySelector("[data-reason]");
  form.dataset.refusing = "1";
  field.dataset.plain = field.value;
  field.value = "";
  field.placeholder = field.dataset.ask;
  field.focus();
  announce(field.dataset.ask);
});
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (!field.matches?.("[data-reason]") || !field.form.dataset.refusing) return;
  if (event.code === "Enter") { event.preventDefault(); field.form.requestSubmit(field.form.querySelector("[data-refuses]")); }
  if (event.code === "Escape") {
    event.preventDefault();
    delete field.form.dataset.refusing;
    field.value = field.dataset.plain;
    field.closest("details").querySelector("summary").focus();
  }
});

// -- keys of the page
const typing = (element) => element.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], dialog[open]");
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || held || typing(event.target) || document.querySelector("dialog[open]")) return;
  if ((event.ctrlKey || event.metaKey) && !event.altKey) {
    const redo = event.code === "KeyY" || (event.code === "KeyZ" && event.shiftKey);
    const button = redo ? document.querySelector("[data-back=redo]") : event.code === "KeyZ" && document.querySelector("[data-back=undo]");
    if (button && !button.disabled) { event.preventDefault(); button.click(); }
    return;
  }
  if (event.altKey || event.shiftKey) return;
  const open = event.target.closest?.("[data-suggestion]") ?? document.querySelector("#pv-beside:not([hidden]) [data-suggestion][open]");
  if (open?.querySelector(`[data-key="${event.code}"]`)) {
    open.open = true;
    press(event, open);
  } else press(event, document.querySelector("header.top"));
});
