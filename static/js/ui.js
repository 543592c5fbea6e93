// ui.js: entry of every page. One module per behaviour, each found by a data- attribute.
import "./htmx-glue.js";
import "./theme.js";
import "./toasts.js";
import "./dialogs.js";
import "./commands.js";
import "./decide.js";
import "./rows.js";
