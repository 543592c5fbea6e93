// imports.js: a file may be dropped on [data-drop]; a click on [data-header-row] moves the header, on [data-take] takes the offered field; Ctrl+Enter presses [data-ctrl-enter]
const zone = document.querySelector("[data-drop]");
if (zone) {
  const input = zone.querySelector("input[type=file]");
  for (const name of ["dragenter", "dragover"]) zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("is-over"); });
  for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("is-over"));
  input.addEventListener("change", () => {
    const chosen = zone.querySelector("[data-chosen]"), [file] = input.files;
    chosen.hidden = !file;
    chosen.textContent = file ? file.name : "";
  });
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    zone.closest("form").requestSubmit();
  });
}

document.addEventListener("click", (event) => {
  const offer = event.target.closest("[data-take]");
  if (offer) {
    const select = offer.closest("form").elements[offer.dataset.take];
    select.value = offer.value;
    select.focus();
    return;
  }
  const row = event.target.closest("[data-header-row]");
  if (!row) return;
  const form = row.closest("form");
  form.elements.header_row.value = row.dataset.headerRow;
  form.requestSubmit(form.querySelector("button[name=again]"));
});

document.addEventListener("keydown", (event) => {
  if (event.code !== "Enter" || !(event.ctrlKey || event.metaKey) || document.querySelector("dialog[open]")) return;
  const button = document.querySelector("[data-ctrl-enter]");
  if (button) { event.preventDefault(); button.click(); }
});
