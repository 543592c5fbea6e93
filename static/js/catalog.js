// catalog.js: J and K (or the arrows in the header) go to the next and previous product; "/" goes to the search box
const typing = (element) => element.closest?.("input, textarea, select, [contenteditable], [role=grid], dialog[open]");
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target)) return;
  const step = { KeyJ: "[data-next]", KeyK: "[data-previous]" }[event.code];
  const link = step && document.querySelector(`a${step}`);
  if (link) { event.preventDefault(); link.click(); }
  const find = event.code === "Slash" && document.querySelector("[data-find]");
  if (find) { event.preventDefault(); find.focus(); find.select(); }
});
