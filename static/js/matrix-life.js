// matrix-life.js: what happens around the cells of an open matrix: their discussions, their panel by keyboard.
import { History } from "./matrix-history.js";
import { Presence } from "./matrix-presence.js";

const root = document.getElementById("matrix"), m = root?.matrix;
const inspector = document.querySelector('[data-m="inspector"]');

/** the cell "main:companion" where it is loaded now: [row, column], or undefined */
const placeOf = (main, companion) => m.places().get(`${main}:${companion}`);

// ---- discussions ------------------------------------------------------------------------------------------------
/** the corner of the cell follows its discussion at once; the next tile says the same */
function talked({ level, main, companion, open }) {
  if ((level === "type") !== m.type) return;
  const place = placeOf(main, companion);
  if (!place) return;
  const bare = { s: "", text: "", v: 0, q: null, lvl: "", a: null, l: null, kind: "", flags: "" };
  m.p.set(...place, { ...(m.p.stored(...place) ?? bare), talk: open });
  const edit = m.p.edits.get(`${main}:${companion}`);
  if (edit) edit.talk = open;
  m.grid.refresh(...place);
}

// ---- the panel of the cell by keyboard ----------------------------------------------------------------------------
let wanted = ""; // part of the panel that gets the focus once it has come
const parts = { discussion: "#say-text", history: "[data-part=history] h3", evidence: "[data-part=evidence] h3" };
function enter(part) {
  if (inspector.hidden) m.panels.toggleInspector();
  wanted = part;
  arrive();
}
function arrive() {
  const goal = wanted && inspector.querySelector(parts[wanted]);
  if (!goal || inspector.getAttribute("aria-busy") === "true" || m.panels.pending?.()) return;
  wanted = "";
  goal.focus();
  goal.scrollIntoView({ block: "nearest" });
}

const CHOICES = { Digit1: "mine", Digit2: "theirs", Digit3: "was" };
/** the choice of the open conflict by Alt and a digit */
function choose(event) {
  const box = document.querySelector('[data-m="conflict"]'), choice = event.altKey && !event.ctrlKey && CHOICES[event.code];
  if (!choice || !box || box.hidden) return false;
  event.preventDefault(); event.stopPropagation();
  m.settle(box.dataset.cell, choice);
  m.grid.focus();
  return true;
}

function keys(event) {
  if (choose(event)) return;
  const inGrid = document.activeElement === m.grid.scroll, inPanel = inspector.contains(document.activeElement);
  if (!inGrid && !inPanel) return;
  const take = (act) => { event.preventDefault(); event.stopPropagation(); act(); };
  if (event.code === "F2" && event.shiftKey) take(() => enter("discussion"));
  else if (event.code === "F6" && !event.ctrlKey && !event.altKey) take(() => (inPanel ? m.grid.focus() : enter("evidence")));
  else if (event.code === "Escape" && inPanel) take(() => m.grid.focus());
}

if (m) {
  m.enter = enter;
  m.presence = new Presence(m);
  m.history = new History(m);
  document.addEventListener("discussion", ({ detail }) => talked(detail));
  document.addEventListener("keydown", keys, true); // before the grid, whose F2 edits
  document.addEventListener("htmx:afterSettle", ({ detail }) => { if (inspector.contains(detail.elt)) arrive(); });
}
