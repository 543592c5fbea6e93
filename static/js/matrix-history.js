// matrix-history.js: the drawer of what happened in the matrix. Alt+H opens it, arrows walk through it, Esc closes it.
import { open } from "./dialogs.js";
import { toast } from "./toasts.js";

export class History {
  constructor(m) {
    this.m = m;
    this.drawer = document.getElementById("history"); this.body = document.getElementById("history-body");
    document.addEventListener("click", ({ target }) => { if (target.closest?.("[data-life=history]")) this.show(); });
    document.addEventListener("keydown", (event) => {
      if (event.altKey && !event.ctrlKey && event.code === "KeyH") { event.preventDefault(); event.stopPropagation(); this.show(); }
    }, true);
    this.drawer.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("reverted", ({ detail }) => {
      toast(detail.text, { kind: detail.bad ? "warning" : "ok" });
      m.grid.reload().catch(() => {});
      m.panels.inspected = ""; m.panels.show();
    });
  }
  show(url = this.drawer.dataset.url) {
    open(this.drawer, this.m.grid.scroll);
    globalThis.htmx.ajax("GET", url, { target: "#history-body", swap: "innerHTML" });
  }
  key(event) {
    const rows = [...this.body.querySelectorAll("[data-row]")], at = rows.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1, KeyJ: 1, KeyK: -1 }[event.code];
    if (step && rows.length && !event.target.matches("input, textarea")) {
      event.preventDefault();
      rows[Math.max(0, Math.min(rows.length - 1, at + step))].focus();
    } else if (event.code === "Backspace" || (event.code === "ArrowLeft" && !event.altKey)) {
      const back = this.body.querySelector("[data-back]");
      if (back && !event.target.matches("input, textarea")) { event.preventDefault(); back.click(); }
    }
  }
}
