// What the server tells every page, asked once for all: the catalogue's revision and progress.
// `events` carries "revision", "progress", "offline", "online" and "changed" (an action of ours).
import { get } from "./api.js";

const EVERY_MS = 2000;

/** The shared EventTarget of the page. */
export const events = new EventTarget();
/** The last answer of /status, or null before the first. */
export const latest = { revision: null, progress: null, total: null };

let timer = 0;
let watching = false;
let asking = null;
let failures = 0;

export const emit = (name, detail) => events.dispatchEvent(new CustomEvent(name, { detail }));

/** Starts the shared poll (harmless when it runs); it rests while the page is hidden. */
export function watchStatus() {
  if (watching || typeof document === "undefined") return;
  watching = true;
  document.addEventListener("visibilitychange", () => !document.hidden && refreshStatus());
  refreshStatus();
}

/** Asks now; used after every action, so that its effect shows at once. */
export async function refreshStatus() {
  clearTimeout(timer);
  asking ??= ask();
  await asking;
}

async function ask() {
  try {
    const status = await get("/status");
    if (failures) emit("online");
    failures = 0;
    const { revision, progress, total } = status;
    const moved = revision !== latest.revision;
    const grew = JSON.stringify(progress) !== JSON.stringify(latest.progress);
    const first = latest.revision === null;
    Object.assign(latest, { revision, progress, total });
    if (moved && !first) emit("revision", revision);
    if (grew || first) emit("progress", { ...progress, total });
  } catch {
    failures += 1;
    if (failures === 2) emit("offline");
  } finally {
    asking = null;
    clearTimeout(timer);
    const wait = EVERY_MS * Math.min(8, 2 ** Math.max(0, failures - 1));
    if (watching && !document.hidden) timer = setTimeout(refreshStatus, wait);
  }
}
