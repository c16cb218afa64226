// The grid's fixed skeleton and its style sheet, which stays inside the shadow root: neither
// the page's style rules nor anyone's observers see the tiles.

export const TEMPLATE = `
<div class="root" data-shows="">
  <div class="scroll" role="grid" aria-label="Photos" aria-multiselectable="true" tabindex="0">
    <div class="spacer" role="presentation"></div>
    <div class="canvas" role="presentation"><div class="band" role="presentation" hidden></div></div>
  </div>
  <div class="rail" role="slider" tabindex="0" aria-label="Date" aria-orientation="vertical"
    aria-valuemin="0" aria-valuemax="0" aria-valuenow="0">
    <div class="years" aria-hidden="true"></div>
    <div class="handle" aria-hidden="true"></div>
    <div class="tip" aria-hidden="true"></div>
  </div>
  <div class="busy" role="progressbar" aria-label="Loading photos"></div>
  <section class="state" aria-live="polite" hidden><div class="state-body"></div><slot hidden></slot></section>
  <nav class="pager" aria-label="Pages" hidden></nav>
</div>`;

let sheet = null;

/** Applies the style sheet, fetched once for all grids; resolves when it holds. */
export async function adoptStyle(shadow) {
  sheet ??= fetch(new URL("./style.css", import.meta.url)).then(async (response) => {
    if (!response.ok) throw new Error("The grid's style sheet is missing.");
    return new CSSStyleSheet().replace(await response.text());
  });
  shadow.adoptedStyleSheets = [await sheet];
}
