// The same grid over cells that are there already: what the browser alone needs for a window of a large matrix.
import { XGrid } from "/static/js/xgrid.js";
import { Painter } from "/static/js/matrix-paint.js";

const STATES = ["published", "approved", "draft", "in_review", "not_suitable"];
const cells = new Map();

class MadeUp {
  constructor(rows, cols) { Object.assign(this, { rows, cols, rowMeta: new Map(), colMeta: new Map() }); }
  rowLabel(r) { return `Телефон модель ${r}`; }
  colLabel(c) { return `Чехол модель ${c}`; }
  get(r, c) {
    const key = r * 1024 + c, kept = cells.get(key);
    if (kept || (r * 7919 + c * 104729) % 50) return kept;
    const q = ((r + c) % 60) / 100;
    const cell = { s: STATES[(r + c) % 5], text: "Нужен для подключения", v: 1, q, lvl: q > 0.5 ? "block" : q > 0.3 ? "warn" : "ok", a: 12.5, l: 2.1, kind: "accessory", flags: "" };
    cells.set(key, cell);
    return cell;
  }
  need(r0, r1, c0, c1) {
    for (let r = r0; r < r1; r++) if (!this.rowMeta.has(r)) this.rowMeta.set(r, { id: r, name: this.rowLabel(r), sku: String(r), price: 9990, cat: 1, have: 3, want: 4 });
    for (let c = c0; c < c1; c++) if (!this.colMeta.has(c)) this.colMeta.set(c, { id: c, name: this.colLabel(c), sku: String(c), price: 990, cat: 2 });
  }
  ensure() { return Promise.resolve(true); }
}

const provider = new MadeUp(10_000, 1_000);
const painter = new Painter({ words: { describe: "{state}: {text}" }, language: "ru", icons: document.body.dataset.icons, type: false, currency: "₽" });
painter.p = provider; painter.firsts = new Set();
const root = document.getElementById("matrix");
root.matrix = {
  grid: new XGrid(root, provider, {
    label: "Peer", rowHeight: 42, colWidth: 128, headWidth: 256, headHeight: 84, groups: [], paint: painter.paint, paintCol: painter.paintCol,
    paintRow: painter.paintRow, describe: painter.describe, toText: painter.toText, build: painter.build,
  }),
};
