// htmx-glue.js: CSRF token on every htmx request; a request given up is no error; after a swap the focus goes to [autofocus]
// or back to the control with the same id
const cookie = (name) => document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
export const csrf = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value || cookie("csrftoken") || "";

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get") detail.headers["X-CSRFToken"] = csrf();
});

let held = null; // id and caret of the control that had the focus when the swap began
document.addEventListener("htmx:beforeSwap", () => {
  const at = document.activeElement;
  held = at?.id ? { id: at.id, from: at.selectionStart, to: at.selectionEnd } : null;
});
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const lost = !document.activeElement || document.activeElement === document.body; // who moved on meanwhile stays there
  const wanted = detail.elt.querySelector?.("[autofocus]") || (lost && held && document.getElementById(held.id));
  if (!wanted || wanted === document.activeElement) return;
  wanted.focus({ preventScroll: true });
  if (held?.from != null && wanted.id === held.id) {
    try { wanted.setSelectionRange(held.from, held.to); } catch { /* not a text control */ }
  }
});

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  detail.target?.setAttribute("aria-busy", "true");
  // a request is given up when the next one overtakes it or the page is left; htmx would write each into the console as an error
  const given = detail.xhr.onabort;
  detail.xhr.onabort = (event) => {
    detail.error = null;
    given.call(detail.xhr, event);
  };
});
document.addEventListener("htmx:afterRequest", ({ detail }) => detail.target?.removeAttribute("aria-busy"));
