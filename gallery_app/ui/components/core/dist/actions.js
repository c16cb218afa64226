// What can be done with chosen pictures, all by REST; each says what happened in a toast and
// emits "changed" {action, uids, ...} on `events`. They resolve to the uids that were changed.
import { apiUrl, patch, post, prefix } from "./api.js";
import { countOf } from "./format.js";
import { emit, refreshStatus } from "./status.js";
import { toast, toastError } from "./toast.js";

const PER_REQUEST = 2000;
const PER_PUSH = 10_000; // services/pushing.py `MOST`: pictures of one job
const photos = (uids) => countOf(uids.length, "photo");

/** POST /assets/batch in pieces: {done: [uid], failed: [{uid, code, message}]}. */
export async function batch(uids, action, { tags } = {}) {
  const done = [];
  const failed = [];
  try {
    for (let at = 0; at < uids.length; at += PER_REQUEST) {
      const body = { uids: uids.slice(at, at + PER_REQUEST), action };
      if (tags) body.tags = tags;
      const answer = await post("/assets/batch", { body });
      done.push(...answer.done);
      failed.push(...answer.failed);
    }
  } finally {
    if (done.length) {
      emit("changed", { action, uids: done, tags });
      refreshStatus();
    }
  }
  return { done, failed };
}

async function act(uids, action, words, options = {}) {
  const list = [...uids];
  if (!list.length) return [];
  try {
    const { done, failed } = await batch(list, action, options);
    if (failed.length) {
      const rest = done.length ? `${words(done)} ` : "";
      toast(`${rest}${countOf(failed.length, "photo")} failed: ${failed[0].message}`, {
        error: true,
      });
    } else if (words) toast(words(done), { action: options.undo?.(done) });
    return done;
  } catch (error) {
    toastError(error);
    return [];
  }
}

/** Marks (or with `on` false unmarks) pictures as favourites. Silent for a single one. */
export function favourite(uids, on = true) {
  const action = on ? "favourite" : "unfavourite";
  const many = uids.length > 1;
  return act(uids, action, (done) =>
    on
      ? many ? `${photos(done)} marked as favourites.` : "Marked as a favourite."
      : many ? `${photos(done)} are no favourites any more.` : "No favourite any more.",
  );
}

/** Gives the pictures these tags. */
export const tag = (uids, tags) =>
  act(uids, "tag", (done) => `Tagged ${photos(done)} with ${tags.join(", ")}.`, { tags });

/** Takes these tags away from the pictures. */
export const untag = (uids, tags) =>
  act(uids, "untag", (done) => `Took ${tags.join(", ")} from ${photos(done)}.`, { tags });

/** Moves pictures to the gallery's trash, with Undo. Files in folders stay where they are. */
export const trash = (uids) =>
  act(uids, "trash", (done) => `${photos(done)} moved to the trash.`, {
    undo: (done) => ({ label: "Undo", run: () => restore(done) }),
  });

/** Takes pictures out of the trash. */
export const restore = (uids) =>
  act(uids, "restore", (done) => `${photos(done)} put back.`);

/** Changes fields of one picture (title, caption, alt_text, tags, rating, favourite). */
export async function edit(uid, fields) {
  const asset = await patch(`/assets/${uid}`, { body: fields });
  emit("changed", { action: "edit", uids: [uid], fields, asset });
  refreshStatus();
  return asset;
}

/** Saves one original, or many as a zip that the server streams. */
export async function download(uids, name = "photos") {
  const list = [...uids];
  if (!list.length) return;
  try {
    if (list.length === 1) return save(apiUrl(`/assets/${list[0]}/original`, { download: 1 }));
    const answer = await post("/downloads", { body: { uids: list, name } });
    save(prefix() + answer.url);
    toast(`Downloading ${photos(list)} as a zip file.`);
  } catch (error) {
    toastError(error);
  }
}

/** Hands pictures to a remote that takes uploads; what it has already is not sent again. */
export async function push(uids, source) {
  try {
    for (let at = 0; at < uids.length; at += PER_PUSH)
      await post(`/sources/${source.id}/push`, { body: { assets: uids.slice(at, at + PER_PUSH) } });
    toast(`Uploading ${photos(uids)} to ${source.name}. The Jobs page shows how far it is.`);
    refreshStatus();
  } catch (error) {
    toastError(error);
  }
}

function save(url) {
  const link = document.createElement("a");
  link.href = url;
  link.download = "";
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
}
