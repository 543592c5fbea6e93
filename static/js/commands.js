// commands.js: Ctrl+K opens the command menu, ? the shortcut sheet, / the search of the list, Ctrl+Enter applies the form.
// Keys are read by their place (event.code), so they work under a Russian layout.
import { open } from "./dialogs.js";

const menu = document.getElementById("commands");
const sheet = document.getElementById("shortcuts");
const typing = (at) => at.matches?.("input, textarea, select, [contenteditable]") || at.closest?.("[role=grid]");

if (menu) {
  const box = menu.querySelector("input");
  const list = menu.querySelector("[role=listbox]");
  let asked = 0;
  let shown = null; // the query whose finds are in the list

  const options = () => [...list.querySelectorAll("[role=option]:not([aria-disabled])")];
  const chosen = () => list.querySelector("[aria-selected=true]");
  function choose(option) {
    options().forEach((one) => one.setAttribute("aria-selected", String(one === option)));
    if (option) {
      box.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else box.removeAttribute("aria-activedescendant");
  }
  async function look() {
    const mine = ++asked;
    const query = box.value;
    const answer = await fetch(`${menu.dataset.url}?q=${encodeURIComponent(query)}`, { headers: { "HX-Request": "true" } });
    if (mine !== asked || !answer.ok) return; // a later letter has been typed
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    list.replaceChildren(...page.body.children);
    shown = query;
    choose(options()[0]);
  }
  function show() {
    if (menu.open) return;
    open(menu);
    box.value = "";
    box.focus();
    look();
  }
  let pause = 0;
  box.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(look, 120); });
  box.addEventListener("keydown", async (event) => {
    const all = options();
    const at = all.indexOf(chosen());
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: event.ctrlKey ? 0 : null, End: event.ctrlKey ? all.length - 1 : null };
    const to = moves[event.code];
    if (to != null && all.length) {
      event.preventDefault();
      choose(all[(to + all.length) % all.length]);
    } else if (event.code === "Enter" || event.code === "NumpadEnter") {
      event.preventDefault();
      clearTimeout(pause);
      if (shown !== box.value) await look(); // Enter was faster than the answer
      chosen()?.click();
    }
  });
  list.addEventListener("pointermove", ({ target }) => { const option = target.closest("[role=option]:not([aria-disabled])"); if (option) choose(option); });
  document.addEventListener("click", ({ target }) => { if (target.closest("[data-command-open]")) show(); });
  document.addEventListener("keydown", (event) => {
    if (event.code === "KeyK" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      show();
    }
  });
}

document.addEventListener("keydown", (event) => {
  const { code, target, ctrlKey, metaKey, altKey, shiftKey } = event;
  if ((ctrlKey || metaKey) && code === "Enter") {
    const form = target.closest?.("form") ?? document.querySelector("form[data-apply]");
    if (form && !event.defaultPrevented && (form.method === "post" || form.dataset.apply !== undefined)) { event.preventDefault(); form.requestSubmit(); }
    return;
  }
  if (ctrlKey || metaKey || altKey || typing(target) || document.querySelector("dialog[open]")) return;
  if (code === "Slash" && shiftKey || event.key === "?") {
    if (sheet) { event.preventDefault(); open(sheet); }
  } else if (code === "Slash" || event.key === "/") {
    const search = document.querySelector(".srch-in, [data-search]");
    if (search) { event.preventDefault(); search.focus(); search.select?.(); }
  }
});
document.addEventListener("click", ({ target }) => {
  for (const pop of document.querySelectorAll("details[data-pop][open]")) if (!pop.contains(target)) pop.open = false;
});
document.addEventListener("keydown", ({ code, target }) => {
  if (code !== "Escape") return;
  const pop = target.closest?.("details[data-pop][open]");
  if (pop) { pop.open = false; pop.querySelector("summary").focus(); }
});
