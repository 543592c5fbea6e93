// rows.js: [data-select-all] selects the rows of its own table; Shift+click selects a run; the number shows in [data-selected-count]
// of the form the boxes belong to; [data-needs-selection] is switched off (or hidden with the value "hide") while nothing is selected.
let last = null;

function count(table) {
  const boxes = [...table.querySelectorAll("[data-select-row]")];
  const chosen = boxes.filter((box) => box.checked).length;
  for (const all of table.querySelectorAll("[data-select-all]")) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
  const form = boxes[0]?.form ?? table.closest("form") ?? document.getElementById("bulk");
  if (!form) return;
  form.querySelectorAll("[data-selected-count]").forEach((place) => { place.textContent = String(chosen); });
  [form, ...form.querySelectorAll("[data-needs-selection]")].filter((element) => element.dataset.needsSelection !== undefined).forEach((element) => {
    if (element.dataset.needsSelection === "hide") element.hidden = chosen === 0;
    else if ("disabled" in element) element.disabled = chosen === 0;
  });
}

document.addEventListener("click", ({ target, shiftKey }) => {
  if (!target.matches?.("[data-select-row]")) return;
  const boxes = [...target.closest("table").querySelectorAll("[data-select-row]")];
  if (shiftKey && last && boxes.includes(last)) {
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(target)].sort((a, b) => a - b);
    boxes.slice(from, to + 1).forEach((box) => { box.checked = target.checked; });
  }
  last = target;
});
document.addEventListener("change", ({ target }) => {
  if (target.matches?.("[data-select-all]"))
    target.closest("table").querySelectorAll("[data-select-row]").forEach((box) => { box.checked = target.checked; });
  if (target.matches?.("[data-select-all], [data-select-row]")) count(target.closest("table"));
});
const start = () => document.querySelectorAll("table:has([data-select-row])").forEach(count);
start();
document.addEventListener("htmx:afterSettle", start);
