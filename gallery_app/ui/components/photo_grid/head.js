// Runs in the page's head, before anything else is there: asks for the timeline and its first
// bucket while the page's own code still loads. dist/early.js hands the answers to the grid.
(() => {
  const found = /^(.*?)(\/(?:favourites|trash))?\/?$/.exec(location.pathname);
  const place = found[2] ?? "";
  if (!place && !location.pathname.endsWith("/")) return;
  if ([...new URLSearchParams(location.search).keys()].some((name) => name !== "photo")) return;
  const query = { "/favourites": "?is=favourite", "/trash": "?trashed=1" }[place] ?? "";
  const url = `${found[1]}/api/v1/timeline${query}`;
  const ask = (address, type) => fetch(address, { headers: { Accept: type } });
  const early = (window.galleryEarly = { url });
  early.timeline = ask(url, "application/json").then(async (response) => {
    if (!response.ok) throw new Error("not now");
    const data = await response.json();
    if (data.keys.length && !history.state?.place) {
      early.bucketUrl = `${found[1]}/api/v1/timeline/${encodeURIComponent(data.keys[0])}${query}`;
      early.bucket = ask(early.bucketUrl, "application/octet-stream").then((answer) => {
        if (!answer.ok) throw new Error("not now");
        return answer.arrayBuffer();
      });
      early.bucket.catch(() => {});
    }
    return { changed: true, data, etag: response.headers.get("ETag") };
  });
  early.timeline.catch(() => {});
})();
