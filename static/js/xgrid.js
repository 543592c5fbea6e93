// xgrid.js - two-axis virtualised, spreadsheet-like ARIA grid. Own code, no dependency, no build.
// Ring-buffer DOM pool: scrolling by one row/column re-labels one pooled row/column and creates no nodes.
// CSP: only CSSOM style writes and text nodes (no innerHTML, no eval, no <style> injection, no inline attributes).
import { readClipboard, writeClipboard } from './xgrid-clipboard.js';

const clamp = (v, a, b) => (v < a ? a : v > b ? b : v);
const el = (tag, cls, role) => {
  const e = document.createElement(tag);
  if (cls) e.className = cls;
  if (role) e.setAttribute('role', role);
  return e;
};
let uid = 0;

export class XGrid {
  /**
   * @param root   empty element; its scroller gets role=grid
   * @param provider  {rows, cols, rowLabel(r), colLabel(c), get(r,c), need(r0,r1,c0,c1), ensure(r0,r1,c0,c1)}
   * @param o  {rowHeight, colWidth, headWidth, headHeight, paint(cellEl, value, r, c), paintRow(el,r), paintCol(el,c),
   *            build(cellEl) once per pooled cell, toText(v), describe(v,r,c), locked(r,c), readonly}
   * The grid never changes data: it emits xg:ops {label, ops: [{r, c, act, text?, from?}]} with act "text", "clear" or "copy".
   */
  constructor(root, provider, o = {}) {
    this.root = root; this.p = provider;
    this.o = { rowHeight: 36, colWidth: 112, headWidth: 260, headHeight: 56, overRows: 3, overCols: 2,
      toText: (v) => v?.text ?? '', describe: (v) => v?.text ?? '', locked: () => false, ...o };
    this.id = 'xg' + ++uid;
    this.a = { r: 0, c: 0 }; this.f = { r: 0, c: 0 };       // anchor, focus of the selected range
    this.build(); this.bind();
  }

