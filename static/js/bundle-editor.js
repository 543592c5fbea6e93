// bundle-editor.js: form[data-bundle] counts the saving while it is typed; a product already in the list gets one more
// instead of a second row; the keys of the decisions work while nothing is being typed.
import { press } from "./decide.js";

const language = document.documentElement.lang || "ru";
const number = (text) => {
  const plain = String(text ?? "").replace(/[\s\u00a0\u202f]/g, "");
  const value = Number(language === "ru" ? plain.replace(",", ".") : plain.replaceAll(",", ""));
  return plain === "" || !Number.isFinite(value) ? null : value;
};

function facts(form) {
  const rows = [...form.querySelectorAll("[data-item]")].map((row) => ({
    price: row.dataset.price === "" ? null : Number(row.dataset.price),
    stock: row.dataset.stock === "" ? null : Number(row.dataset.stock),
    quantity: number(row.querySelector("[name=quantity]").value) ?? 0,
  }));
  const known = rows.length > 0 && rows.every((row) => row.price !== null);
  const regular = known ? rows.reduce((sum, row) => sum + row.price * row.quantity, 0) : null;
  const counted = rows.filter((row) => row.stock !== null && row.quantity > 0);
  const sets = counted.length ? Math.max(0, Math.min(...counted.map((row) => Math.floor(row.stock / row.quantity)))) : null;
  return { regular, sets, price: number(form.elements.bundle_price?.value), funding: number(form.elements.funding?.value), wanted: number(form.elements.stock?.value) };
}

function show(form) {
  const { regular, sets, price, funding, wanted } = facts(form);
  const amount = new Intl.NumberFormat(language, { minimumFractionDigits: 0, maximumFractionDigits: 2 });
  const money = (value) => value === null ? "—" : form.dataset.money.replace("0", amount.format(value));
  const saving = regular && price !== null ? regular - price : null;
  const share = saving === null ? null : saving / regular;
  const out = (name) => form.querySelector(`[data-out="${name}"]`);
  out("regular").textContent = money(regular);
  out("price").textContent = money(price);
  out("saving").textContent = money(saving);
  out("funded").textContent = money(saving === null || funding === null ? null : Math.max(saving, 0) * funding / 100);
  out("share").textContent = share === null ? "—" : new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }).format(share);
  out("bar").setAttribute("width", String(Math.min(Math.max((share ?? 0) * 100, 0), 100)));
  out("sets").textContent = sets === null ? "—" : new Intl.NumberFormat(language).format(sets);
  const warning = out("warning");
  const text = saving !== null && saving <= 0 ? warning.dataset.none : sets !== null && wanted !== null && wanted > sets ? warning.dataset.short : "";
  warning.textContent = text;
  warning.hidden = !text;
}

function keepMain(form) {
  const mains = [...form.querySelectorAll("[data-item] [name=main]")];
  if (mains.length && !mains.some((one) => one.checked)) mains[0].checked = true;
}

for (const form of document.querySelectorAll("form[data-bundle]")) {
  const refresh = () => { keepMain(form); show(form); };
  form.addEventListener("input", () => show(form));
  form.addEventListener("click", ({ target }) => {
    const remove = target.closest("[data-remove]");
    if (!remove) return;
    const row = remove.closest("[data-item]");
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    (next?.querySelector("[data-remove]") ?? form.querySelector("#find")).focus();
    refresh();
  });
  form.addEventListener("keydown", (event) => { // Enter in the search field chooses the first product, it does not submit
    if (event.key !== "Enter" || event.target.id !== "find") return;
    event.preventDefault();
    form.querySelector("#found [data-add]")?.click();
  });
  form.addEventListener("htmx:beforeRequest", (event) => {
    const sku = event.detail.elt.dataset?.add;
    const row = sku && [...form.querySelectorAll("[data-item]")].find((one) => one.dataset.item === sku);
    if (!row) return;
    event.preventDefault();
    const quantity = row.querySelector("[name=quantity]");
    quantity.value = String((number(quantity.value) ?? 0) + 1);
    refresh();
  });
  form.addEventListener("htmx:afterSwap", ({ detail }) => { if (detail.target.id === "items") refresh(); });
  refresh();
}

for (const dialog of document.querySelectorAll("dialog.dlg[open]")) { // came back with errors: as a real dialog
  dialog.removeAttribute("open");
  dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog[open]") || document.querySelector("dialog[open]")) return;
  press(event);
});
