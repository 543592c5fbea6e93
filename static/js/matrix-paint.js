// matrix-paint.js: how a cell, a row head and a column head look. Each pooled element is built once; then only text, classes and hrefs change.
const NS = "http://www.w3.org/2000/svg";
const SHAPE = { in_review: "review", not_suitable: "no", slot: "approved" };
export const shape = (state) => SHAPE[state] || state || "draft";
export const tone = (status) => ({ block: "bad", unknown: "none" })[status] || status || "none";

const svg = (cls) => {
  const picture = document.createElementNS(NS, "svg"), use = document.createElementNS(NS, "use");
  picture.setAttribute("class", cls);
  picture.setAttribute("aria-hidden", "true");
  picture.append(use);
  return [picture, use];
};
/** a span whose text node stays: only its data changes, so that scrolling makes no nodes */
const span = (cls) => { const e = document.createElement("span"); e.className = cls; e.append(""); return e; };
const write = (e, text) => { if (e.firstChild.data !== text) e.firstChild.data = text; };
/** what every cell is made of; a cell without a link hides it */
const mould = (() => {
  const parts = document.createDocumentFragment(), mini = document.createElementNS(NS, "svg");
  for (const [name, value] of [["class", "mini"], ["viewBox", "0 0 46 4"], ["preserveAspectRatio", "none"], ["aria-hidden", "true"]]) mini.setAttribute(name, value);
  for (const width of [46, 0]) {
    const rect = document.createElementNS(NS, "rect");
    for (const [name, value] of [["width", width], ["height", 4], ["rx", 2]]) rect.setAttribute(name, value);
    mini.append(rect);
  }
  parts.append(svg("st")[0], span("xt"), span("xa"), span("xl"), span("ratio"), mini);
  return parts;
})();

/** A cell as it travels: [row, column, state, text, version, ratio, ratio status, attach %, lift, kind, flags]. */
export function decode([, , s, text, v, q, lvl, a, l, kind, flags]) {
  const cell = { s, text, v, q, lvl, a, l, kind, flags };
  if (s === "agg") [cell.n, cell.of] = text.split("/").map(Number);
  if (flags.includes("/")) [cell.n, cell.of, cell.wanted] = flags.split("/", 3).map(Number);
  cell.talk = flags.endsWith("m");
  return cell;
}

export class Painter {
  constructor({ words, language, icons, type, currency }) {
    Object.assign(this, { w: words, icons, type, currency });
    this.n0 = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
    this.n1 = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    this.n2 = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    this.plural = new Intl.PluralRules(language);
    this.space = language === "en" ? "" : "\u00a0";
    this.closed = new Map(); this.pictures = new Map();
    this.build = this.build.bind(this); this.paint = this.paint.bind(this); this.paintRow = this.paintRow.bind(this); this.paintCol = this.paintCol.bind(this);
    this.describe = this.describe.bind(this); this.toText = this.toText.bind(this);
  }
  /** fill {n} places; plural forms stand side by side, one|few|many (English: one|other) */
  say(word, values = {}) {
    let text = this.w[word] ?? word;
    if (text.includes("|")) {
      const forms = text.split("|"), rule = this.plural.select(values.n ?? 0);
      text = forms[{ one: 0, few: 1, two: 1 }[rule] ?? 2] ?? forms.at(-1);
    }
    return text.replace(/\{(\w+)\}/g, (_all, name) => (typeof values[name] === "number" ? this.n0.format(values[name]) : values[name] ?? ""));
  }
  rate(share) { return share == null ? "—" : `${share < 1 ? this.n1.format(share) : this.n0.format(share)}${this.space}%`; }
  price(value) { return value == null ? "—" : `${this.n0.format(value)}\u00a0${this.currency}`; }
  ratio(q) { return q == null ? "—" : q > 0 && q < 0.005 ? `<${this.n2.format(0.01)}` : this.n2.format(q); }
  toText(v) {
    if (!v || !v.s || v.s === "hint" || v.s === "agg") return "";
    if (v.s === "not_suitable") return v.text ? `${this.w.not_suitable}: ${v.text}` : this.w.not_suitable;
    return v.text || "x";
  }
  closedReason(r, c) {
    const row = this.p.rowMeta.get(r), col = this.p.colMeta.get(c);
    return row && col && !row.group ? this.closed.get(`${row.cat}:${col.cat}`) : undefined;
  }