  build() {
    const { root, p } = this;
    root.classList.add('xg');
    const sc = (this.scroll = el('div', 'xg-scroll', 'grid')); sc.tabIndex = 0;      // the scroller is the grid: one tab stop, focus stays on it
    sc.setAttribute('aria-multiselectable', 'true'); if (this.o.label) sc.setAttribute('aria-label', this.o.label);
    sc.setAttribute('aria-rowcount', p.rows + 1); sc.setAttribute('aria-colcount', p.cols + 1);
    this.canvas = el('div', 'xg-canvas', 'presentation');
    const hg = el('div', 'xg-headgroup', 'rowgroup');
    this.head = el('div', 'xg-head', 'row'); this.head.setAttribute('aria-rowindex', 1);
    this.corner = el('div', 'xg-corner', 'columnheader'); this.corner.setAttribute('aria-colindex', 1);
    this.head.append(this.corner); hg.append(this.head);
    this.bands = el('div', 'xg-bands', 'presentation'); this.bands.setAttribute('aria-hidden', 'true');
    this.makeBands();
    this.body = el('div', 'xg-body', 'rowgroup');
    this.layer = el('div', 'xg-layer', 'presentation'); this.layer.setAttribute('aria-hidden', 'true');
    this.rangeEl = el('div', 'xg-range'); this.activeEl = el('div', 'xg-active'); this.copyEl = el('div', 'xg-copy'); this.copyEl.hidden = true;
    this.handle = el('div', 'xg-handle'); this.rangeEl.append(this.handle);
    this.layer.append(this.rangeEl, this.activeEl, this.copyEl);
    this.canvas.append(hg, this.body, this.layer); this.scroll.append(this.canvas);
    this.live = el('div', 'xg-sr'); this.live.setAttribute('aria-live', 'polite');
    root.append(this.scroll); root.after(this.live);
    this.pool = []; this.heads = []; this.PR = this.PC = 0;
    this.metrics();
    this.ro = new ResizeObserver(() => this.resize()); this.ro.observe(this.scroll);
    this.resize();
  }
  makeBands() {                                             // column groups: few, so not virtualised; the label sticks while its band is in view
    this.bands.replaceChildren(...(this.o.groups || []).map((g) => {
      const b = el('div', 'xg-band ' + (g.cls || '')), t = el('span'); t.textContent = g.label; if (g.title) t.title = g.title; b.append(t); return b;
    }));
    this.placeBands();
  }
  placeBands() {
    [...this.bands.children].forEach((b, i) => { const g = this.o.groups[i]; b.style.left = g.from * this.o.colWidth + 'px'; b.style.width = (g.to - g.from + 1) * this.o.colWidth + 'px'; });
  }
  /** other rows and columns in the same place: after a group was closed, a filter set, the view reloaded */
  setProvider(p, groups) {
    this.p = p; this.o.groups = groups; this.makeBands(); this.metrics(); this.r0 = this.c0 = -1;
    this.scroll.setAttribute('aria-rowcount', p.rows + 1); this.scroll.setAttribute('aria-colcount', p.cols + 1);
    for (const x of [this.a, this.f]) { x.r = clamp(x.r, 0, Math.max(0, p.rows - 1)); x.c = clamp(x.c, 0, Math.max(0, p.cols - 1)); }
    this.PR = this.PC = 0; this.resize();
  }
  metrics() {
    const { o, p } = this; const s = this.root.style;
    s.setProperty('--xg-rh', o.rowHeight + 'px'); s.setProperty('--xg-cw', o.colWidth + 'px');
    s.setProperty('--xg-hw', o.headWidth + 'px'); s.setProperty('--xg-hh', o.headHeight + 'px');
    this.canvas.style.width = o.headWidth + p.cols * o.colWidth + 'px';
    this.canvas.style.height = o.headHeight + p.rows * o.rowHeight + 'px';
  }
  /** density switch: keep the focused cell where it is on screen */
  setMetrics(m) {
    const y = this.f.r * this.o.rowHeight - this.scroll.scrollTop, x = this.f.c * this.o.colWidth - this.scroll.scrollLeft;
    Object.assign(this.o, m); this.metrics();
    this.placeBands();
    for (const row of this.pool) for (const c of row.cells) c.c = -1;
    this.scroll.scrollTop = this.f.r * this.o.rowHeight - y; this.scroll.scrollLeft = this.f.c * this.o.colWidth - x;
    this.resize();
  }
  destroy() { this.ro.disconnect(); this.abort.abort(); this.root.replaceChildren(); this.live.remove(); }

  resize() {
    const { o, p } = this;
    this.vh = this.scroll.clientHeight; this.vw = this.scroll.clientWidth;
    const PR = Math.min(p.rows, Math.ceil((this.vh - o.headHeight) / o.rowHeight) + 1 + 2 * o.overRows);
    const PC = Math.min(p.cols, Math.ceil((this.vw - o.headWidth) / o.colWidth) + 1 + 2 * o.overCols);
    if (PR !== this.PR || PC !== this.PC) this.makePool(Math.max(1, PR), Math.max(1, PC));
    this.render(true);
  }
  makePool(PR, PC) {
    this.PR = PR; this.PC = PC;
    this.body.replaceChildren(); this.head.replaceChildren(this.bands, this.corner);
    this.heads = Array.from({ length: PC }, () => {
      const e = el('div', 'xg-ch', 'columnheader'); this.head.append(e); return { el: e, c: -1 };
    });
    this.pool = Array.from({ length: PR }, () => {
      const row = el('div', 'xg-row', 'row'), rh = el('div', 'xg-rh', 'rowheader');
      rh.setAttribute('aria-colindex', 1); row.append(rh);
      const cells = Array.from({ length: PC }, () => {
        const e = el('div', 'xg-c', 'gridcell'); this.o.build?.(e); row.append(e); return { el: e, c: -1, v: undefined, id: '', label: '' };
      });
      this.body.append(row); return { el: row, rh, cells, r: -1 };
    });
  }

