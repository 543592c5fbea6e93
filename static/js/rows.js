// rows.js: [data-select-all] selects the rows of its own table; Shift+click selects a run; the number shows in [data-selected-count]
let last = null;

function count(scope) {
  const boxes = [...scope.querySelectorAll("[data-select-row]")];
  const chosen = boxes.filter((box) => box.checked).length;
  for (const all of scope.querySelectorAll("[data-select-all]")) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
  const form = scope.closest("form") ?? scope.parentElement;
  form.querySelectorAll("[data-selected-count]").forEach((place) => { place.textContent = String(chosen); });
  form.querySelectorAll("[data-needs-selection]").forEach((element) => {
    if ("disabled" in element) element.disabled = chosen === 0;
    element.toggleAttribute("hidden", element.dataset.needsSelection === "hide" && chosen === 0);
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
const start = (root) => root.querySelectorAll?.("table").forEach((table) => { if (table.querySelector("[data-select-row]")) count(table); });
start(document);
document.addEventListener("htmx:afterSettle", () => start(document));
