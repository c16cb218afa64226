// gallery-chrome: everything around the grid. Each mount… builds into an element and returns
// {destroy()}; wrappers in Python are FilterBar, SearchBox, SelectionBar, ProgressPill, Dialogs.

import { ensureStyles } from "./dom.js";

/** Resolves when the style sheet applies; the wrappers wait for it. */
export const stylesReady = ensureStyles(new URL("./chrome.css", import.meta.url));
export { confirmAction, mountDialogs, openDialog, showShortcuts } from "./dialogs.js";
export { facets } from "./facets.js";
export { mountFilterBar } from "./filter_bar.js";
export { openLinkDialog } from "./link_dialog.js";
export { mountProgressPill } from "./progress_pill.js";
export { mountSearchBox } from "./search_box.js";
export { mountSelectionBar } from "./selection_bar.js";
export { openTagDialog } from "./tag_dialog.js";
