// toasts.js: short messages at the bottom. Good news leaves after 6 s (not while looked at), bad news stays until closed.
// The server sends them as Django messages or as HX-Trigger {"toast": {"text": "…", "kind": "ok|error", "url": "/undo/", "action": "Undo"}}.
import { csrf } from "./htmx-glue.js";

const region = document.getElementById("toasts");
const LIFE = 6000;
const icons = document.body.dataset.icons;

const picture = (name) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${icons}#${name}`);
  svg.append(use);
  return svg;
};

function live(toast) {
  if (["error", "warning"].includes(toast.dataset.toast)) return;
  let timer = setTimeout(() => toast.remove(), LIFE);
  const hold = () => clearTimeout(timer);
  const go = () => { timer = setTimeout(() => toast.remove(), LIFE); };
  for (const [on, off] of [["pointerenter", "pointerleave"], ["focusin", "focusout"]]) {
    toast.addEventListener(on, hold);
    toast.addEventListener(off, go);
  }
}

export function announce(text, { urgent = false } = {}) {
  const place = document.getElementById(urgent ? "alert" : "live");
  place.textContent = "";
  requestAnimationFrame(() => { place.textContent = text; });
}

export function toast(text, { kind = "ok", url = "", action = "" } = {}) {
  const box = document.createElement("div");
  const bad = ["error", "warning"].includes(kind);
  box.className = "toast";
  box.dataset.toast = kind;
  const words = document.createElement("span");
  words.textContent = text;
  box.append(picture(bad ? "warn" : "check"), words);
  if (url) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = action || region.dataset.undo;
    button.addEventListener("click", async () => {
      const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": csrf() } });
      if (answer.ok) location.reload();
      else toast(region.dataset.failed, { kind: "error" });
    });
    box.append(button);
  }
  const close = document.createElement("button");
  close.type = "button";
  close.dataset.toastClose = "";
  close.setAttribute("aria-label", region.dataset.close);
  close.append(picture("x"));
  box.append(close);
  region.append(box);
  while (region.children.length > 4) region.firstElementChild.remove();
  announce(text, { urgent: bad });
  live(box);
  return box;
}

region.querySelectorAll(".toast").forEach((box) => { announce(box.textContent.trim()); live(box); });
region.addEventListener("click", ({ target }) => target.closest("[data-toast-close]")?.closest(".toast").remove());
document.addEventListener("toast", ({ detail }) => toast(detail.text ?? detail.value, detail));
document.addEventListener("htmx:responseError", ({ detail }) => {
  if (!detail.xhr.getResponseHeader("HX-Trigger")?.includes("toast")) toast(region.dataset.failed, { kind: "error" });
});
document.addEventListener("htmx:sendError", ({ detail }) => { // [data-quiet]: the page itself says that the network is gone
  if (!detail.target?.closest?.("[data-quiet]")) toast(region.dataset.offline, { kind: "error" });
});
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-toast-show]");
  if (button) toast(button.dataset.toastShow, { kind: button.dataset.toastKind ?? "ok" });
});
