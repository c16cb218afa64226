// HTTP as the gallery's API speaks it: paths below /api/v1, JSON bodies, one kind of error.
// No state lives here; `prefix()` is read at each call because NiceGUI sets it after mounting.

export const API = "/api/v1";

/** What the server refused or could not do; `message` is a sentence for the user. */
export class ApiError extends Error {
  constructor(code, message, status, data = {}) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.status = status;
    this.data = data;
  }
}

/** The path below which the program is served ("" at the root), without a slash at its end. */
export const prefix = () => globalThis.window?.path_prefix || "";

/** Address of an API path with parameters; arrays repeat, empty values are left out. */
export function apiUrl(path, params) {
  const query = searchParams(params).toString();
  return prefix() + (path.startsWith(API) ? path : API + path) + (query ? "?" + query : "");
}

/** URLSearchParams of a plain object (values or arrays), a string or URLSearchParams. */
export function searchParams(params) {
  if (params instanceof URLSearchParams) return params;
  if (!params || typeof params === "string") return new URLSearchParams(params || "");
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(params))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined && one !== null && one !== "") out.append(name, String(one));
  return out;
}

async function errorOf(response) {
  let data = {};
  try {
    data = (await response.json()).error ?? {};
  } catch {
    /* not JSON: a proxy's page; the status is all we know */
  }
  const { code, message, status, ...rest } = data;
  const wait = Number(response.headers.get("Retry-After"));
  if (wait > 0 && rest.retry_after_s === undefined) rest.retry_after_s = wait;
  return new ApiError(
    code ?? "http_" + response.status,
    message ?? `The server answered with an error (${response.status}).`,
    status ?? response.status,
    rest,
  );
}

/** The raw Response of a request; throws ApiError for every status that is not 2xx or 304. */
export async function request(method, path, { params, body, signal, headers = {} } = {}) {
  const init = { method, signal, headers: { Accept: "application/json", ...headers } };
  if (body !== undefined) {
    const raw = body instanceof Blob || body instanceof ArrayBuffer;
    init.body = raw ? body : JSON.stringify(body);
    if (!raw) init.headers["Content-Type"] = "application/json";
  }
  let response;
  try {
    response = await fetch(apiUrl(path, params), init);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError("offline", "The gallery cannot be reached. Is it still running?", 0);
  }
  if (!response.ok && response.status !== 304) throw await errorOf(response);
  return response;
}

async function json(method, path, options) {
  const response = await request(method, path, options);
  return response.status === 204 ? null : response.json();
}

export const get = (path, options) => json("GET", path, options);
export const post = (path, options) => json("POST", path, options);
export const patch = (path, options) => json("PATCH", path, options);
export const put = (path, options) => json("PUT", path, options);
export const del = (path, options) => json("DELETE", path, options);

/** The bytes of an answer as an ArrayBuffer. */
export async function binary(path, options = {}) {
  const headers = { Accept: "application/octet-stream", ...options.headers };
  return (await request("GET", path, { ...options, headers })).arrayBuffer();
}

/** GET unless unchanged: {changed: false} when `etag` still holds, else {changed, data, etag}. */
export async function getIfChanged(path, { etag, ...options } = {}) {
  const headers = etag ? { "If-None-Match": etag } : {};
  // with this header fetch leaves the browser's own cache aside, so that a 304 is seen as one
  const response = await request("GET", path, { ...options, headers });
  if (response.status === 304) return { changed: false, data: null, etag };
  return { changed: true, data: await response.json(), etag: response.headers.get("ETag") };
}

const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford base 32, lower case

/** The 26 digits of a uid of 16 bytes, most significant first (domain/model.py uid_from_bytes). */
export function uidFromBytes(bytes, start = 0) {
  let text = DIGITS[bytes[start] >> 5];
  let bits = 5; // 128 bits stand as 130: the first digit holds three bits
  let value = bytes[start] & 31;
  for (let i = 1; i <= 16; i++) {
    while (bits >= 5) {
      bits -= 5;
      text += DIGITS[(value >> bits) & 31];
    }
    if (i === 16) break;
    value = ((value & ((1 << bits) - 1)) << 8) | bytes[start + i];
    bits += 8;
  }
  return text;
}

/** The 16 bytes of a uid, or null when the text is not exactly one that the server writes. */
export function uidToBytes(uid) {
  if (typeof uid !== "string" || uid.length !== 26) return null;
  const out = new Uint8Array(16);
  let value = 0;
  let bits = -2; // the first digit's two upper bits are always zero
  let at = 0;
  for (const digit of uid) {
    const five = DIGITS.indexOf(digit);
    if (five < 0 || (bits === -2 && five > 7)) return null;
    value = ((value << 5) | five) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = (value >> bits) & 255;
    }
  }
  return out;
}

/** Address of a rendition (thumb, small, medium, large, screen); `version` makes it immutable. */
export const renditionUrl = (uid, name, version) =>
  `${prefix()}${API}/assets/${uid}/renditions/${name}?v=${version ?? 0}`;

/** Address of the original's bytes; `download` asks for it as a file to save. */
export const originalUrl = (uid, download = false) =>
  `${prefix()}${API}/assets/${uid}/original${download ? "?download=1" : ""}`;