  build(e) {
    e.append(mould.cloneNode(true));
    const [s, t, a, l, q, mini] = e.children;
    e.$ = { s, u: s.firstChild, t, a, l, q, mini, v: mini.lastChild };
  }
  paint(e, v, r, c) {
    const k = e.$;
    if (!v || !(v.s || v.flag || v.wanted || v.n || v.talk)) {
      const cls = v === null ? "xg-c xg-wait" : this.closed.size && this.closedReason(r, c) !== undefined ? "xg-c s-closed" : "xg-c";
      if (e.className !== cls) e.className = cls;
      return;
    }
    const s = shape(v.s), bar = v.s === "agg" || (this.type && v.of > 0);
    e.className = `xg-c has s-${v.s === "hint" ? "sug" : v.s === "slot" || !v.s ? "slot" : s}${v.flag ? ` f-${v.flag}` : v.talk ? " f-comment" : ""}${this.type ? " type" : ""}`;
    k.mini.toggleAttribute("hidden", !bar);
    if (bar) {
      write(k.a, this.say("covered", v));
      k.v.setAttribute("width", (46 * v.n) / (v.of || 1));
      k.v.setAttribute("class", v.n / (v.of || 1) < 0.5 ? "v low" : "v");
    } else write(k.a, this.type ? "" : v.a == null ? "" : this.rate(v.a));
    if (v.s === "agg") return;
    k.u.setAttribute("href", `${this.icons}#${v.s === "hint" ? "plus" : v.s === "slot" ? "link" : `st-${s}`}`);
    k.s.setAttribute("class", `st st-${s}`);
    k.s.toggleAttribute("hidden", !v.s);
    write(k.t, v.s ? v.text || (v.s === "not_suitable" ? this.w.not_suitable : "") : "");
    write(k.l, v.l == null ? "" : `×${this.n1.format(v.l)}`);
    k.q.className = `ratio ${tone(v.lvl)}`;
    write(k.q, v.q == null ? "" : this.ratio(v.q));
    k.q.toggleAttribute("hidden", v.q == null);
  }
  describe(v, r, c) {
    if (!v) {
      const why = v === null ? undefined : this.closedReason(r, c);
      return v === null ? this.w.loading : why !== undefined ? this.say("closedType", { reason: why }) : this.w.none;
    }
    const own = (v.flag === "conflict" ? `, ${this.say("conflictCell", { who: v.who || "" })}` : v.flag === "edited" ? `, ${this.w.unsent}` : "") + (v.talk ? `, ${this.w.talk}` : "");
    if (v.s === "agg") return this.say("covered", v);
    if (v.s === "hint") return this.say("describeHint", { rate: this.rate(v.a) }) + own;
    if (!v.s) return (v.wanted || v.n ? this.say("covered", v) : this.w.none) + own;
    if (this.type) return `${this.w[v.s]}: ${v.text || this.w.noReason}. ${this.say("covered", v)}${own}`;
    return this.say("describe", {
      state: this.w[v.s] ?? v.s, text: v.text || this.w.noReason, rate: this.rate(v.a), lift: v.l == null ? "—" : this.n1.format(v.l),
      ratio: this.ratio(v.q), verdict: this.w[v.lvl] ?? this.w.unknown,
    }) + own;
  }
  paintCol(e, c) {
    let k = e.$;
    if (!k) { const [s, u] = svg("i s14"); k = e.$ = { u, t: span("cn"), p: span("cp") }; e.append(s, k.t, k.p); }
    const col = this.p.colMeta.get(c);
    k.u.setAttribute("href", `${this.icons}#${this.pictures.get(col?.cat) ?? "box"}`);
    write(k.t, col?.name ?? "");
    write(k.p, col ? (this.type ? this.say("products", { n: col.count }) : this.price(col.price)) : "");
    e.title = col ? `${col.name}${col.sku ? ` · ${col.sku}` : ""}` : "";
    e.classList.toggle("first", this.firsts.has(c));
  }
  paintRow(e, r, rowEl) {
    let k = e.$;
    if (!k) {
      const [s, u] = svg("i"), w = span("rw");
      k = e.$ = { u, s, t: span("rn"), p: span("rp"), cov: span("rc") };
      w.append(k.t, k.p); e.append(s, w, k.cov);
    }
    const row = this.p.rowMeta.get(r);
    rowEl.classList.toggle("is-group", !!row?.group);
    rowEl.classList.toggle("is-closed", !!row?.closed);
    if (!row) { write(k.t, ""); write(k.p, ""); write(k.cov, ""); k.cov.className = "rc grp"; return; }
    e.title = row.title ?? row.name;
    write(k.t, row.name);
    if (row.group) {
      k.u.setAttribute("href", `${this.icons}#${row.closed ? "chevr" : "chev"}`);
      write(k.p, ""); write(k.cov, this.n0.format(row.count)); k.cov.className = "rc grp";
      return;
    }
    k.u.setAttribute("href", `${this.icons}#${this.pictures.get(row.cat) ?? "box"}`);
    write(k.p, this.type ? this.say("products", { n: row.count }) : `${row.sku} · ${this.price(row.price)}`);
    if (this.type) { write(k.cov, ""); k.cov.className = "rc grp"; return; }
    write(k.cov, String(row.want ? `${row.have}/${row.want}` : row.have || ""));
    k.cov.className = `rc${!row.want ? " grp" : row.have >= row.want ? " full" : row.have < row.want / 2 ? " low" : ""}`;
    k.cov.title = row.want ? this.say("coveredHint", { n: row.have, of: row.want }) : this.say("approvedLinks", { n: row.have });
  }
}

export const rowMeta = (type, closed) => (t) =>
  t[0] < 0
    ? { id: t[0], group: true, name: t[1], title: t[2], count: t[3], cat: -t[0], closed: closed.has(-t[0]) }
    : type
      ? { id: t[0], name: t[1], title: t[2], count: t[3], cat: t[0] }
      : { id: t[0], name: t[1], sku: t[2], price: t[3], cat: t[5], have: t[6], want: t[7] };
export const colMeta = (type) => (t) =>
  type ? { id: t[0], name: t[1], title: t[2], count: t[3], cat: t[0] } : { id: t[0], name: t[1], sku: t[2], price: t[3], cat: t[5] };
