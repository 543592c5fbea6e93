// print.js: [data-print] opens the browser's print dialog
document.addEventListener("click", ({ target }) => { if (target.closest?.("[data-print]")) window.print(); });
