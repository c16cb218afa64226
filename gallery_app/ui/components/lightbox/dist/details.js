// What the info panel says about an asset, as groups of rows: pure, so that node can test it.
// Rows are {label, value, hint?, mono?, copy?}; `format` is gallery-core's. Nothing touches the page.

const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** 90 -> "UTC+1:30"; null when the offset is unknown. */
export function offsetText(minutes) {
  if (minutes === null || minutes === undefined) return null;
  const size = Math.abs(minutes);
  const rest = size % 60;
  return `UTC${minutes < 0 ? "−" : "+"}${Math.floor(size / 60)}${rest ? `:${String(rest).padStart(2, "0")}` : ""}`;
}

/** Degrees with hemisphere: "48.20849° N, 16.37208° E". */
export function positionText(gps) {
  const [north, east] = Array.isArray(gps) ? gps : [gps?.lat ?? gps?.latitude, gps?.lon ?? gps?.longitude];
  if (!Number.isFinite(north) || !Number.isFinite(east)) return "";
  return `${Math.abs(north).toFixed(5)}° ${north < 0 ? "S" : "N"}, ${Math.abs(east).toFixed(5)}° ${east < 0 ? "W" : "E"}`;
}

/**
 * The camera's wall time as it was written: no conversion to the viewer's zone. Accepts
 * "2016-07-03T14:05:09" with or without fraction and offset.
 */
export function wallTime(iso, locale = "en") {
  const parts = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?/.exec(iso ?? "");
  if (!parts) return null;
  const [, year, month, day, hour, minute, second] = parts.map(Number);
  const at = new Date(Date.UTC(year, month - 1, day, hour || 0, minute || 0, second || 0));
  at.setUTCFullYear(year);
  return {
    day: new Intl.DateTimeFormat(locale, { dateStyle: "full", timeZone: "UTC" }).format(at),
    time: Number.isFinite(hour) ? new Intl.DateTimeFormat(locale, { timeStyle: "medium", timeZone: "UTC" }).format(at) : "",
  };
}

const FAMILIES = {
  exif: "from EXIF", xmp: "from XMP", iptc: "from IPTC", png: "from PNG text", container: "from the video's container",
  gps: "from the GPS clock", name: "from the file name", remote: "from the source", file: "from the file's time",
};

/** What a remote's own fields mean: nobody outside it knows their names. */
const TOLD = { sent: "when it was sent", localDateTime: "as Immich tells it", fileCreatedAt: "the file's time, as Immich tells it" };

/** Which field gave the date, in words: "from EXIF (DateTimeOriginal)". */
export function dateOrigin(metadata) {
  if (metadata?.taken_from === "remote") return TOLD[metadata.taken_field] ?? FAMILIES.remote;
  const family = FAMILIES[metadata?.taken_from];
  if (!family) return "";
  const field = (metadata.taken_field ?? "").split(":").pop();
  return field && metadata.taken_from !== "file" ? `${family} (${field})` : family;
}

const KINDS = {
  jpeg: "JPEG", png: "PNG", gif: "GIF", webp: "WebP", avif: "AVIF", heic: "HEIC", tiff: "TIFF", bmp: "BMP", video: "Video", raw: "Camera raw",
  jxl: "JPEG XL", jp2: "JPEG 2000", psd: "Photoshop", svg: "SVG", ico: "Icon", eps: "EPS", unknown: "Unknown",
};
export const kindText = (type) => KINDS[type] ?? (type ? String(type).toUpperCase() : "");

const STATUS = {
  described: "Being prepared", ready: "Ready", unreadable: "Cannot be shown", missing: "The original is not to be found",
};

const row = (label, value, more = {}) => (value === "" || value === null || value === undefined ? null : { label, value: String(value), ...more });

/** All that is known of an asset, in the order the panel shows it: [{title, icon, rows}]. */
export function detailGroups(asset, format, locale = "en") {
  const meta = asset.metadata ?? {};
  const taken = wallTime(asset.taken_at ?? meta.taken_at, locale);
  const offset = offsetText(meta.offset_minutes);
  const origin = dateOrigin(meta);
  const place = positionText(meta.gps ?? asset.gps);
  const settings = [
    meta.f_number ? `ƒ/${NUMBER.format(meta.f_number)}` : "", meta.exposure_s > 0 ? format.exposure(meta.exposure_s) : "",
    meta.focal_mm ? `${NUMBER.format(meta.focal_mm)} mm` : "", meta.iso ? `ISO ${meta.iso}` : "",
  ].filter(Boolean).join("  ·  ");
  const pixels = asset.width && asset.height;
  const groups = [
    { title: "Date", icon: "calendar", rows: [
      taken && row("Taken", taken.day, { hint: [taken.time, offset, origin].filter(Boolean).join(" · ") }),
      asset.added_at && row("Added", wallTime(asset.added_at, locale)?.day),
    ] },
    { title: "Camera", icon: "camera", rows: [
      row("Camera", asset.camera ?? meta.camera), row("Lens", asset.lens ?? meta.lens), row("Exposure", settings),
      row("Creator", meta.creator), row("Copyright", meta.copyright), row("Software", meta.software),
    ] },
    { title: "Place", icon: "place", rows: [
      row("Place", meta.place), row("Position", place, { mono: true, copy: true }),
      Number.isFinite(meta.altitude_m) ? row("Altitude", `${NUMBER.format(meta.altitude_m)} m`) : null,
    ] },
    { title: "File", icon: "image", rows: [
      row("Name", asset.filename),
      row("Type", [kindText(asset.type), asset.content_type].filter(Boolean).join(" · ")),
      pixels && row("Dimensions", `${asset.width} × ${asset.height} px`, { hint: megapixels(asset.width * asset.height) }),
      Number.isFinite(asset.duration_s) && asset.duration_s !== null ? row("Length", format.duration(asset.duration_s)) : null,
      row("Size", Number.isFinite(asset.size_bytes) ? format.bytes(asset.size_bytes) : ""),
      meta.orientation > 1 ? row("Stored orientation", `EXIF ${meta.orientation}, shown upright`) : null,
      asset.truncated ? row("Note", "The file ends early; it is shown as far as it goes.") : null,
      row("Status", asset.problem?.sentence ?? asset.reason ?? STATUS[asset.status] ?? asset.status),
      row("SHA-256", asset.sha256, { mono: true, copy: true }),
    ] },
  ];
  return groups.map((group) => ({ ...group, rows: group.rows.filter(Boolean) })).filter((group) => group.rows.length);
}

/** "12.2 megapixels"; nothing below a tenth. */
export const megapixels = (pixels) => (pixels < 100_000 ? "" : `${NUMBER.format(pixels / 1e6)} megapixels`);

/** A path as people look for it: whole in a folder, the bare name among the uploads. */
export function pathIn(source, path) {
  if (source?.kind === "uploads") return path.slice(path.indexOf("/") + 1);
  return source?.address ? `${source.address.replace(/\/$/, "")}/${path}` : path;
}

/** What a screen reader hears of the picture: the alt text, else title, name, date and place. */
export function altText(asset) {
  if (asset.alt_text) return asset.alt_text;
  const taken = wallTime(asset.taken_at);
  return [asset.title || asset.filename, taken?.day, asset.metadata?.place].filter(Boolean).join(", ");
}

const INLINE = new Set(["jpeg", "png", "gif", "webp", "avif", "bmp"]);
/** Whether a browser can show the original itself. */
export const shownByBrowser = (asset) => INLINE.has(asset.type);
