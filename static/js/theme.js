// theme.js: the three theme buttons change the page at once and remember the choice in a cookie the server reads
document.addEventListener("submit", (event) => {
  const form = event.target.closest?.("[data-theme-switch]");
  if (!form || !event.submitter) return;
  event.preventDefault();
  const theme = event.submitter.value;
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  for (const button of document.querySelectorAll("[data-theme-switch] button"))
    button.setAttribute("aria-pressed", String(button.value === theme));
  // where there is room for one button only, the next theme's takes the place, and the focus, of the pressed one
  if (document.activeElement === event.submitter && !event.submitter.checkVisibility())
    [...form.querySelectorAll("button")].find((button) => button.checkVisibility())?.focus();
  fetch(form.action, { method: "POST", body: new FormData(form, event.submitter), headers: { "X-Requested-With": "fetch" } });
});
