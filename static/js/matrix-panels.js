// matrix-panels.js: what surrounds the grid: cell bar, status bar, inspector, find, conflicts, reports, questions.
import { ask, open } from "./dialogs.js";
import { toast } from "./toasts.js";
import { shape, tone } from "./matrix-paint.js";
import { cellKey } from "./matrix-ops.js";


export const PREVIEW_FROM = 500; // changed cells: more, or any published one, are shown before they are written
const SHOWN = 500; // lines of a report or a preview
const MOST_COUNTED = 20_000; // cells of a selection the status bar adds up
const by = (name) => document.querySelector(`[data-m="${name}"]`);
const make = (tag, cls, text) => { const e = document.createElement(tag); if (cls) e.className = cls; if (text != null) e.textContent = text; return e; };

/** text that is there already is left alone: what is drawn with every window makes no nodes */
const put = (e, text) => { if (e.textContent !== String(text)) e.textContent = text; };

export class Panels {
  constructor(matrix) {
    this.m = matrix; this.w = matrix.w; this.say = matrix.say;
    this.inspected = "";
    this.listen();
    this.pressed(matrix.density);
    if (innerWidth > 1180 && localStorage.getItem("matrix-inspector") !== "closed" && !matrix.type) this.setInspector(true);
  }
  get now() { const { r, c } = this.m.grid.a; return { r, c, v: this.m.p.get(r, c), row: this.m.p.rowMeta.get(r), col: this.m.p.colMeta.get(c) }; }

  // ---- cell bar and status bar --------------------------------------------------------------------------------
  show() {
    if (this.drawing) return;
    this.drawing = requestAnimationFrame(() => { this.drawing = 0; this.draw(); });
  }
  draw() {
    const { m, w } = this, { r, c, v, row, col } = this.now;
    const real = v?.s && v.s !== "hint" && v.s !== "agg", open_ = m.config.edit && row && !row.group && v !== null && !m.locked(r, c);
    put(by("row"), row?.name ?? ""); put(by("col"), col?.name ?? "");
    const input = by("reason");
    if (document.activeElement !== input) input.value = real ? v.text : "";
    input.disabled = !open_;
    const select = by("state"), state = real ? v.s : "";
    select.disabled = !open_;
    select.value = state === "slot" ? "draft" : state;
    by("shape").setAttribute("href", `${document.body.dataset.icons}#st-${shape(state === "slot" ? "approved" : state)}`);
    by("shape").parentNode.setAttribute("class", `st st-${shape(state === "slot" ? "approved" : state)}`);
    const kindOf = by("kind"); kindOf.disabled = !open_ || !real || v.s === "not_suitable"; kindOf.value = real && v.kind ? v.kind : "";
    if (!m.type) {
      const ratio = by("ratio"), q = real ? v.q : row?.price && col?.price ? col.price / row.price : null;
      const kind = real && v.kind ? v.kind : "accessory", limits = m.limits[`${row?.cat}:${col?.cat}:${kind}`] ?? m.limits[`${row?.cat}:*:${kind}`] ?? m.limits.default;
      const verdict = real ? v.lvl : q == null || !limits ? "unknown" : q > limits[1] ? "block" : q > limits[0] ? "warn" : "ok";
      ratio.className = `ratio ${tone(verdict)}`; put(ratio, m.painter.ratio(q)); ratio.title = w[verdict] ?? "";
      put(by("limit"), limits ? this.say("limit", { warn: m.painter.n2.format(limits[0]), block: m.painter.n2.format(limits[1]) }) : "");
    }
    this.count();
    this.inspect();
    this.conflictBox(v);
  }
  count() {
    const { m } = this, { r0, r1, c0, c1 } = m.grid.range, rows = r1 - r0 + 1, cols = c1 - c0 + 1;
    let n = 0, sum = 0, rated = 0, published = 0, drafts = 0;
    if (rows * cols <= MOST_COUNTED) {
      for (let r = r0; r <= r1; r++) for (let c = c0; c <= c1; c++) {
        const v = m.p.get(r, c);
        if (!v?.s || v.s === "hint" || v.s === "agg" || v.s === "not_suitable") continue;
        n++;
        if (v.a != null) { sum += v.a; rated++; }
        if (v.s === "published") published++;
        if (v.s === "draft") drafts++;
      }
    }
    put(by("selected"), `${m.painter.n0.format(rows)} × ${m.painter.n0.format(cols)}`);
    put(by("links"), rows * cols > MOST_COUNTED ? "…" : m.painter.n0.format(n));
    put(by("rate"), rated ? `${m.painter.n1.format(sum / rated)}${m.painter.space}%` : "—");
    put(by("published"), m.painter.n0.format(published));
    const button = by("drafts");
    if (button) { const count = rows * cols > 1 && !m.type ? drafts : m.config.drafts; put(button, m.painter.n0.format(count)); button.hidden = !count; }
  }
  pressed(name) { for (const b of document.querySelectorAll("[data-grid^=density-]")) b.setAttribute("aria-pressed", String(b.dataset.grid === `density-${name}`)); }
  loaded() { by("failed")?.setAttribute("hidden", ""); }
  failed() { by("failed").hidden = false; }

