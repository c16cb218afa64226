// What this browser keeps from visit to visit. Where storage is refused, for this page alone.

const here = new Map();

export const kept = {
  /** The text kept under a key, or null. */
  get(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return here.get(key) ?? null;
    }
  },
  set(key, value) {
    here.set(key, String(value));
    try {
      localStorage.setItem(key, value);
    } catch {
      /* refused or full: as long as the page lasts */
    }
  },
};
