// Short messages at the lower edge, said by screen readers too, with at most one action each.

const CSS = `
:host{position:fixed;inset:auto 0 var(--toast-bottom,24px) 0;z-index:9000;display:flex;
flex-direction:column;align-items:center;gap:8px;pointer-events:none;padding:0 16px}
.toast{pointer-events:auto;display:flex;align-items:center;gap:16px;max-width:min(560px,100%);
box-sizing:border-box;padding:12px 16px;border-radius:12px;background:#2a2c31;color:#f4f5f7;
font:500 14px/20px Inter,Roboto,system-ui,sans-serif;box-shadow:0 6px 24px rgba(0,0,0,.28);
animation:in .18s ease-out}
.toast.error{background:#7d1f1f;color:#fff}
.text{flex:1;overflow-wrap:anywhere}
button{font:inherit;font-weight:600;color:#a9c4ff;background:none;border:0;border-radius:8px;
padding:8px 10px;margin:-8px -4px;min-height:36px;cursor:pointer}
.error button{color:#ffe0e0}
button:hover{background:rgba(255,255,255,.1)}
button:focus-visible{outline:2px solid #fff;outline-offset:-2px}
.close{padding:8px;font-size:18px;line-height:18px;color:inherit}
@keyframes in{from{opacity:0;transform:translateY(12px)}}
@media (prefers-reduced-motion:reduce){.toast{animation:none}}
@media print{:host{display:none}}`;

let shadow = null;
let list = null;

function place() {
  if (shadow?.host.isConnected) return;
  const host = document.createElement("gallery-toasts");
  shadow = host.attachShadow({ mode: "open" });
  const style = document.createElement("style");
  style.textContent = CSS;
  // the regions exist before their text, else screen readers miss the first message
  list = document.createElement("div");
  list.style.cssText = "display:contents";
  list.setAttribute("role", "status");
  list.setAttribute("aria-live", "polite");
  shadow.append(style, list);
  document.body.append(host);
}

/**
 * Shows a message. Options: action {label, run}, error (stays longer), duration_s.
 * Returns {close, update(text)}. It does not vanish while the pointer or focus rests on it.
 */
export function toast(text, { action, error = false, duration_s } = {}) {
  place();
  const stay_ms = 1000 * (duration_s ?? (error ? 12 : action ? 8 : 5));
  const element = document.createElement("div");
  element.className = "toast" + (error ? " error" : "");
  if (error) element.setAttribute("role", "alert");
  const words = document.createElement("span");
  words.className = "text";
  words.textContent = text;
  element.append(words);
  let timer = 0;
  const close = () => {
    clearTimeout(timer);
    element.remove();
  };
  const start = () => {
    clearTimeout(timer);
    if (Number.isFinite(stay_ms)) timer = setTimeout(close, stay_ms);
  };
  if (action) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = action.label;
    button.addEventListener("click", () => {
      close();
      action.run();
    });
    element.append(button);
  }
  if (error || !Number.isFinite(stay_ms)) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "close";
    button.textContent = "×";
    button.setAttribute("aria-label", "Close message");
    button.addEventListener("click", close);
    element.append(button);
  }
  for (const name of ["pointerenter", "focusin"])
    element.addEventListener(name, () => clearTimeout(timer));
  for (const name of ["pointerleave", "focusout"]) element.addEventListener(name, start);
  list.append(element);
  while (list.childElementCount > 3) list.firstElementChild.remove();
  start();
  return { close, update: (next) => (words.textContent = next) };
}

/** Shows an error as its sentence; an aborted request is no error. */
export function toastError(error, options) {
  if (error?.name === "AbortError") return null;
  const text = error?.message || "Something went wrong.";
  return toast(text, { error: true, ...options });
}