  state({ state, count, of, at, text }) {
    const progress = by("progress");
    progress.hidden = of <= PREVIEW_FROM || !count; progress.max = of || 1; progress.value = of - count;
    const saved = by("saved"), bar = by("offline");
    by("saved-text").textContent = state === "saved" ? (at ? this.say("saved", { time: at.toLocaleTimeString(this.m.config.language, { hour: "2-digit", minute: "2-digit" }) }) : "") : this.w.saving;
    saved.hidden = state === "saved" && !at;
    bar.hidden = state === "saved" || state === "saving" && bar.hidden;
    if (state === "offline" || state === "refused") {
      by("offline-text").textContent = `${state === "offline" ? this.w.offline : this.say("refusedBatch", { reason: text })} ${this.say("waiting", { n: count })}`;
      by("saved-text").textContent = this.say("waiting", { n: count });
    }
    if (state === "saved") bar.hidden = true;
  }

  // ---- inspector ----------------------------------------------------------------------------------------------
  get inspector() { return by("inspector"); }
  setInspector(shown) {
    this.inspector.hidden = !shown;
    this.inspector.parentNode.classList.toggle("with-insp", shown);
    by("inspector-button")?.setAttribute("aria-expanded", String(shown));
    this.inspected = "";
    if (shown) this.show();
  }
  toggleInspector() {
    const shown = this.inspector.hidden;
    localStorage.setItem("matrix-inspector", shown ? "open" : "closed");
    this.setInspector(shown);
    if (!shown) this.m.grid.focus();
  }
  inspect() {
    if (this.inspector.hidden) return;
    const { row, col, v } = this.now, { type } = this.m, suffix = type ? "_category" : "";
    if (!row || row.group || !col || (row.id === col.id && !type)) { this.uninspect(); return; }
    const wanted = `${row.id}:${col.id}:${v?.v ?? 0}`;
    if (wanted === this.inspected) return;
    this.inspected = wanted;
    clearTimeout(this.looking);
    this.looking = setTimeout(() => {
      globalThis.htmx.ajax("GET", `${this.m.config.urls.cell}?main${suffix}=${row.id}&companion${suffix}=${col.id}`, { target: "#inspector-body", swap: "innerHTML" })
        .catch(() => this.uninspect(this.w.cellOffline)); // asked again when a cell is next looked at
    }, 180);
  }

  uninspect(words = this.w.chooseCell) { // a group, or a product with itself: nothing to tell
    clearTimeout(this.looking);
    this.inspected = "";
    document.querySelector("#inspector-body").replaceChildren(make("p", "insp-none sm t3", words));
  }