  /** window = [r0, r1) x [c0, c1) */
  render(force = false) {
    const { o, p, PR, PC, scroll } = this;
    const st = scroll.scrollTop, sl = scroll.scrollLeft;
    const r0 = clamp(Math.floor(st / o.rowHeight) - o.overRows, 0, Math.max(0, p.rows - PR));
    const c0 = clamp(Math.floor(sl / o.colWidth) - o.overCols, 0, Math.max(0, p.cols - PC));
    if (!force && r0 === this.r0 && c0 === this.c0) return;
    this.r0 = r0; this.c0 = c0;
    p.need(r0, r0 + PR, c0, c0 + PC);
    const cols = [];
    for (let c = c0; c < c0 + PC; c++) {
      const h = this.heads[c % PC];
      if (force || h.c !== c) {
        cols.push(c); h.c = c;
        h.el.style.transform = `translateX(${c * o.colWidth}px)`;
        h.el.setAttribute('aria-colindex', c + 2);
        if (o.paintCol) o.paintCol(h.el, c); else h.el.textContent = p.colLabel(c);
      }
    }
    for (let r = r0; r < r0 + PR; r++) {
      const row = this.pool[r % PR];
      const all = force || row.r !== r;
      if (all) {
        row.r = r;
        row.el.style.top = r * o.rowHeight + 'px';             // not transform: a stacking context would put the selection over the sticky row header
        row.el.setAttribute('aria-rowindex', r + 2);
        if (o.paintRow) o.paintRow(row.rh, r, row.el); else row.rh.textContent = p.rowLabel(r);
        for (let c = c0; c < c0 + PC; c++) this.paintCell(row, r, c);
      } else for (const c of cols) this.paintCell(row, r, c);
    }
    this.markSelected();
    clearTimeout(this.idle); this.idle = setTimeout(() => this.reorder(), 250);
  }
  paintCell(row, r, c) {
    const cell = row.cells[c % this.PC], e = cell.el;
    if (cell.c !== c) {
      cell.c = c; e.style.transform = `translateX(${c * this.o.colWidth}px)`;
      e.setAttribute('aria-colindex', c + 2);
    }
    const v = this.p.get(r, c);
    cell.v = v;
    if (this.o.paint) this.o.paint(e, v, r, c); else { e.textContent = v ? this.o.toText(v) : ''; e.classList.toggle('xg-wait', v === null); }
    const label = this.o.describe(v, r, c);                 // every cell has a name, the empty ones too
    if (label !== cell.label) { cell.label = label; label ? e.setAttribute('aria-label', label) : e.removeAttribute('aria-label'); }
  }
  /** Pool order is a ring; put DOM order right when scrolling rests, so screen readers read it in order. */
  reorder() {
    const rows = [...this.pool].sort((x, y) => x.r - y.r);
    let prev = null;
    for (const row of rows) {
      const want = prev ? prev.el.nextSibling : this.body.firstChild;
      if (want !== row.el) this.body.insertBefore(row.el, want);
      prev = row;
      const cs = [...row.cells].sort((x, y) => x.c - y.c);
      let pc = row.rh;
      for (const c of cs) { if (pc.nextSibling !== c.el) row.el.insertBefore(c.el, pc.nextSibling); pc = c.el; }
    }
    let ph = this.corner;
    for (const h of [...this.heads].sort((x, y) => x.c - y.c)) { if (ph.nextSibling !== h.el) this.head.insertBefore(h.el, ph.nextSibling); ph = h.el; }
  }
  refreshAll() { this.render(true); }
  reload() { return this.p.reload(this.r0, this.r0 + this.PR, this.c0, this.c0 + this.PC).then(() => this.render(true)); }
  refresh(r, c) { const row = this.pool[r % this.PR]; if (row?.r === r && c >= this.c0 && c < this.c0 + this.PC) this.paintCell(row, r, c); }

