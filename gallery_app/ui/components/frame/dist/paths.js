// A field for a folder on the server's disk: suggestions as you type, chosen by keys or pointer.
import { get } from "gallery-core";

let fields = 0;

/** Builds the field in `root`. `add(path)` is called on Add or Enter; returns {answer(error)}. */
export function mountPathField(root, { label, add }) {
  const id = `path-${++fields}`;
  const form = document.createElement("form");
  form.className = "path";
  form.noValidate = true;
  const make = (tag, className, parent, attributes = {}) => {
    const element = document.createElement(tag);
    element.className = className;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    parent.append(element);
    return element;
  };
  make("label", "path-label", form, { for: id }).textContent = label;
  const line = make("div", "path-line", form);
  const box = make("div", "path-field", line);
  const input = make("input", "field mono", box, {
    id, type: "text", name: "path", placeholder: "/home/you/Pictures", autocomplete: "off",
    autocapitalize: "off", autocorrect: "off", spellcheck: "false", enterkeyhint: "go",
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
    "aria-controls": `${id}-list`, "aria-describedby": `${id}-error`,
  });
  const list = make("ul", "path-list", box, { id: `${id}-list`, role: "listbox", "aria-label": "Folders" });
  const button = make("button", "button button-main i i-s i-plus", line, { type: "submit" });
  button.textContent = "Add folder";
  const error = make("div", "path-error", form, { id: `${id}-error`, role: "alert" });

  let chosen = -1;
  let asked = 0;
  let timer = 0;
  const close = () => {
    list.replaceChildren();
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (at) => {
    chosen = at;
    [...list.children].forEach((one, index) => one.setAttribute("aria-selected", String(index === at)));
    const item = list.children[at];
    if (item) {
      input.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const suggest = async () => {
    const turn = ++asked;
    let paths = [];
    try {
      const answer = await get("/paths", { params: { prefix: input.value } });
      paths = answer.paths ?? answer.items ?? answer;
    } catch {
      /* no suggestions then; Add says what is wrong with the path */
    }
    if (turn !== asked || document.activeElement !== input) return;
    const alone = paths.length === 1 && paths[0] === input.value;
    list.replaceChildren(
      ...(alone ? [] : paths).map((path, index) => {
        const item = document.createElement("li");
        item.id = `${id}-${index}`;
        item.className = "i i-s i-folder";
        item.setAttribute("role", "option");
        item.textContent = path;
        item.addEventListener("pointerdown", (event) => {
          event.preventDefault(); // the field keeps the focus
          take(path);
        });
        return item;
      }),
    );
    mark(-1);
    input.setAttribute("aria-expanded", String(list.childElementCount > 0));
  };
  const later = (ms) => {
    clearTimeout(timer);
    timer = setTimeout(suggest, ms);
  };
  const take = (path) => {
    input.value = path.endsWith("/") ? path : path + "/"; // its folders are offered next
    suggest();
  };
  const say = (text) => {
    error.textContent = text;
    input.setAttribute("aria-invalid", String(Boolean(text)));
  };

  input.addEventListener("input", () => {
    say("");
    later(120);
  });
  input.addEventListener("focus", () => later(0));
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const many = list.childElementCount;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!many) return later(0);
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark((Math.max(chosen, step > 0 ? -1 : 0) + step + many) % many);
    } else if (event.key === "Escape" && many) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if ((event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) && chosen >= 0) {
      event.preventDefault();
      take(list.children[chosen].textContent);
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    asked += 1;
    close();
    const path = input.value.trim();
    const whole = path.length > 1 ? path.replace(/\/+$/, "") || "/" : path;
    button.disabled = true;
    add(whole);
  });
  root.replaceChildren(form);
  return {
    /** What came of `add`: a sentence when it failed, "" when it worked. */
    answer(sentence) {
      button.disabled = false;
      say(sentence);
      if (!sentence) input.value = "";
      else input.focus();
    },
  };
}