  // ---- conflicts ----------------------------------------------------------------------------------------------
  conflicts() {
    const n = this.m.conflicts.size;
    by("conflicts").hidden = n < 2;
    by("conflicts-text").textContent = this.say("conflictMany", { n });
    if (n) toast(this.say("conflictMany", { n }), { kind: "warning" });
  }
  /** the next cell whose conflict is open, from the active one on, row by row */
  nextConflict() {
    const { m } = this, at = m.places(), { r, c } = m.grid.f;
    const cells = [...m.conflicts.keys()].map((id) => at.get(id)).filter(Boolean).sort((x, y) => x[0] - y[0] || x[1] - y[1]);
    const next = cells.find(([row, col]) => row > r || (row === r && col > c)) ?? cells[0];
    if (next) { m.grid.select(...next); m.grid.focus(); }
  }
  conflictBox(v) {
    const box = by("conflict"), { row, col, r, c } = this.now, id = row && col ? `${row.id}:${col.id}` : "", conflict = this.m.conflicts.get(id);
    box.hidden = !conflict || v?.flag !== "conflict";
    if (box.hidden) return;
    const words = (cell) => (cell?.s ? `${this.w[cell.s] ?? ""}: ${cell.text || this.w.noReason}` : this.w.clearedCell);
    by("conflict-who").textContent = [conflict.who, conflict.when && new Date(conflict.when).toLocaleString(this.m.config.language, { dateStyle: "medium", timeStyle: "short" })].filter(Boolean).join(", ");
    by("conflict-mine").textContent = words(conflict.mine); by("conflict-theirs").textContent = words(conflict.theirs); by("conflict-was").textContent = words(conflict.was);
    box.dataset.cell = id;
    const { o, scroll } = this.m.grid;
    const x = o.headWidth + c * o.colWidth - scroll.scrollLeft, y = o.headHeight + (r + 1) * o.rowHeight - scroll.scrollTop + 6;
    box.style.left = `${Math.max(8, Math.min(x, scroll.clientWidth - 330))}px`; box.style.top = `${Math.max(8, Math.min(y, scroll.clientHeight - 190))}px`;
  }

  // ---- questions, reports, find -------------------------------------------------------------------------------
  confirm(title, text, action) { return ask({ title, text, action }).then((yes) => { this.m.grid.focus(); return yes; }); }
  askReason(v) {
    const dialog = by("why"), input = dialog.querySelector("input");
    input.value = v?.s === "not_suitable" ? v.text : "";
    dialog.returnValue = "";
    open(dialog, this.m.grid.scroll);
    input.focus(); input.select();
    return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes" && input.value.trim() ? input.value.trim() : null), { once: true }));
  }
  toast(text, { bad = false, lines = [], undo = false } = {}) {
    const box = toast(text, { kind: bad ? "warning" : "ok" }), close = box.lastElementChild;
    const add = (word, act) => { const b = make("button", "", word); b.type = "button"; b.addEventListener("click", () => { box.remove(); act(); }); box.insertBefore(b, close); return b; };
    if (lines.length) add(this.w.show, () => this.showReport(lines));
    if (undo) add(this.w.undo, () => this.m.undo()).append(" ", make("kbd", "", "Ctrl Z"));
  }
  showReport(lines) {
    const body = by("report-rows");
    body.replaceChildren(...lines.slice(0, SHOWN).map((line) => { const tr = make("tr"); tr.append(make("td", "", line.where), make("td", "", line.text), make("td", "bad-t", line.why)); return tr; }));
    open(by("report"), this.m.grid.scroll);
  }
  /** what a large or a published change would write, before it is written */
  preview(acts, ops, drafts, published) {
    const dialog = by("preview"), words = (v) => (v?.s && v.s !== "hint" ? `${this.w[v.s] ?? ""}: ${v.text || this.w.noReason}` : this.w.clearedCell);
    by("preview-title").textContent = this.w.previewTitle;
    by("preview-text").textContent = this.say("preview", { n: acts.length, published }) + (acts.length > SHOWN ? ` ${this.say("previewFirst", { n: SHOWN })}` : "");
    const first = acts.map((act, i) => [act, drafts[i], cellKey(ops[i])]).sort(([a], [b]) => (b.old?.s === "published") - (a.old?.s === "published")).slice(0, SHOWN);
    by("preview-rows").replaceChildren(...first.map(([act, draft, id]) => {
      const tr = make("tr");
      tr.append(make("td", "", (this.m.labels.get(id) ?? [id]).join(" × ")), make("td", act.old?.s === "published" ? "bad-t" : "t2", words(act.old)), make("td", "", words(draft)));
      return tr;
    }));
    dialog.returnValue = "";
    open(dialog, this.m.grid.scroll);
    return new Promise((resolve) => dialog.addEventListener("close", () => { this.m.grid.focus(); resolve(dialog.returnValue === "yes"); }, { once: true }));
  }
  help() { open(by("keys"), this.m.grid.scroll); }
  openFind() { const bar = by("find"); bar.hidden = false; const input = bar.querySelector("input"); input.focus(); input.select(); }
  closeFind() { by("find").hidden = true; this.m.grid.focus(); }
  escape() {
    if (!by("find").hidden) { this.closeFind(); return true; }
    return false;
  }
  async search(step) {
    const input = by("find").querySelector("input"), words = input.value.trim(), out = by("find-count");
    if (!words) { out.textContent = ""; this.found = []; return; }
    if (words !== this.foundFor) {
      const ask = () => fetch(`${this.m.config.urls.find}?k=${this.m.layout.key}&${this.m.config.query}&q=${encodeURIComponent(words)}`, { headers: { Accept: "application/json" } }).catch(() => ({}));
      let reply = await ask();
      if (reply.status === 409) { await this.m.again(); reply = await ask(); } // the rows are others now: look among those
      if (!reply.ok) return this.failed();
      this.found = (await reply.json()).found; this.foundFor = words; this.foundAt = -1;
    }
    if (!this.found.length) { out.textContent = this.w.findNone; return; }
    this.foundAt = (this.foundAt + step + this.found.length) % this.found.length;
    const [side, place] = this.found[this.foundAt], { f } = this.m.grid;
    side === "row" ? this.m.grid.select(place, f.c) : this.m.grid.select(f.r, place);
    out.textContent = this.say("findCount", { i: this.foundAt + 1, n: this.found.length });
  }
  /** the edits that could not be sent, as text for Excel */
  async copyEdits() {
    const lines = this.m.queue.batches.flatMap((batch) => batch.ops.map((op) => [...(this.m.labels.get(cellKey(op)) ?? [cellKey(op), ""]), op.text ?? op.reason ?? op.state ?? "-"].join("\t")));
    await navigator.clipboard.writeText(lines.join("\r\n"));
    toast(this.say("copied", { rows: lines.length, cols: 3 }));
  }

