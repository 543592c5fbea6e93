// xgrid-clipboard.js: what Excel, LibreOffice and Google Sheets put on the clipboard, as rows of texts, and back.

/** Tabs and lines; a cell is quoted only when its closing quote ends it: Excel puts `12" pad` and `"Orbis" case` there bare. */
export function parseTSV(text) {
  const s = text.replace(/\r\n?/g, "\n"), n = s.endsWith("\n") ? s.length - 1 : s.length, rows = [[]];
  const quoted = /"((?:[^"]|"")*)"(?=[\t\n]|$)/y, bare = /[^\t\n]*/y;
  for (let i = 0; i <= n; i++) {
    quoted.lastIndex = bare.lastIndex = i;
    const found = s[i] === '"' && quoted.exec(s);
    rows.at(-1).push(found ? found[1].replace(/""/g, '"') : bare.exec(s)[0]);
    i = found ? quoted.lastIndex : bare.lastIndex;
    if (i < n && s[i] === "\n") rows.push([]);
  }
  return rows;
}
export const toTSV = (rows) =>
  rows.map((row) => row.map((text) => (/[\t\n]|^"/.test(text) ? `"${text.replace(/"/g, '""')}"` : text)).join("\t")).join("\r\n");

/** Line breaks are <br>; any other white space is the writer's own. Excel's spacer spans hold runs of blanks. */
function textOf(cell) {
  let text = "";
  for (const node of cell.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) text += node.data.replace(/[ \t\r\n]+/g, " ");
    else if (node.nodeName === "BR") text += "\n";
    else if (node.nodeType === Node.ELEMENT_NODE) text += `${/^(?:P|DIV)$/.test(node.nodeName) && text ? "\n" : ""}${textOf(node)}`;
  }
  return text.replace(/ *\n */g, "\n");
}
const LOOKS = /<style\b[\s\S]*?<\/style>|\sstyle\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)/gi;
/** The first table of an HTML clipboard; null without one. A merged cell has its text in its first place, the others are empty. */
export function parseTable(html) {
  const plain = html.replace(LOOKS, ""); // what a spreadsheet says of colours a strict policy reports even in an inert document
  const table = new DOMParser().parseFromString(plain, "text/html").querySelector("table");
  if (!table?.rows.length) return null;
  const rows = Array.from(table.rows, () => []);
  [...table.rows].forEach((tr, r) => {
    let c = 0;
    for (const cell of tr.cells) {
      while (rows[r][c] !== undefined) c++;
      for (let i = 0; i < cell.rowSpan && r + i < rows.length; i++) for (let j = 0; j < cell.colSpan; j++) rows[r + i][c + j] = i || j ? "" : textOf(cell).trim();
      c += cell.colSpan;
    }
  });
  return rows.map((row) => Array.from(row, (text) => text ?? ""));
}
/** Rows of texts of a paste. The table wins: only it tells a line break inside a cell from the next row in every program. */
export function readClipboard(data) {
  const html = data.getData("text/html"), table = html && /<table/i.test(html) ? parseTable(html) : null;
  return table ?? parseTSV(data.getData("text/plain"));
}
/** Puts rows of texts on the clipboard so that a spreadsheet keeps them as they are: text stays text, breaks stay in their cell. */
export function writeClipboard(data, rows) {
  const table = document.createElement("table");
  for (const row of rows) {
    const tr = table.insertRow();
    for (const text of row) {
      const cell = tr.insertCell();
      text.split("\n").forEach((line, i) => cell.append(...(i ? [document.createElement("br"), line] : [line])));
    }
  }
  data.setData("text/plain", toTSV(rows));
  data.setData("text/html", table.outerHTML);
}
