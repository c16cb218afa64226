// Files out of a drop, a picker or the clipboard: [{file, path}]. Whole folders are walked.

const JUNK = /^(\.DS_Store|\._.*|Thumbs\.db|desktop\.ini)$/i; // what systems leave in folders

/** All files of a drop. Entries must be taken before the first await: the event forgets them. */
export async function filesOfDrop(transfer, onFound) {
  const entries = [...transfer.items].filter((item) => item.kind === "file").map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  const found = [];
  const unread = [];
  for (const entry of entries) if (entry) await walk(entry, found, unread, onFound);
  return { found, unread };
}

async function walk(entry, found, unread, onFound, inFolder = false) {
  if (entry instanceof File) return void found.push({ file: entry, path: entry.name });
  try {
    if (entry.isFile) {
      if (inFolder && JUNK.test(entry.name)) return;
      const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
      found.push({ file, path: entry.fullPath.replace(/^\//, "") });
      onFound?.(found.length);
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      // readEntries gives at most 100 at a time, and an empty list at the end
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!some.length) break;
      for (const one of some) await walk(one, found, unread, onFound, true);
    }
  } catch {
    unread.push(entry.fullPath ?? entry.name);
  }
}

/** Files of an <input type=file>, also of a folder picker. */
export const filesOfInput = (input) =>
  [...input.files].filter((file) => !(file.webkitRelativePath && JUNK.test(file.name))).map((file) => ({ file, path: file.webkitRelativePath || file.name }));

/** Files of a paste; a screenshot is always "image.png", so it is named by its time. */
export function filesOfPaste(data, now) {
  const two = (n) => String(n).padStart(2, "0");
  const stamp = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())} ${two(now.getHours())}.${two(now.getMinutes())}.${two(now.getSeconds())}`;
  return [...(data?.files ?? [])].map((file, at) => {
    const nameless = /^image\.(png|jpe?g|gif|webp)$/i.exec(file.name);
    const name = nameless ? `Pasted ${stamp}${at ? ` ${at + 1}` : ""}.${nameless[1].toLowerCase()}` : file.name;
    return { file, path: name, name };
  });
}
