// matrix-menu.js: the menu of the selection (right button or menu key), and what changes the address of the view.
const box = document.querySelector('[data-m="menu"]');

/** the address with some parts changed; lists travel as "3,17", empty parts not at all */
export function address(query, changes) {
  const parts = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    const text = Array.isArray(value) ? value.join(",") : value;
    text ? parts.set(name, text) : parts.delete(name);
  }
  return parts.toString().replaceAll("%2C", ",");
}
const listed = (query, name) => (new URLSearchParams(query).get(name) || "").split(",").filter(Boolean).map(Number);

export class Menu {
  constructor(matrix) {
    this.m = matrix; this.w = matrix.w;
    matrix.root.addEventListener("xg:menu", (event) => { event.preventDefault(); this.open(event.detail); });
    box.addEventListener("keydown", (event) => this.key(event));
    box.addEventListener("toggle", ({ newState }) => { if (newState === "closed" && document.activeElement === document.body) matrix.grid.focus(); }); // an item may have led elsewhere
  }
  item(word, act, { key = "", off = false } = {}) { return off ? [] : [{ word, act, key }]; }
  items({ inRow, inHead, r, c }) {
    const { m } = this, { grid, p, config } = m, sku = !m.type;
    const row = p.rowMeta.get(r), col = p.colMeta.get(c), edit = config.edit && (!row?.group || grid.range.r1 > grid.range.r0);
    if (inHead && !inRow) return this.columns(col);
    if (inRow) {
      return [
        ...this.item("openProduct", () => location.assign(`${config.urls.product}${row.id}/`), { off: !sku || !row || row.group }),
        ...this.item("drill", () => m.drill(), { off: sku }),
        ...this.item("hideRows", () => this.hide("norows", "rowMeta", "r"), { off: !sku }),
      ];
    }
    return [
      ...this.item("copy", () => document.execCommand("copy"), { key: "Ctrl C" }),
      ...this.item("copyHeaders", () => { grid.withHeaders = true; document.execCommand("copy"); }),
      ...this.item("cut", () => document.execCommand("cut"), { key: "Ctrl X", off: !edit }),
      ...this.item("link", () => m.write("edit", [{ r, c, act: "text", text: "x" }]), { off: !edit || p.get(r, c)?.s !== "hint" }),
      ...this.item("fillDown", () => grid.fill("down"), { key: "Ctrl D", off: !edit }),
      ...this.item("fillRight", () => grid.fill("right"), { key: "Ctrl R", off: !edit }),
      ...this.item("unsuitable", () => m.setState("not_suitable"), { key: "5", off: !edit }),
      ...this.item("clear", () => grid.clear(), { key: "Delete", off: !edit }),
      ...this.item("discuss", () => m.enter?.("discussion"), { key: "Shift F2", off: !row || row.group || !col }),
      ...this.item("cellHistory", () => m.enter?.("history"), { off: !row || row.group || !col }),
      ...this.item("openProduct", () => location.assign(`${config.urls.product}${row.id}/`), { off: !sku || !row || row.group }),
      ...this.item("openCompanion", () => location.assign(`${config.urls.product}${col.id}/`), { off: !sku || !col }),
    ];
  }
  columns(col) {
    const { m } = this;
    return m.type || !col ? [] : [
      ...this.item("openCompanion", () => location.assign(`${m.config.urls.product}${col.id}/`)),
      ...this.item("hideColumns", () => this.hide("nocols", "colMeta", "c")),
      ...this.item("moveLeft", () => this.move(col, -1)),
      ...this.item("moveRight", () => this.move(col, 1)),
      ...this.item("showAll", () => m.go({ nocols: "", order: "" }), { off: !/\b(nocols|order)=/.test(m.config.query) }),
    ];
  }
  open(place) {
    const { m } = this, { r0, r1, c0, c1 } = m.grid.range;
    if (place.inRow && !place.inHead && (place.r < r0 || place.r > r1)) { m.grid.a = { r: place.r, c: 0 }; m.grid.select(place.r, m.p.cols - 1, true, false); }
    if (place.inHead && !place.inRow && (place.c < c0 || place.c > c1)) { m.grid.a = { r: 0, c: place.c }; m.grid.select(m.p.rows - 1, place.c, true, false); }
    const items = this.items(place);
    if (!items.length) return;
    box.replaceChildren(...items.map(({ word, act, key }) => {
      const button = document.createElement("button"), hint = document.createElement("kbd");
      button.type = "button"; button.setAttribute("role", "menuitem"); button.tabIndex = -1; button.dataset.act = word;
      button.append(this.w[`menu_${word}`]);
      if (key) { hint.textContent = key; button.append(hint); }
      button.addEventListener("click", () => { box.hidePopover(); m.grid.focus(); act(); });
      return button;
    }));
    box.showPopover();
    box.style.left = `${Math.min(place.x, innerWidth - box.offsetWidth - 8)}px`;
    box.style.top = `${Math.min(place.y, innerHeight - box.offsetHeight - 8)}px`;
    box.firstChild.focus();
  }
  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], all = [...box.children];
    if (event.key === "Tab") { event.preventDefault(); box.hidePopover(); }
    if (!step) return;
    event.preventDefault();
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
  }
  /** take the selected rows or columns out of sight */
  hide(name, labels, side) {
    const { m } = this, range = m.grid.range, gone = new Set(listed(m.config.query, name));
    for (let i = range[`${side}0`]; i <= range[`${side}1`]; i++) { const id = m.p[labels].get(i)?.id; if (id > 0) gone.add(id); }
    m.go({ [name]: [...gone] });
  }
  /** put a column one place further within its category; the whole category then stands by hand */
  async move(col, step) {
    const { m } = this, band = m.bands.find(({ from, to }) => m.grid.range.c0 >= from && m.grid.range.c0 <= to);
    await m.p.ensure(0, 1, band.from, band.to + 1);
    const ids = [];
    for (let c = band.from; c <= band.to; c++) ids.push(m.p.colMeta.get(c).id);
    const at = ids.indexOf(col.id), to = at + step;
    if (to < 0 || to >= ids.length) return;
    [ids[at], ids[to]] = [ids[to], ids[at]];
    const kept = listed(m.config.query, "order").filter((id) => !ids.includes(id));
    m.go({ order: [...kept, ...ids] });
  }
}

document.addEventListener("submit", (event) => { // only what is filled in travels; ticked categories as one part
  const columns = event.target.closest("[data-columns]"), view = event.target.closest("[data-view]");
  if (!columns && !view) return;
  event.preventDefault();
  const changes = columns
    ? { level: "sku", linked: columns.querySelector("input[name=linked]").checked ? "1" : "", cols: [...columns.querySelectorAll("input[name=cols]:checked")].map((one) => one.value) }
    : Object.fromEntries(new FormData(view));
  location.assign(`?${address(location.search, changes)}`);
});
document.addEventListener("click", ({ target }) => { // a chip opens the filters at its own field
  const field = target.closest("[data-field]")?.dataset.field;
  if (field) document.getElementById(field)?.focus();
  const menu = document.querySelector("details.pop[open]");
  if (menu && !menu.contains(target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = document.querySelector("details.pop[open]");
  if (event.key === "Escape" && menu?.contains(document.activeElement)) { menu.open = false; menu.querySelector("summary").focus(); }
});
