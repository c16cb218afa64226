// gallery-core: everything the components of the page share. See each module for its promise.
export * from "./api.js";
export * from "./kept.js";
export * from "./query.js";
export * from "./entities.js";
export * from "./status.js";
export * from "./selection.js";
export * as format from "./format.js";
export { altText, filterText, filterValue } from "./format.js";
export * from "./toast.js";
export * from "./zoom.js";
export * as actions from "./actions.js";
