// matrix.js: the page of one matrix. Puts together the grid core, the painters, the queue of edits and the panels around.
import { announce, toast } from "./toasts.js";
import { OpsQueue, cellKey, post } from "./matrix-ops.js";
import { Painter, colMeta, decode, rowMeta } from "./matrix-paint.js";
import { Menu, address } from "./matrix-menu.js";
import { PREVIEW_FROM, Panels } from "./matrix-panels.js";
import { XGrid } from "./xgrid.js";
import { WindowProvider } from "./xgrid-window.js";

const RELOAD_AFTER = 1200; // ms after the last answer: totals and coverage are read again
const SIZES = { cosy: { rowHeight: 42, colWidth: 128 }, compact: { rowHeight: 28, colWidth: 96 } };
const STATES = ["draft", "in_review", "approved", "published", "not_suitable"];
const DASH = /^[-–—−]$/;

/** what stood in a cell before the unsent edits of this page */
const original = (old) => (old?.flag === "edited" ? old.was : { s: old?.s ?? "", text: old?.text ?? "", kind: old?.kind ?? "" });
/** the edit that puts back what stood in the cell when the refused one was made */
function bringing({ op, was }) {
  const place = Object.fromEntries(["main", "companion", "main_category", "companion_category"].filter((name) => name in op).map((name) => [name, op[name]]));
  if (!was?.s || was.s === "hint") return { op: "clear", ...place };
  if (was.s === "not_suitable") return { op: "unsuitable", reason: was.text, ...place };
  return { op: "set", text: was.text || "x", ...(was.kind ? { kind: was.kind } : {}), ...place };
}

class Matrix {
  constructor(root, config) {
    this.root = root; this.config = config; this.w = config.words;
    this.type = config.layout.level === "type";
    this.painter = new Painter({ words: config.words, language: config.language, icons: document.body.dataset.icons, type: this.type, currency: config.currency });
    this.say = this.painter.say.bind(this.painter);
    this.cells = new Map(); // id of a cell → conflict {op, mine, theirs, who, when}
    this.conflicts = new Map();
    this.labels = new Map(); // id of a cell → [row, column] names, for reports
    this.reports = new Map();
    this.view(config.layout);
    this.grid = new XGrid(root, this.p, {
      label: this.w.label, ...SIZES[this.density], headWidth: innerWidth < 900 ? 190 : 256, headHeight: 84, groups: this.bands,
      build: this.painter.build, paint: this.painter.paint, paintCol: this.painter.paintCol, paintRow: this.painter.paintRow, describe: this.painter.describe,
      toText: this.painter.toText, locked: (r, c) => this.locked(r, c), readonly: !config.edit,
    });
    root.classList.toggle("compact", this.density === "compact");
    this.queue = new OpsQueue({ matrix: config.id, url: config.urls.ops, person: config.me.id });
    this.panels = new Panels(this);
    this.menu = new Menu(this);
    this.corner(config.layout);
    this.listen();
    this.begin();
  }
  get density() { return localStorage.getItem("matrix-density") === "compact" ? "compact" : "cosy"; }

