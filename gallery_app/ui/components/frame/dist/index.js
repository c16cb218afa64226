// gallery-frame: what the page around the grid does in the browser, without asking the server.
export { mountFrame } from "./frame.js";
export { mountPathField } from "./paths.js";
export { mountFolderTree, mountFolderTrail } from "./folders.js";
