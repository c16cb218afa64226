// Page mode: one page of /assets as buckets that are already loaded, by month where that is
// the order. Everything else of the grid works on it unchanged.
import { get, uidToBytes, usualSort } from "gallery-core";
import { monthOf, monthTitle, wallTime } from "gallery-core/format.js";
import { ANIMATED, FAVOURITE, newColumns, READY, rgb565, TRUNCATED, UNREADABLE, VIDEO } from "./columns.js";
import { newBucket } from "./library.js";

export async function pageBuckets(query, { page, perPage }, signal) {
  const params = new URLSearchParams(query);
  params.set("page", page);
  params.set("per_page", perPage);
  const answer = await get("/assets", { params, signal });
  const pages = Math.max(1, Math.ceil(answer.total / perPage));
  // Pictures went since this address was kept: the last page there is now.
  if (page > pages) return pageBuckets(query, { page: pages, perPage }, signal);
  const byMonth = /^-?taken$/.test(query.get("sort") ?? usualSort(query));
  const groups = [];
  for (const asset of answer.items) {
    const time = byMonth ? wallTime(asset.taken_at) : null;
    const key = time ? asset.taken_at.slice(0, 7) : "p0";
    if (groups.at(-1)?.key !== key) groups.push({ key, assets: [] });
    groups.at(-1).assets.push(asset);
  }
  const list = groups.map(({ key, assets }) => toBucket(key, assets));
  return { list, total: answer.total, paging: { page, perPage, pages, all: answer.total } };
}

function toBucket(key, assets) {
  const n = assets.length;
  const columns = newColumns(n);
  let ratio = 0;
  const days = new Set();
  const labels = assets.map((asset, k) => {
    const aspect = asset.width && asset.height ? asset.width / asset.height : 1;
    columns.uid.set(uidToBytes(asset.id), 16 * k);
    columns.aspect[k] = Math.max(205, Math.min(65535, Math.round(aspect * 4096)));
    columns.colour[k] = rgb565(asset.colour);
    columns.day[k] = wallTime(asset.taken_at)?.day ?? 0;
    columns.flags[k] = flagsOf(asset);
    columns.version[k] = asset.version ?? 0;
    ratio += columns.aspect[k] / 4096;
    days.add(columns.day[k]);
    return {
      alt: asset.alt_text, title: asset.title, name: asset.filename, taken: asset.taken_at,
      place: asset.metadata?.place ?? asset.place,
    };
  });
  const month = monthOf(key);
  const bucket = newBucket({
    key, label: month ? monthTitle(month) : "", count: n, ratio, days: days.size, stamp: 0, columns,
  });
  bucket.labels = new Map(labels.map((label, k) => [k, label]));
  return bucket;
}

function flagsOf(asset) {
  return (
    (asset.type === "video" ? VIDEO : 0) |
    (asset.favourite ? FAVOURITE : 0) |
    (asset.status === "ready" ? READY : 0) |
    (asset.status === "unreadable" ? UNREADABLE : 0) |
    (asset.animated ? ANIMATED : 0) |
    (asset.truncated ? TRUNCATED : 0)
  );
}