  // ---- what is shown ----------------------------------------------------------------------------------------
  view(layout) {
    this.layout = layout;
    const closed = new Set((new URLSearchParams(this.config.query).get("closed") || "").split(",").filter(Boolean).map(Number));
    this.closedGroups = closed;
    const edits = this.p?.edits;
    this.p = new WindowProvider({ rows: layout.rows, cols: layout.cols, url: `${this.config.urls.tile}?k=${layout.key}&${this.config.query}`, map: decode });
    if (edits) this.p.edits = edits;
    this.p.mapRow = rowMeta(this.type, closed); this.p.mapCol = colMeta(this.type);
    this.p.onload = (d) => {
      for (const [key, reason] of Object.entries(d.closed)) this.painter.closed.set(key, reason);
      for (const [category, icon] of Object.entries(d.icons)) this.painter.pictures.set(Number(category), icon);
      this.panels?.loaded();
      this.grid?.refreshAll();
      this.panels?.show();
    };
    this.p.onerror = (error) => (error.status === 409 ? this.again() : this.panels.failed());
    if (this.config.tile) { this.painter.p = this.p; this.p.take(this.config.tile, 0, 0, 0, 0); this.config.tile = null; }
    this.bands = layout.bands.map((band, i) => ({ label: band.label, title: band.title, from: band.first, to: band.last, cls: `b${(i % 6) + 1}` }));
    this.painter.p = this.p;
    this.painter.firsts = new Set(layout.bands.map((band) => band.first));
    this.limits = layout.limits;
  }
  corner(layout) {
    const [title, hint] = ["cornt", "corns"].map((cls) => { const e = document.createElement("span"); e.className = cls; return e; });
    title.textContent = `${this.say(this.type ? "types" : "products", { n: layout.members })} × ${this.say(this.type ? "types" : "companions", { n: layout.cols })}`;
    hint.textContent = this.w[this.type ? "axesTypes" : "axes"];
    this.grid.corner.replaceChildren(title, hint);
  }
  async again(said = true) {
    const reply = await fetch(`${this.config.urls.layout}?${this.config.query}`, { headers: { Accept: "application/json" } });
    if (!reply.ok) return this.panels.failed();
    const layout = await reply.json();
    this.view(layout); this.grid.setProvider(this.p, this.bands); this.corner(layout);
    if (said) toast(this.w.changedView);
  }
  begin() {
    const place = sessionStorage.getItem(`matrix:${this.config.id}:${this.config.query}`)?.split(",").map(Number);
    const [r, c] = place ?? [Math.min(1, this.layout.rows - 1), 0];
    if (this.layout.rows && this.layout.cols) { this.grid.select(r, c, false, true); this.grid.focus(); }
    this.queue.restore().then((batches) => {
      for (const batch of batches) batch.ops.forEach((op, i) => this.p.edits.set(cellKey(op), { ...this.guess(op, undefined), was: batch.was?.[i] }));
      if (batches.length) this.grid.refreshAll();
    });
  }
  scrollTo(query) { location.assign(`${this.config.urls.page}?${query}`); }
  go(changes) { this.scrollTo(address(this.config.query, changes)); }
  toggle(group) {
    const closed = this.closedGroups;
    closed.has(group) ? closed.delete(group) : closed.add(group);
    this.config.query = address(this.config.query, { closed: [...closed] });
    history.replaceState(null, "", `${this.config.urls.page}?${this.config.query}`);
    return this.again(false);
  }

