// xgrid-window.js: the cells of a matrix too large to be sent: fixed tiles, read as they come into view.
const WIDE = 2 ** 20;                                       // columns of a key: row * WIDE + column stays an exact integer
const MAX_CELLS = 100_000;                                  // of one range operation: beyond it a file import is the tool

/** Server-windowed provider: fixed tiles, LRU, one request per frame for what is missing, stale requests aborted.
 *  Unsent edits live in `edits` and cover the tiles, so neither a reload of a tile nor eviction can lose one. */
export class WindowProvider {
  constructor({ rows, cols, url, tile = [64, 32], maxTiles = 400, map = (x) => x }) {
    Object.assign(this, { rows, cols, url, th: tile[0], tw: tile[1], maxTiles, map });
    this.tiles = new Map(); this.rowMeta = new Map(); this.colMeta = new Map(); this.edits = new Map();
    this.pending = new Map(); this.requests = 0;
  }
  key(tr, tc) { return tr * WIDE + tc; }
  at(r, c) { return r * WIDE + c; }
  tileAt(r, c) { return this.tiles.get(this.key((r / this.th) | 0, (c / this.tw) | 0)); }
  /** name of a cell that outlives any order of rows and columns; '' before its labels are there */
  id(r, c) { const m = this.rowMeta.get(r), k = this.colMeta.get(c); return m && k ? `${m.id}:${k.id}` : ''; }
  get(r, c) {
    const t = this.tileAt(r, c); if (!t) return null;       // null = not loaded, undefined = empty
    if (this.edits.size) { const mine = this.edits.get(this.id(r, c)); if (mine !== undefined) return mine; }
    return t.get(this.at(r, c));
  }
  /** what the server holds, without unsent edits */
  stored(r, c) { return this.tileAt(r, c)?.get(this.at(r, c)); }
  set(r, c, v) { this.tileAt(r, c)?.set(this.at(r, c), v); }
  rowLabel(r) { return this.rowMeta.get(r)?.name ?? ''; }
  colLabel(c) { return this.colMeta.get(c)?.name ?? ''; }
  /** read again what is in view and forget the rest, without a flicker: totals change with every write */
  async reload(r0, r1, c0, c1) {
    const { tr0, tr1, tc0, tc1 } = this.span(r0, r1, c0, c1), keep = new Set();
    for (let a = tr0; a <= tr1; a++) for (let b = tc0; b <= tc1; b++) keep.add(this.key(a, b));
    for (const k of [...this.tiles.keys()]) if (!keep.has(k)) this.tiles.delete(k);
    await this.load(tr0, tr1, tc0, tc1);
  }
  span(r0, r1, c0, c1) {
    return { tr0: (r0 / this.th) | 0, tr1: ((Math.max(r0 + 1, Math.min(r1, this.rows)) - 1) / this.th) | 0,
      tc0: (c0 / this.tw) | 0, tc1: ((Math.max(c0 + 1, Math.min(c1, this.cols)) - 1) / this.tw) | 0 };
  }
  need(r0, r1, c0, c1) {
    if (!this.rows || !this.cols) return;
    const { tr0, tr1, tc0, tc1 } = this.span(r0, r1, c0, c1), want = new Set(), miss = [];
    for (let a = tr0; a <= tr1; a++) for (let b = tc0; b <= tc1; b++) want.add(this.key(a, b));
    for (const job of new Set(this.pending.values())) {     // a job none of whose tiles is looked at any more
      if (job.keys.some((k) => want.has(k))) continue;
      job.ac.abort(); for (const k of job.keys) this.pending.delete(k);
    }
    for (let a = tr0; a <= tr1; a++) for (let b = tc0; b <= tc1; b++) {
      const k = this.key(a, b), t = this.tiles.get(k);
      if (t) { this.tiles.delete(k); this.tiles.set(k, t); } else if (!this.pending.has(k)) miss.push([a, b]);
    }
    if (!miss.length) return;
    const job = { ac: new AbortController(), keys: miss.map(([a, b]) => this.key(a, b)) };
    for (const k of job.keys) this.pending.set(k, job);
    const tr = miss.map((x) => x[0]), tc = miss.map((x) => x[1]);
    this.load(Math.min(...tr), Math.max(...tr), Math.min(...tc), Math.max(...tc), job.ac.signal)
      .catch((e) => { if (e.name !== 'AbortError') this.onerror?.(e); })
      .finally(() => { for (const k of job.keys) if (this.pending.get(k) === job) this.pending.delete(k); });
  }
  async load(tr0, tr1, tc0, tc1, signal) {
    const { th, tw } = this, R0 = tr0 * th, R1 = Math.min(this.rows, (tr1 + 1) * th), C0 = tc0 * tw, C1 = Math.min(this.cols, (tc1 + 1) * tw);
    this.requests++;
    const res = await fetch(`${this.url}&r0=${R0}&r1=${R1}&c0=${C0}&c1=${C1}`, { signal, headers: { Accept: 'application/json' } });
    if (!res.ok) throw Object.assign(new Error(String(res.status)), { status: res.status });
    this.take(await res.json(), tr0, tr1, tc0, tc1);
  }
  /** what the server told of these tiles */
  take(d, tr0, tr1, tc0, tc1) {
    const { th, tw } = this, R0 = tr0 * th, C0 = tc0 * tw, made = new Map();
    d.rows.forEach((t, i) => this.rowMeta.set(R0 + i, this.mapRow ? this.mapRow(t) : t));
    d.columns.forEach((t, i) => this.colMeta.set(C0 + i, this.mapCol ? this.mapCol(t) : t));
    for (let a = tr0; a <= tr1; a++) for (let b = tc0; b <= tc1; b++) made.set(this.key(a, b), new Map());
    for (const x of d.cells) made.get(this.key((x[0] / th) | 0, (x[1] / tw) | 0))?.set(this.at(x[0], x[1]), this.map(x));
    for (const [k, v] of made) this.tiles.set(k, v);
    while (this.tiles.size > this.maxTiles) this.tiles.delete(this.tiles.keys().next().value);
    this.onload?.(d);
  }
  /** Load a whole range before it is read or written as one. False: too large. */
  async ensure(r0, r1, c0, c1) {
    if ((r1 - r0) * (c1 - c0) > MAX_CELLS) return false;
    const { tr0, tr1, tc0, tc1 } = this.span(r0, r1, c0, c1);
    for (let a = tr0; a <= tr1; a += 2) for (let b = tc0; b <= tc1; b += 3) {
      const a1 = Math.min(tr1, a + 1), b1 = Math.min(tc1, b + 2); let miss = false;
      for (let x = a; x <= a1; x++) for (let y = b; y <= b1; y++) miss ||= !this.tiles.has(this.key(x, y));
      if (miss) await this.load(a, a1, b, b1);
    }
    return true;
  }
}