  // ---- selection -------------------------------------------------------------------------------------------
  get range() {
    const { a, f } = this;
    return { r0: Math.min(a.r, f.r), r1: Math.max(a.r, f.r), c0: Math.min(a.c, f.c), c1: Math.max(a.c, f.c) };
  }
  select(r, c, extend = false, reveal = true) {
    this.f = { r: clamp(r, 0, this.p.rows - 1), c: clamp(c, 0, this.p.cols - 1) };
    if (!extend) this.a = { ...this.f };
    if (reveal) this.reveal(this.f.r, this.f.c);
    this.markSelected();
    const { r0, r1, c0, c1 } = this.range;
    this.emit('select', { r: this.f.r, c: this.f.c, rows: r1 - r0 + 1, cols: c1 - c0 + 1 });
  }
  place(e, r0, r1, c0, c1) {
    const { o } = this; const s = e.style;
    s.transform = `translate(${o.headWidth + c0 * o.colWidth}px,${o.headHeight + r0 * o.rowHeight}px)`;
    s.width = (c1 - c0 + 1) * o.colWidth + 'px'; s.height = (r1 - r0 + 1) * o.rowHeight + 'px';
  }
  markSelected() {
    const { r0, r1, c0, c1 } = this.range; const { PR, PC } = this;
    this.place(this.rangeEl, r0, r1, c0, c1); this.place(this.activeEl, this.a.r, this.a.r, this.a.c, this.a.c);
    this.rangeEl.classList.toggle('xg-single', r0 === r1 && c0 === c1);
    let active = '';
    for (const row of this.pool) {
      const inR = row.r >= r0 && row.r <= r1;
      row.rh.classList.toggle('xg-on', inR);
      for (const cell of row.cells) {
        const on = inR && cell.c >= c0 && cell.c <= c1;
        if (on !== cell.on) { cell.on = on; on ? cell.el.setAttribute('aria-selected', 'true') : cell.el.removeAttribute('aria-selected'); }
        if (row.r === this.f.r && cell.c === this.f.c) { active = `${this.id}-${row.r}-${cell.c}`; cell.el.id = active; cell.id = active; }
        else if (cell.id) { cell.el.removeAttribute('id'); cell.id = ''; }
      }
    }
    for (const h of this.heads) h.el.classList.toggle('xg-on', h.c >= c0 && h.c <= c1);
    if (active) this.scroll.setAttribute('aria-activedescendant', active); else this.scroll.removeAttribute('aria-activedescendant');
  }
  reveal(r, c) {
    const { o, scroll } = this;
    const x = c * o.colWidth, y = r * o.rowHeight, w = this.vw - o.headWidth, h = this.vh - o.headHeight;
    if (x < scroll.scrollLeft) scroll.scrollLeft = x; else if (x + o.colWidth > scroll.scrollLeft + w) scroll.scrollLeft = x + o.colWidth - w;
    if (y < scroll.scrollTop) scroll.scrollTop = y; else if (y + o.rowHeight > scroll.scrollTop + h) scroll.scrollTop = y + o.rowHeight - h;
    this.render();
  }
  at(ev) {
    const b = this.scroll.getBoundingClientRect(), { o } = this;
    const x = ev.clientX - b.left, y = ev.clientY - b.top;
    return { r: Math.floor((y - o.headHeight + this.scroll.scrollTop) / o.rowHeight), c: Math.floor((x - o.headWidth + this.scroll.scrollLeft) / o.colWidth),
      inRow: x < o.headWidth, inHead: y < o.headHeight };
  }