  // ---- writing ----------------------------------------------------------------------------------------------
  locked(r, c) {
    const row = this.p.rowMeta.get(r);
    return !this.config.edit || !row || row.group || row.id === this.p.colMeta.get(c)?.id;
  }
  /** `seen`: the cell as it stood when its editor was opened; what others wrote since is a conflict, not overwritten */
  target(r, c, seen) {
    const row = this.p.rowMeta.get(r), col = this.p.colMeta.get(c), now = seen === undefined || seen?.flag === "edited" ? this.p.get(r, c) : seen;
    const id = `${row.id}:${col.id}`;
    this.labels.set(id, [row.name, col.name]);
    return { ...(this.type ? { main_category: row.id, companion_category: col.id } : { main: row.id, companion: col.id }), base_rev: now?.v ?? 0 };
  }
  /** what an act of the grid core asks the server for; null when it asks for nothing */
  op({ r, c, act, text, from, state, kind, seen }) {
    const place = this.target(r, c, seen);
    if (act === "clear" || (act === "text" && DASH.test(text.trim()))) return { op: "clear", ...place };
    if (act === "state") return { op: "state", state, ...place };
    if (act === "unsuitable") return { op: "unsuitable", reason: text, ...place };
    if (act === "copy") {
      if (!from || !from.s || from.s === "hint" || from.s === "agg") return { op: "clear", ...place };
      if (from.s === "not_suitable") return { op: "unsuitable", reason: from.text, ...place };
      return { op: "set", text: from.text || "x", kind: from.kind || undefined, ...place };
    }
    return { op: "set", text, ...(kind ? { kind } : {}), ...place };
  }
  /** the cell as it will probably be; the answer of the server replaces it */
  guess(op, old) {
    const base = { q: null, lvl: "", a: null, l: null, kind: "accessory", flags: "", ...(old ?? {}), v: op.base_rev, flag: "edited", was: original(old) };
    if (op.op === "clear") return { ...base, s: "", text: "", q: null };
    if (op.op === "unsuitable") return { ...base, s: "not_suitable", text: op.reason };
    if (op.op === "state") return { ...base, s: op.state };
    return { ...base, s: this.type ? "slot" : "draft", text: op.text, kind: op.kind ?? base.kind };
  }
  async write(label, acts, extra = {}) {
    if (!this.config.edit) { toast(this.w.readonly, { kind: "warning" }); return; }
    const ready = [];
    for (const act of acts) {
      const old = this.p.get(act.r, act.c);
      if (act.act === "clear" && !(old?.s && old.s !== "hint")) continue;
      ready.push({ ...act, old });
    }
    const published = ready.filter((act) => act.old?.s === "published").length;
    if (!ready.length) { if (extra.cut || extra.locked) this.report(label, [], extra); return; }
    const ops = ready.map((act) => this.op(act)), drafts = ops.map((op, i) => this.guess(op, ready[i].seen ?? ready[i].old));
    if ((ready.length > PREVIEW_FROM || published) && !(await this.panels.preview(ready, ops, drafts, published))) return;
    ready.forEach((act, i) => { this.p.edits.set(cellKey(ops[i]), drafts[i]); this.grid.refresh(act.r, act.c); });
    const keys = this.queue.add(label, ops, drafts.map((draft) => draft.was));
    const story = { label, extra, left: keys.length, refused: [], results: [] };
    for (const key of keys) this.reports.set(key, story);
    this.panels.show();
  }
  answered({ batch, results, cells }) {
    const fresh = new Map(cells.map((cell) => [`${cell[0]}:${cell[1]}`, decode(cell)])), at = this.places();
    const refused = [], owed = new Set(this.queue.batches.flatMap((next) => next.ops.map(cellKey)));
    batch.ops.forEach((op, i) => {
      const id = cellKey(op), result = results[i] ?? {}, cell = fresh.get(id);
      if (!owed.has(id)) this.p.edits.delete(id);
      const place = at.get(id);
      if (result.result === "conflict") {
        this.conflicts.set(id, { op, mine: this.guess(op, cell), theirs: cell, was: batch.was?.[i], who: result.who, when: result.when });
        this.p.edits.set(id, { s: "", text: "", v: 0, q: null, lvl: "", a: null, l: null, kind: "", ...(cell ?? {}), flag: "conflict", who: result.who });
      } else if (result.result === "invalid") refused.push({ id, op, text: result.text });
      if (place) { this.p.set(...place, cell); this.grid.refresh(...place); }
    });
    const story = this.reports.get(batch.key) ?? { label: batch.label, extra: {}, left: 1, refused: [], results: [] };
    this.reports.delete(batch.key);
    story.refused.push(...refused); story.results.push(...results.map((result, i) => ({ ...result, id: cellKey(batch.ops[i]), sent: batch.ops[i].text })));
    if (!--story.left) this.report(story.label, story.refused, { ...story.extra, results: story.results });
    this.panels.conflicts(); this.panels.show();
    clearTimeout(this.reloading);
    this.reloading = setTimeout(() => this.grid.reload().catch(() => {}), RELOAD_AFTER);
  }
  places() {
    const rows = new Map(), cols = new Map(), found = new Map();
    for (const [r, m] of this.p.rowMeta) rows.set(m.id, r);
    for (const [c, m] of this.p.colMeta) cols.set(m.id, c);
    return { get: (id) => { const [m, k] = id.split(":").map(Number); return rows.has(m) && cols.has(k) ? [rows.get(m), cols.get(k)] : undefined; }, found };
  }
  report(label, refused, { cut = 0, locked = 0, results = [] }) {
    const wrote = results.filter((one) => one.result === "ok" && one.changed).length, same = results.filter((one) => one.result === "ok" && !one.changed).length;
    const lines = refused.map(({ id, op, text }) => ({ where: (this.labels.get(id) ?? [id]).join(" × "), text: op.text ?? op.reason ?? op.state ?? "", why: text }));
    const skipped = refused.length + cut + locked, many = results.length > 1 || cut || locked || results.some((one) => one.cleaned);
    if (cut) lines.push({ where: this.w.outside, text: "", why: this.say("skipped", { n: cut }) });
    const tidied = results.filter((one) => one.cleaned && one.result === "ok");
    for (const one of tidied) lines.push({ where: (this.labels.get(one.id) ?? [one.id]).join(" × "), text: one.sent, why: this.say("normalised", { text: one.cleaned }) });
    if (locked) lines.push({ where: this.w.group, text: "", why: this.say("skipped", { n: locked }) });
    if (!many) { if (refused.length) toast(refused[0].text, { kind: "error" }); return; }
    const word = { paste: "pasted", fill: "filled", clear: "cleared", cut: "cleared" }[label] ?? "changed";
    const parts = [this.say(word, { n: wrote })];
    if (same) parts.push(this.say("same", { n: same }));
    if (skipped) parts.push(this.say("skipped", { n: skipped }));
    if (tidied.length) parts.push(this.say("cleaned", { n: tidied.length }));
    this.panels.toast(parts.join(", "), { bad: !wrote && skipped > 0, lines, undo: wrote > 0 });
  }
  undo() { return this.takeBack(this.config.urls.undo, "undone", "nothingToUndo"); }
  redo() { return this.takeBack(this.config.urls.redo, "redone", "nothingToRedo"); }
  async takeBack(url, word, nothing) {
    if (!(await this.queue.flush())) return;
    const answer = await post(url, {}).catch(() => ({}));
    if (!answer.ok) { toast(answer.text ?? this.w.undoFailed, { kind: "warning" }); return; }
    if (!answer.reversed && !answer.kept && !answer.failed) { toast(this.w[nothing]); return; }
    await this.grid.reload().catch(() => {});
    const left = answer.kept + answer.failed, lines = answer.details.map((row) => ({ where: `${row.main} × ${row.companion}`, text: "", why: row.text ?? row.sentence }));
    this.panels.toast(this.say(word, { n: answer.reversed }) + (left ? `, ${this.say("kept", { n: left })}` : ""), { bad: !answer.reversed, lines });
    this.panels.show();
  }
  /** choice: "mine" is written over theirs, "theirs" stays, "was" brings back what both started from */
  settle(id, choice) {
    const conflict = this.conflicts.get(id);
    if (!conflict) return;
    this.conflicts.delete(id);
    this.p.edits.delete(id);
    if (choice !== "theirs") {
      const op = { ...(choice === "was" ? bringing(conflict) : conflict.op), base_rev: conflict.theirs?.v ?? 0 };
      this.p.edits.set(id, this.guess(op, conflict.theirs));
      this.queue.add("edit", [op], [original(conflict.theirs)]);
    }
    const place = this.places().get(id);
    if (place) this.grid.refresh(...place);
    this.panels.conflicts();
    this.panels.show();
  }
  async setState(state) {
    const { r0, r1, c0, c1 } = this.grid.range, acts = [];
    if (state === "published") { toast(this.w.publishedByRelease); return; }
    if (!(await this.p.ensure(r0, r1 + 1, c0, c1 + 1))) { toast(this.say("tooLarge", { n: (r1 - r0 + 1) * (c1 - c0 + 1) }), { kind: "warning" }); return; }
    let text = "";
    if (state === "not_suitable") { text = await this.panels.askReason(this.p.get(r0, c0)); if (text == null) return; }
    for (let r = r0; r <= r1; r++) for (let c = c0; c <= c1; c++) {
      if (this.locked(r, c)) continue;
      const v = this.p.get(r, c);
      if (state === "not_suitable") acts.push({ r, c, act: "unsuitable", text });
      else if ((v?.s && v.s !== "hint" && v.s !== state) || (state === "draft" && (r0 === r1 && c0 === c1))) {
        acts.push(!v?.s || v.s === "hint" || this.type ? { r, c, act: "text", text: "x" } : { r, c, act: "state", state });
      }
    }
    if (acts.length) this.write("state", acts);
  }

