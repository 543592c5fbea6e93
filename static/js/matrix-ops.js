// matrix-ops.js: the queue of edits. Painted at once, sent in order, kept in IndexedDB until the server has answered for them.
import { csrf } from "./htmx-glue.js";

const DELAYS = [1000, 2000, 4000, 10000]; // ms between tries while the server cannot be reached
const DEBOUNCE = 300;
const MOST = 1000; // operations of one request
const STORE = "ops";

const db = new Promise((resolve) => {
  const opening = indexedDB.open("crossmatrix", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "key" });
  opening.onsuccess = () => resolve(opening.result);
  opening.onerror = () => resolve(null); // private window: edits then live in memory only
});
async function stored(mode, act) {
  const base = await db;
  if (!base) return null;
  return new Promise((resolve) => {
    const deal = base.transaction(STORE, mode), request = act(deal.objectStore(STORE));
    deal.oncomplete = () => resolve(request?.result ?? null);
    deal.onerror = deal.onabort = () => resolve(null);
  });
}
export const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Events: "state" {state: saved|saving|waiting|offline|refused, count, at, text}, "answer" {batch, results, cells}. */
export class OpsQueue extends EventTarget {
  constructor({ matrix, url, person }) {
    super();
    Object.assign(this, { matrix, url, person, batches: [], tries: 0, busy: false, timer: 0, order: Date.now() });
    this.client = newKey();
    addEventListener("beforeunload", (event) => { if (this.batches.length) event.preventDefault(); });
    addEventListener("online", () => this.flush());
  }
  /** edits left from a page that was closed before they were sent */
  async restore() {
    const all = (await stored("readonly", (store) => store.getAll())) ?? [];
    const mine = all.filter((batch) => batch.matrix === this.matrix && batch.person === this.person).sort((a, b) => a.order - b.order);
    this.batches.push(...mine);
    if (mine.length) this.later(0);
    return mine;
  }
  get count() { return this.batches.reduce((sum, batch) => sum + batch.ops.length, 0); }
  /** `was`: what stood in each cell before, for the choice after a conflict; it stays with the browser */
  add(label, ops, was = []) {
    const keys = [], key = newKey(), whole = ops.length <= MOST; // parts of one action share the beginning of their keys
    for (let at = 0; at < ops.length; at += MOST) {
      const batch = { key: whole ? key : `${key}-${at / MOST}`, matrix: this.matrix, person: this.person, label, ops: ops.slice(at, at + MOST), was: was.slice(at, at + MOST), order: ++this.order };
      keys.push(batch.key);
      this.batches.push(batch);
      stored("readwrite", (store) => store.put(batch));
    }
    this.tell("saving");
    this.later(ops.length > 1 ? 0 : DEBOUNCE); // only typing waits for the next key
    return keys;
  }
  /** `of`: operations of this run, sent and unsent, for the progress */
  tell(state, more = {}) {
    const { count } = this;
    this.of = count ? Math.max(this.of ?? 0, count) : 0;
    this.dispatchEvent(new CustomEvent("state", { detail: { state, count, of: this.of, ...more } }));
  }
  later(wait) { clearTimeout(this.timer); this.timer = setTimeout(() => this.flush(), wait); }
  /** resolves when everything known now is answered, or cannot be sent */
  async flush() {
    if (this.busy) return this.busy;
    clearTimeout(this.timer);
    this.busy = this.run().finally(() => { this.busy = false; });
    return this.busy;
  }
  async run() {
    while (this.batches.length) {
      const [batch] = this.batches;
      let reply;
      try {
        reply = await fetch(this.url, {
          method: "POST", redirect: "error", headers: { "Content-Type": "application/json", "X-CSRFToken": csrf(), Accept: "application/json" },
          body: JSON.stringify({ client_id: this.client, key: batch.key, ops: batch.ops }),
        });
      } catch { return this.wait("offline"); }
      if (reply.status >= 500 || reply.status === 429) return this.wait("offline");
      let body = null;
      try { body = await reply.json(); } catch { /* an HTML page: signed out, or no permission */ }
      if (!reply.ok || !body) return this.wait("refused", { text: body?.text ?? String(reply.status) });
      this.tries = 0;
      this.batches.shift();
      await stored("readwrite", (store) => store.delete(batch.key));
      this.rebase(batch, body.results);
      this.dispatchEvent(new CustomEvent("answer", { detail: { batch, ...body } }));
      this.tell(this.batches.length ? "saving" : "saved", { at: new Date() });
    }
    return true;
  }
  wait(state, more = {}) {
    const delay = DELAYS[Math.min(this.tries++, DELAYS.length - 1)];
    this.tell(state, more);
    this.later(delay);
    return false;
  }
  /** later edits of a cell were made on top of this one */
  rebase(batch, results) {
    const now = new Map();
    batch.ops.forEach((op, i) => { if (results[i]?.result === "ok") now.set(cellKey(op), results[i].rev); });
    for (const next of this.batches) {
      const later = next.ops.filter((op) => now.has(cellKey(op)));
      for (const op of later) op.base_rev = now.get(cellKey(op));
      if (later.length) stored("readwrite", (store) => store.put(next)); // a reload before it is sent must know it too
    }
  }
  async drop() {
    const gone = this.batches.splice(0);
    await stored("readwrite", (store) => { gone.forEach((batch) => store.delete(batch.key)); });
    this.tell("saved", { at: null });
    return gone;
  }
}
export const cellKey = (op) => `${op.main ?? op.main_category}:${op.companion ?? op.companion_category}`;

export async function post(url, body) {
  const reply = await fetch(url, {
    method: "POST", redirect: "error", headers: { "Content-Type": "application/json", "X-CSRFToken": csrf(), Accept: "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await reply.json().catch(() => ({}));
  return { ok: reply.ok, status: reply.status, ...answer };
}
