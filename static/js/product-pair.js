// product-pair.js: one companion beside the ranking: evidence, checks, discussion, history. The name opens it, Shift+F2 goes to
// its comment, F6 there and back, Esc closes. While it is open it follows the line in focus; what was begun to be written is kept.
const panel = document.getElementById("pv-pair"), body = document.getElementById("pv-pair-body");
const beside = document.getElementById("pv-beside");
const FOLLOW = 200; // ms a line keeps the focus before the panel follows
const PARTS = { discussion: "#say-text", top: ".ih h2" };
const drafts = new Map(); // pair → what was begun and not sent
let now = null; // { pair, url } shown
let wanted = ""; // part that gets the focus once it has come
let timer = 0;

const rowOf = (pair) => document.querySelector(`[data-rank-list] [data-pair="${pair}"]`);
const box = () => body.querySelector("#say-text");
const mark = () => document.querySelectorAll("[data-rank-list] [data-pair]").forEach((row) => {
  const at = row.dataset.pair === now?.pair;
  row.classList.toggle("at", at);
  row.querySelector("[data-beside]")?.[at ? "setAttribute" : "removeAttribute"]("aria-current", "true");
});

function keep() {
  if (!now || !box()) return;
  if (box().value.trim()) drafts.set(now.pair, box().value); else drafts.delete(now.pair);
}
function load() { htmx.ajax("GET", now.url, { target: "#pv-pair-body", swap: "innerHTML" }).catch(() => {}); } // the page says that the network is gone

function show(row, part = "") {
  clearTimeout(timer);
  const same = now?.pair === row.dataset.pair && !panel.hidden;
  keep();
  now = { pair: row.dataset.pair, url: row.dataset.panel };
  wanted = part;
  panel.hidden = false;
  if (beside) beside.hidden = true;
  panel.querySelector("[data-pair-page]").href = row.querySelector("[data-beside]").href;
  mark();
  if (same && box()) arrive(); else load();
}
function close() {
  if (panel.hidden) return;
  keep();
  const inside = panel.contains(document.activeElement), row = rowOf(now.pair);
  panel.hidden = true;
  if (beside) beside.hidden = false;
  now = null;
  mark();
  if (inside) (row?.querySelector("[data-beside]") ?? document.getElementById("comph"))?.focus();
}
function arrive() {
  const goal = wanted && body.querySelector(PARTS[wanted]);
  wanted = "";
  if (!goal) return;
  if (!goal.matches("textarea")) goal.tabIndex = -1;
  goal.focus();
  goal.scrollIntoView({ block: "nearest" });
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-beside]");
  if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.button) {
    event.preventDefault();
    show(opener.closest("[data-pair]"), opener.dataset.beside || "top");
  } else if (event.target.closest?.("[data-pair-close]")) close();
});
document.addEventListener("focusin", ({ target }) => {
  const row = !panel.hidden && target.closest?.("[data-rank-list] [data-pair]");
  clearTimeout(timer);
  if (row && row.dataset.pair !== now.pair) timer = setTimeout(() => show(row), FOLLOW);
});
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const row = event.target.closest?.("[data-rank-list] [data-pair]"), inside = panel.contains(event.target);
  const take = (act) => { event.preventDefault(); act(); };
  if (event.code === "F2" && event.shiftKey && (row || now)) take(() => show(row ?? rowOf(now.pair), "discussion"));
  else if (event.code === "F6" && !event.ctrlKey && !event.altKey) {
    if (inside) take(() => rowOf(now.pair)?.querySelector("[data-beside]").focus());
    else if (row || now) take(() => show(row ?? rowOf(now.pair), "top"));
  } else if (event.code === "Escape" && !panel.hidden && (inside || row) && !event.target.closest("[aria-pressed=true], details[open]")) take(close);
});
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (body.contains(detail.elt)) {
    if (box() && !box().value && now && drafts.has(now.pair)) box().value = drafts.get(now.pair);
    if (body.contains(detail.target) && detail.target.id === "pv-pair-body") arrive();
  } else if (detail.elt.id === "pv-companions" && now) { // the list was drawn anew: the same pair, as it is now
    const row = rowOf(now.pair);
    if (!row) { close(); return; }
    keep();
    mark();
    load();
  }
});
// said or settled here: the mark of the line follows at once
let said = false; // the last request sent the comment; settling keeps what was begun
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (!body.contains(detail.elt)) return;
  keep();
  said = detail.path.includes("/say/");
});
document.addEventListener("discussion", ({ detail }) => {
  if (said) drafts.delete(now?.pair);
  const row = [...document.querySelectorAll("[data-rank-list] [data-pair]")].find((one) => one.dataset.companion === String(detail.companion));
  const flag = row?.querySelector(".talks");
  if (flag) flag.hidden = !detail.open;
});