  // ---- edits: one list of operations = one undo step = one server batch --------------------------------------
  ops(list, label, extra = {}) {
    const open = list.filter((x) => !this.o.locked(x.r, x.c));
    if (open.length || list.length) this.emit('ops', { label, ops: open, locked: list.length - open.length, ...extra });
  }
  async whole({ r0, r1, c0, c1 }) {
    if (await this.p.ensure(r0, r1 + 1, c0, c1 + 1)) return true;
    this.emit('toolarge', { cells: (r1 - r0 + 1) * (c1 - c0 + 1) }); return false;
  }
  textOf(r, c) { const v = this.p.get(r, c); return v ? this.o.toText(v) : ''; }
  /** the selection as rows of texts; `headers` puts the names of its rows and columns around it */
  copyText(headers = false) {
    const { r0, r1, c0, c1 } = this.range, out = [], names = [''];
    if (headers) { for (let c = c0; c <= c1; c++) names.push(this.p.colLabel(c)); out.push(names); }
    for (let r = r0; r <= r1; r++) { const row = headers ? [this.p.rowLabel(r)] : []; for (let c = c0; c <= c1; c++) row.push(this.textOf(r, c)); out.push(row); }
    return out;
  }
  async pasteBlock(block) {
    const { r0, r1, c0, c1 } = this.range; const list = [];
    const bh = block.length, bw = Math.max(...block.map((x) => x.length));
    const H = (r1 - r0 + 1) % bh === 0 ? r1 - r0 + 1 : bh, W = (c1 - c0 + 1) % bw === 0 ? c1 - c0 + 1 : bw;
    let cut = 0, empty = 0;
    if (!await this.whole({ r0, r1: Math.min(r0 + H, this.p.rows) - 1, c0, c1: Math.min(c0 + W, this.p.cols) - 1 })) return;
    for (let i = 0; i < H; i++) for (let j = 0; j < W; j++) {
      const r = r0 + i, c = c0 + j, t = block[i % bh][j % bw] ?? '';
      if (t.trim() === '') empty++;                         // an empty clipboard cell leaves the cell as it is
      else if (r >= this.p.rows || c >= this.p.cols) cut++;
      else list.push({ r, c, act: 'text', text: t });
    }
    this.a = { r: r0, c: c0 }; this.select(Math.min(r0 + H, this.p.rows) - 1, Math.min(c0 + W, this.p.cols) - 1, true, false);
    this.ops(list, 'paste', { cut, empty });
  }
  async clear(label = 'clear') {
    const R = { ...this.range }, list = []; if (!await this.whole(R)) return;
    for (let r = R.r0; r <= R.r1; r++) for (let c = R.c0; c <= R.c1; c++) if (this.textOf(r, c) !== '') list.push({ r, c, act: 'clear' });
    if (list.length) this.ops(list, label);
  }
  async fill(dir) {
    const R = { ...this.range }, list = []; if (!await this.whole(R)) return;
    for (let r = R.r0; r <= R.r1; r++) for (let c = R.c0; c <= R.c1; c++) {
      const sr = dir === 'down' ? R.r0 : r, sc = dir === 'right' ? R.c0 : c;
      if (sr !== r || sc !== c) list.push({ r, c, act: 'copy', from: this.p.get(sr, sc) });
    }
    if (list.length) this.ops(list, 'fill');
  }
  jump(dr, dc) {                                            // Ctrl+arrow: to the edge of the filled block
    let { r, c } = this.f; const full = (a, b) => this.textOf(a, b) !== '';
    const ok = (a, b) => a >= 0 && b >= 0 && a < this.p.rows && b < this.p.cols;
    if (!ok(r + dr, c + dc)) return [r, c];
    const start = full(r, c) && full(r + dr, c + dc);
    do { r += dr; c += dc; } while (ok(r + dr, c + dc) && (start ? full(r + dr, c + dc) : !full(r, c)));
    return [r, c];
  }
  edit(initial) {
    if (this.o.readonly) return;
    const { r, c } = this.f;
    if (this.o.locked(r, c) || this.p.get(r, c) === null) { this.emit('locked', { r, c }); return; }
    const inp = this.input = el('input', 'xg-input'); inp.setAttribute('aria-label', `${this.p.rowLabel(r)} × ${this.p.colLabel(c)}`);
    const was = this.textOf(r, c), seen = this.p.get(r, c) ?? null; inp.value = initial ?? was; inp.maxLength = 500;
    this.place(inp, r, r, c, c); this.canvas.append(inp); inp.focus(); if (initial == null) inp.select();
    const done = (ok, dr = 0, dc = 0) => {
      if (this.input !== inp) return; this.input = null; const v = inp.value; inp.remove(); this.focus();
      if (ok && v !== was) this.ops([v.trim() === '' ? { r, c, act: 'clear', seen } : { r, c, act: 'text', text: v, seen }], 'edit'); // seen: what stood here when the editor opened
      if (dr || dc) this.select(r + dr, c + dc);
    };
    inp.addEventListener('keydown', (e) => {
      e.stopPropagation();
      if (e.key === 'Enter') { e.preventDefault(); done(true, e.shiftKey ? -1 : 1, 0); }
      else if (e.key === 'Tab') { e.preventDefault(); done(true, 0, e.shiftKey ? -1 : 1); }
      else if (e.key === 'Escape') { e.preventDefault(); done(false); }
    });
    inp.addEventListener('blur', () => done(true));
  }

