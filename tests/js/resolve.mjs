// Lets node find the browser's import names (gallery-core, ...) where NiceGUI serves them from.
import { register } from "node:module";

const COMPONENTS = new URL("../../gallery_app/ui/components/", import.meta.url).href;
const DIRECTORIES = {
  "gallery-core": "core",
  "gallery-grid": "photo_grid",
  "gallery-lightbox": "lightbox",
  "gallery-chrome": "chrome",
  "gallery-upload": "upload_zone",
  "gallery-entity-head": "entity_head",
};
const hook = `
const components = ${JSON.stringify(COMPONENTS)};
const directories = ${JSON.stringify(DIRECTORIES)};
export async function resolve(name, context, next) {
  const [first, ...rest] = name.split("/");
  if (!(first in directories)) return next(name, context);
  const url = components + directories[first] + "/dist/" + (rest.join("/") || "index.js");
  return { url, format: "module", shortCircuit: true };
}
export async function load(url, context, next) {
  return next(url, url.startsWith(components) && url.endsWith(".js") ? { ...context, format: "module" } : context);
}`;
register("data:text/javascript," + encodeURIComponent(hook));
