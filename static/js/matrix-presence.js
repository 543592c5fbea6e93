// matrix-presence.js: who else has this matrix open. A sign of life every 4 s while the page is seen; names in the header,
// a coloured outline with a name at the cell of each, nothing locked. When others have written, the window is read again.
import { csrf } from "./htmx-glue.js";

const EVERY = 4000;
const SHOWN = 4; // faces in the header; more are counted
const make = (tag, cls, text) => { const e = document.createElement(tag); if (cls) e.className = cls; if (text != null) e.textContent = text; return e; };

export class Presence {
  constructor(m) {
    this.m = m; this.peers = []; this.edits = null; this.nodes = new Map();
    this.header = document.querySelector('[data-m="here"]');
    this.layer = make("div", "peers"); this.layer.setAttribute("aria-hidden", "true");
    m.grid.layer.append(this.layer);
    m.root.addEventListener("xg:select", () => { clearTimeout(this.soon); this.soon = setTimeout(() => this.sign(), 300); });
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.leave(); else this.sign(); });
    addEventListener("pagehide", () => this.leave());
    this.sign();
  }
  get cell() { const { r, c } = this.m.grid.a; return this.m.p.id(r, c); }
  post(body) {
    return fetch(this.header.dataset.url, {
      method: "POST", redirect: "error", keepalive: Boolean(body.gone),
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrf(), Accept: "application/json" },
      body: JSON.stringify({ client: this.m.queue.client, ...body }),
    });
  }
  async sign() {
    clearTimeout(this.timer);
    if (document.hidden) return;
    try {
      const reply = await this.post({ cell: this.cell, level: this.m.type ? "type" : "sku" });
      if (reply.ok) this.heard(await reply.json());
    } catch { this.heard({ here: [], edits: this.edits }); } // no network: nobody is seen
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.sign(), EVERY);
  }
  leave() { clearTimeout(this.timer); this.post({ gone: true }).catch(() => {}); }
  heard({ here, edits }) {
    this.peers = here;
    this.draw();
    if (this.edits != null && edits > this.edits && !this.m.queue.batches.length && !this.m.grid.input) this.m.grid.reload().catch(() => {});
    if (edits != null && !this.m.grid.input) this.edits = edits; // while a cell is being edited the window stays as it is
  }
  draw() {
    const { o } = this.m.grid, at = this.m.places(), kept = new Set();
    for (const peer of this.peers) {
      const place = peer.level === (this.m.type ? "type" : "sku") && peer.cell ? at.get(peer.cell) : null;
      if (!place) continue;
      kept.add(peer.client);
      if (!this.nodes.has(peer.client)) {
        const box = make("div", `peer t${peer.tone}`);
        box.append(make("span", "peertag", peer.name.split(" ")[0]));
        this.nodes.set(peer.client, box); this.layer.append(box);
      }
      const box = this.nodes.get(peer.client), [r, c] = place;
      box.style.transform = `translate(${o.headWidth + c * o.colWidth}px, ${o.headHeight + r * o.rowHeight}px)`;
      box.style.width = `${o.colWidth}px`; box.style.height = `${o.rowHeight}px`;
    }
    for (const [client, box] of this.nodes) if (!kept.has(client)) { box.remove(); this.nodes.delete(client); }
    this.faces();
  }
  faces() {
    if (!this.header) return;
    const people = [...new Map(this.peers.filter((peer) => !peer.me).map((peer) => [peer.person, peer])).values()];
    const key = people.map((peer) => peer.person).join();
    if (key === this.key) return;
    this.key = key;
    this.header.hidden = !people.length;
    const faces = people.slice(0, SHOWN).map((peer) => { const face = make("span", `av a${peer.tone}`, peer.initials); face.title = peer.name; face.setAttribute("aria-hidden", "true"); return face; });
    if (people.length > SHOWN) { const rest = make("span", "av sys", `+${people.length - SHOWN}`); rest.setAttribute("aria-hidden", "true"); faces.push(rest); }
    const words = make("span", "sr", `${this.header.dataset.words} ${people.map((peer) => peer.name).join(", ")}`);
    this.header.replaceChildren(...faces, words);
  }
}