  focus() { this.scroll.focus({ preventScroll: true }); }
  emit(type, detail) { return this.root.dispatchEvent(new CustomEvent('xg:' + type, { detail, bubbles: true, cancelable: true })); }
  say(t) { this.live.textContent = t; }

  bind() {
    const ac = (this.abort = new AbortController()), on = (t, n, f, opt) => t.addEventListener(n, f, { signal: ac.signal, ...opt });
    on(this.scroll, 'scroll', () => this.render(), { passive: true });
    on(this.root, 'keydown', (e) => this.key(e));
    // on document: Firefox sends clipboard events for a non-editable focus to <body>
    const mine = () => !this.input && this.root.contains(document.activeElement);
    on(document, 'copy', (e) => { if (mine()) this.onCopy(e); });
    on(document, 'cut', (e) => { if (mine() && !this.o.readonly) { this.onCopy(e); this.clear('cut'); } });
    on(document, 'paste', (e) => { if (!mine() || this.o.readonly) return; e.preventDefault(); this.copyEl.hidden = true; this.pasteBlock(readClipboard(e.clipboardData)); });
    on(this.scroll, 'pointerdown', (e) => {
      if (e.button || e.target === this.input) return;
      const b = this.scroll.getBoundingClientRect(); if (e.clientX > b.left + this.vw || e.clientY > b.top + this.vh) return;   // on a scrollbar
      const h = this.at(e); this.focus();
      if (e.target === this.handle) return this.dragFill(e);
      if (!this.emit('press', { ...h, target: e.target })) return;
      if (h.inRow && h.inHead) { this.a = { r: 0, c: 0 }; this.select(this.p.rows - 1, this.p.cols - 1, true, false); return; }
      if (h.inRow) { if (!e.shiftKey) this.a = { r: h.r, c: 0 }; this.select(h.r, this.p.cols - 1, true, false); return; }
      if (h.inHead) { if (!e.shiftKey) this.a = { r: 0, c: h.c }; this.select(this.p.rows - 1, h.c, true, false); return; }
      this.select(h.r, h.c, e.shiftKey, false);
      this.drag(e, (m) => this.select(m.r, m.c, true));
    });
    on(this.scroll, 'contextmenu', (e) => {                  // the menu key has no place: the active cell is meant
      const keyed = e.button !== 2, a = this.activeEl.getBoundingClientRect(), x = keyed ? a.left + 12 : e.clientX, y = keyed ? a.bottom - 6 : e.clientY;
      const h = keyed ? { ...this.a } : this.at(e), { r0, r1, c0, c1 } = this.range;
      if (e.target === this.input) return;
      if (!h.inRow && !h.inHead && (h.r < r0 || h.r > r1 || h.c < c0 || h.c > c1)) this.select(h.r, h.c, false, false);
      if (!this.emit('menu', { ...h, x, y })) e.preventDefault();
    });
    on(this.scroll, 'dblclick', (e) => { const h = this.at(e); if (!h.inHead && this.emit('enter', { ...h, mouse: true }) && !h.inRow) this.edit(); });
  }
  drag(e, move, up) {
    const ac = new AbortController(), s = { signal: ac.signal };
    this.scroll.setPointerCapture(e.pointerId);
    this.scroll.addEventListener('pointermove', (m) => move(this.at(m)), s);
    this.scroll.addEventListener('pointerup', () => { ac.abort(); up?.(); }, s);
    this.scroll.addEventListener('pointercancel', () => ac.abort(), s);
  }
  dragFill(e) {
    const s = this.range; let t = s;
    this.drag(e, (m) => {
      const dv = Math.max(m.r - s.r1, 0), dh = Math.max(m.c - s.c1, 0);
      t = dv >= dh ? { ...s, r1: Math.max(s.r1, clamp(m.r, 0, this.p.rows - 1)) } : { ...s, c1: Math.max(s.c1, clamp(m.c, 0, this.p.cols - 1)) };
      this.place(this.rangeEl, t.r0, t.r1, t.c0, t.c1);
    }, async () => {
      const list = [], h = s.r1 - s.r0 + 1, w = s.c1 - s.c0 + 1; if (!await this.whole(t)) return;
      for (let r = t.r0; r <= t.r1; r++) for (let c = t.c0; c <= t.c1; c++)
        if (r > s.r1 || c > s.c1) list.push({ r, c, act: 'copy', from: this.p.get(s.r0 + ((r - s.r0) % h), s.c0 + ((c - s.c0) % w)) });
      this.a = { r: t.r0, c: t.c0 }; this.select(t.r1, t.c1, true, false); if (list.length) this.ops(list, 'fill');
    });
  }
  onCopy(e) {
    const rows = this.copyText(this.withHeaders); e.preventDefault(); this.withHeaders = false;
    writeClipboard(e.clipboardData, rows);
    const { r0, r1, c0, c1 } = this.range; this.place(this.copyEl, r0, r1, c0, c1); this.copyEl.hidden = false;
    this.emit('copy', { rows: rows.length, cols: rows[0].length });
  }
  key(e) {
    if (this.input || !this.p.rows || !this.p.cols || !this.emit('key', { event: e })) return;
    const { r, c } = this.f, ctrl = e.ctrlKey || e.metaKey, sh = e.shiftKey, page = Math.max(1, Math.floor((this.vh - this.o.headHeight) / this.o.rowHeight) - 1);
    const pageC = Math.max(1, Math.floor((this.vw - this.o.headWidth) / this.o.colWidth) - 1);
    const go = (a, b) => { e.preventDefault(); this.select(a, b, sh); };
    switch (e.key) {
      case 'ArrowDown': return ctrl ? go(...this.jump(1, 0)) : go(r + 1, c);
      case 'ArrowUp': return ctrl ? go(...this.jump(-1, 0)) : go(r - 1, c);
      case 'ArrowRight': return ctrl ? go(...this.jump(0, 1)) : go(r, c + 1);
      case 'ArrowLeft': return ctrl ? go(...this.jump(0, -1)) : go(r, c - 1);
      case 'Home': return go(ctrl ? 0 : r, 0);
      case 'End': return go(ctrl ? this.p.rows - 1 : r, this.p.cols - 1);
      case 'PageDown': return e.altKey ? go(r, c + pageC) : go(r + page, c);
      case 'PageUp': return e.altKey ? go(r, c - pageC) : go(r - page, c);
      case 'Enter': e.preventDefault(); return this.emit('enter', { r, c }) && this.edit();
      case 'F2': e.preventDefault(); return this.edit();
      case 'Delete': case 'Backspace': e.preventDefault(); if (!this.o.readonly) this.clear(); return;
      case 'Escape': this.copyEl.hidden = true; this.a = { ...this.f }; return this.markSelected();
      case ' ': if (sh) { e.preventDefault(); this.a = { r, c: 0 }; return this.select(r, this.p.cols - 1, true, false); }
        if (ctrl) { e.preventDefault(); this.a = { r: 0, c }; return this.select(this.p.rows - 1, c, true, false); }
        e.preventDefault(); return this.emit('open', { r, c });
    }
    const k = e.code;                                       // physical keys: shortcuts work under a Russian layout too
    if (ctrl && k === 'KeyA') { e.preventDefault(); this.a = { r: 0, c: 0 }; return this.select(this.p.rows - 1, this.p.cols - 1, true, false); }
    if (ctrl && k === 'KeyZ') { e.preventDefault(); return this.emit(sh ? 'redo' : 'undo', {}); }
    if (ctrl && k === 'KeyY') { e.preventDefault(); return this.emit('redo', {}); }
    if (ctrl && k === 'KeyD') { e.preventDefault(); if (!this.o.readonly) this.fill('down'); return; }
    if (ctrl && k === 'KeyR') { e.preventDefault(); if (!this.o.readonly) this.fill('right'); return; }
    if (!ctrl && !e.altKey && !this.o.readonly && e.key.length === 1) { e.preventDefault(); this.edit(e.key); }
  }
}