  listen() {
    const { m } = this, input = by("reason");
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); this.commit(); m.grid.focus(); }
      else if (event.key === "Escape") { event.preventDefault(); input.value = this.now.v?.text ?? ""; m.grid.focus(); }
    });
    input.addEventListener("focus", () => { this.editing = { ...m.grid.a, was: input.value, seen: this.now.v ?? null }; });
    input.addEventListener("blur", () => this.commit());
    by("state").addEventListener("change", ({ target }) => { m.setState(target.value); m.grid.focus(); });
    by("kind").addEventListener("change", ({ target }) => {
      const { r, c, v } = this.now;
      if (target.value && v?.s) m.write("edit", [{ r, c, act: "text", text: v.text || "x", kind: target.value }]);
      m.grid.focus();
    });
    const find = by("find");
    find.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); this.search(event.shiftKey ? -1 : 1); }
      else if (event.key === "Escape") { event.preventDefault(); this.closeFind(); }
    });
    document.addEventListener("click", ({ target }) => {
      const act = target.closest("[data-panel]")?.dataset.panel, id = by("conflict").dataset.cell;
      if (act === "keys") this.help();
      else if (act === "mine" || act === "theirs" || act === "was") { m.settle(id, act); m.grid.focus(); }
      else if (act === "all-mine" || act === "all-theirs") for (const one of [...m.conflicts.keys()]) m.settle(one, act.slice(4));
      else if (act === "next-conflict") this.nextConflict();
      else if (act === "find-next") this.search(1);
      else if (act === "find-prev") this.search(-1);
      else if (act === "find-close") this.closeFind();
      else if (act === "retry") { m.queue.flush(); if (!by("failed").hidden) m.grid.reload().then(() => this.loaded(), () => {}); }
      else if (act === "copy-edits") this.copyEdits();
      else if (act === "inspector-close") this.toggleInspector();
    });
    m.grid.scroll.addEventListener("scroll", () => { if (m.conflicts.size) this.show(); }, { passive: true });
  }
  commit() {
    const edit = this.editing, text = by("reason").value;
    this.editing = null;
    if (!edit || text === edit.was) return;
    this.m.write("edit", [{ r: edit.r, c: edit.c, act: text.trim() ? "text" : "clear", text, seen: edit.seen }]);
  }
}
