// discussion.js: the comment box of a discussion: grows with its text, Ctrl+Enter sends, "@" offers people.
// Works on every page that shows matrix/_discussion.html; found again after each htmx swap.
const WAIT = 120; // ms between a key and the question who is meant
const known = new Map(); // address of the question → people

const make = (tag, cls, text) => { const e = document.createElement(tag); if (cls) e.className = cls; if (text != null) e.textContent = text; return e; };

/** the word behind the last "@" before the caret: {from, words}, or null */
export function asked(text, caret) {
  const before = text.slice(0, caret), at = before.lastIndexOf("@");
  if (at < 0 || (at > 0 && /[\p{L}\p{N}_]/u.test(before[at - 1]))) return null;
  const words = before.slice(at + 1);
  return words.length > 40 || /[\n@]/.test(words) || /\s\S*\s\S*\s/.test(words) ? null : { from: at, words };
}

class Picker {
  constructor(box) {
    this.box = box; this.section = box.closest("[data-discussion]");
    this.list = this.section.querySelector(".people"); this.said = this.section.querySelector("[data-people-said]");
    this.list.id ||= `people-${Math.random().toString(36).slice(2)}`;
    box.setAttribute("aria-controls", this.list.id);
  }
  get open() { return !this.list.hidden; }
  async look() {
    const what = asked(this.box.value, this.box.selectionStart);
    if (!what) { this.close(); return; }
    const url = `${this.section.dataset.people}?q=${encodeURIComponent(what.words)}`;
    if (!known.has(url)) {
      const reply = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
      if (!reply?.ok) { this.close(); return; }
      known.set(url, (await reply.json()).people);
    }
    const now = asked(this.box.value, this.box.selectionStart);
    if (now?.words === what.words && document.activeElement === this.box) this.show(known.get(url), what);
  }
  show(people, what) {
    this.what = what; this.people = people;
    if (!people.length) { this.close(); if (what.words.trim().length > 1) this.said.textContent = this.section.dataset.none; return; }
    this.list.replaceChildren(...people.map((one, i) => {
      const row = make("li"), face = make("span", `av a${one.tone} s`, one.initials), words = make("span", "col");
      row.id = `${this.list.id}-${i}`; row.setAttribute("role", "option");
      face.setAttribute("aria-hidden", "true");
      words.append(make("span", "b", one.label), make("span", "xs t3", one.role));
      row.append(face, words);
      row.addEventListener("pointerdown", (event) => { event.preventDefault(); this.pick(i); });
      return row;
    }));
    this.list.hidden = false;
    this.mark(0);
    this.said.textContent = people.map((one) => one.label).join(", ");
  }
  mark(i) {
    this.at = (i + this.people.length) % this.people.length;
    [...this.list.children].forEach((row, n) => row.setAttribute("aria-selected", String(n === this.at)));
    this.box.setAttribute("aria-activedescendant", this.list.children[this.at].id);
    this.list.children[this.at].scrollIntoView({ block: "nearest" });
  }
  pick(i) {
    const { box, what } = this, caret = box.selectionStart, name = `@${this.people[i].label} `;
    box.setRangeText(name, what.from, caret, "end");
    this.close();
    box.focus();
  }
  close() { this.list.hidden = true; this.box.removeAttribute("aria-activedescendant"); }
  key(event) {
    if (event.isComposing) return false;
    const acts = {
      ArrowDown: () => this.mark(this.at + 1), ArrowUp: () => this.mark(this.at - 1),
      Enter: () => this.pick(this.at), Tab: () => this.pick(this.at), Escape: () => this.close(),
    };
    if (!this.open || !acts[event.key] || event.ctrlKey || event.metaKey) return false;
    event.preventDefault(); event.stopPropagation();
    acts[event.key]();
    return true;
  }
}

const pickers = new WeakMap();
const picker = (box) => { if (!pickers.has(box)) pickers.set(box, new Picker(box)); return pickers.get(box); };
const boxOf = (event) => (event.target.matches?.("[data-discussion] textarea") ? event.target : null);
// by rows, not by style: htmx copies a style attribute at a swap, and the policy forbids that; browsers that know field-sizing need neither
const grow = (box) => { box.rows = Math.min(7, box.value.split("\n").reduce((sum, line) => sum + 1 + Math.floor(line.length / 36), 0)); };

let timer = 0;
document.addEventListener("input", (event) => {
  const box = boxOf(event);
  if (!box) return;
  grow(box);
  clearTimeout(timer);
  timer = setTimeout(() => picker(box).look(), WAIT);
});
document.addEventListener("keydown", (event) => {
  const box = boxOf(event);
  if (!box || picker(box).key(event)) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); if (box.value.trim()) box.form.requestSubmit(); }
}, true);
document.addEventListener("focusout", (event) => { const box = boxOf(event); if (box) picker(box).close(); });
document.addEventListener("submit", (event) => { // nothing said: nothing sent
  const box = event.target.querySelector?.("[data-discussion] textarea, .say-box textarea");
  if (box && !box.value.trim()) { event.preventDefault(); event.stopImmediatePropagation(); box.focus(); }
}, true);
document.addEventListener("htmx:beforeSwap", ({ detail }) => { // a refusal comes as the form again
  if (detail.xhr.status === 422 && detail.target?.matches?.("[data-discussion]")) { detail.shouldSwap = true; detail.isError = false; }
});