  // ---- events -----------------------------------------------------------------------------------------------
  listen() {
    const on = (name, act) => this.root.addEventListener(`xg:${name}`, (event) => act(event.detail, event));
    on("ops", ({ label, ops, ...extra }) => this.write(label, ops, extra));
    on("undo", () => this.undo());
    on("redo", () => this.redo());
    on("toolarge", ({ cells }) => toast(this.say("tooLarge", { n: cells }), { kind: "warning" }));
    on("locked", () => announce(this.w[this.config.edit ? "locked" : "readonly"]));
    on("copy", ({ rows, cols }) => announce(this.say("copied", { rows, cols })));
    on("select", () => {
      sessionStorage.setItem(`matrix:${this.config.id}:${this.config.query}`, `${this.grid.f.r},${this.grid.f.c}`);
      this.panels.show();
    });
    on("open", () => this.panels.toggleInspector());
    on("enter", ({ r, inRow }, event) => {
      const row = this.p.rowMeta.get(r);
      if (row?.group) { event.preventDefault(); this.type ? this.go({ level: "sku", rows: row.cat, closed: "" }) : this.toggle(row.cat); }
      else if (this.type && inRow && row) { event.preventDefault(); this.go({ level: "sku", rows: row.id, closed: "" }); }
    });
    on("press", ({ r, inRow, inHead, target }, event) => {
      const row = inRow && !inHead ? this.p.rowMeta.get(r) : null;
      if (row?.group && target.closest?.(".xg-rh > .i")) { event.preventDefault(); this.toggle(row.cat); }
    });
    on("key", ({ event }, custom) => this.key(event, custom));
    this.queue.addEventListener("answer", ({ detail }) => this.answered(detail));
    this.queue.addEventListener("state", ({ detail }) => this.panels.state(detail));
    document.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.code === "KeyF" && !event.shiftKey) { event.preventDefault(); this.panels.openFind(); }
    });
    document.addEventListener("click", ({ target }) => {
      const act = target.closest("[data-grid]")?.dataset.grid;
      if (act === "undo") this.undo();
      else if (act === "redo") this.redo();
      else if (act === "submit") this.submit();
      else if (act === "find") this.panels.openFind();
      else if (act === "drill") this.drill();
      else if (act === "inspector") this.panels.toggleInspector();
      else if (act?.startsWith("density-")) this.setDensity(act.slice(8));
    });
  }
  key(event, custom) {
    const ctrl = event.ctrlKey || event.metaKey;
    if (ctrl || event.altKey) return;
    const digit = /^(?:Digit|Numpad)([1-5])$/.exec(event.code);
    const stop = () => { event.preventDefault(); event.stopPropagation(); custom.preventDefault(); };
    if (digit && !event.shiftKey) { stop(); this.setState(STATES[digit[1] - 1]); }
    else if (event.code === "Slash" && event.shiftKey) { stop(); this.panels.help(); }
    else if (event.code === "Slash") { stop(); this.panels.openFind(); }
    else if (event.code === "Escape" && this.panels.escape()) stop();
  }
  /** from the type level into the products of the chosen rows and columns */
  drill() {
    const { r0, r1, c0, c1 } = this.grid.range, row = this.p.rowMeta.get(this.grid.f.r), columns = [];
    const all = (c0 === 0 && c1 === this.p.cols - 1) || (r0 === r1 && c0 === c1);
    if (!all) for (let c = c0; c <= c1; c++) if (this.p.colMeta.has(c)) columns.push(this.p.colMeta.get(c).id);
    this.go({ level: "sku", rows: row ? Math.abs(row.id) : "", cols: columns.join(","), closed: "" });
  }
  setDensity(name) {
    localStorage.setItem("matrix-density", name);
    this.root.classList.toggle("compact", name === "compact");
    this.grid.setMetrics(SIZES[name]);
    this.panels.pressed(name);
  }
  async submit() {
    if (!(await this.queue.flush())) return;
    const { r0, r1, c0, c1 } = this.grid.range, many = (r0 !== r1 || c0 !== c1) && !this.type, pairs = [];
    if (many) {
      if (!(await this.p.ensure(r0, r1 + 1, c0, c1 + 1))) return;
      for (let r = r0; r <= r1; r++) for (let c = c0; c <= c1; c++) if (this.p.get(r, c)?.s === "draft") pairs.push([this.p.rowMeta.get(r).id, this.p.colMeta.get(c).id]);
      if (!pairs.length) { toast(this.w.noDrafts); return; }
    }
    const n = many ? pairs.length : this.config.drafts;
    if (!n) { toast(this.w.noDrafts); return; }
    if (!(await this.panels.confirm(this.say(many ? "submitSelection" : "submitAll", { n }), this.w.submitText, this.w.submitYes))) return;
    const answer = await post(this.config.urls.submit, many ? { pairs } : { all: true, query: this.config.query }).catch(() => ({}));
    if (!answer.ok) { toast(answer.text ?? this.w.undoFailed, { kind: "error" }); return; }
    await this.grid.reload().catch(() => {});
    this.config.drafts = Math.max(0, this.config.drafts - answer.done);
    const at = this.places();
    const lines = answer.refused.map((row) => {
      const place = at.get(`${row.main}:${row.companion}`);
      return { where: place ? `${this.p.rowLabel(place[0])} × ${this.p.colLabel(place[1])}` : `${row.main} × ${row.companion}`, text: "", why: row.text };
    });
    const parts = [this.say("submitted", { n: answer.done })];
    if (lines.length) parts.push(this.say("skipped", { n: lines.length }));
    this.panels.toast(parts.join(", "), { bad: !answer.done, lines });
    this.panels.show();
  }
}

const root = document.getElementById("matrix");
if (root) root.matrix = new Matrix(root, JSON.parse(document.getElementById("matrix-config").textContent));
