// What the folder views take from gallery-core, under the names they use.
export { events, get, prefix, view } from "gallery-core";
import { format } from "gallery-core";
export const count = format.count;
