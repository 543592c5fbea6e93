// decide.js: [data-key] names the physical key that presses a button (under a Russian layout too). Nobody decides on what they have
// not seen: a key held down decides once, no key decides while a decision is on its way, and a form is not sent twice.
const PATIENCE = 5000; // ms an answer is waited for before the form may be sent again
let sent = { form: null, at: -Infinity };
const waiting = () => performance.now() - sent.at < PATIENCE;

window.addEventListener("submit", (event) => { // the last to hear: who answers in place has prevented it by now
  const form = event.target;
  if (event.defaultPrevented || form.getAttribute("method")?.toLowerCase() !== "post" || form.hasAttribute("target")) return;
  if (waiting() && sent.form === form) event.preventDefault();
  else sent = { form, at: performance.now() };
});
window.addEventListener("pageshow", () => { sent = { form: null, at: -Infinity }; }); // also on the way back

/** Press what stands for the key within `place`; whether there was something to press. */
export function press(event, place = document) {
  const found = place?.querySelector(`[data-key="${event.code}"]`);
  if (!found || found.disabled) return false;
  event.preventDefault();
  const deciding = found.matches("button") && (event.repeat || waiting() || found.form?.classList.contains("htmx-request"));
  if (!deciding) found.click();
  return true;
}
