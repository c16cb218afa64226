// One file to PUT /api/v1/uploads/{filename}. XMLHttpRequest, because fetch tells no progress.

import { ApiError, apiUrl } from "gallery-core";

/** @returns {{promise: Promise<{asset: object, created: boolean}>, abort: () => void}} */
export function sendFile(item, onProgress) {
  const request = new XMLHttpRequest();
  const promise = new Promise((resolve, reject) => {
    request.open("PUT", apiUrl(`/uploads/${encodeURIComponent(item.name)}`));
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    if (item.file.lastModified) request.setRequestHeader("X-Last-Modified", String(item.file.lastModified));
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => {
      const answer = parsed(request.responseText);
      if (request.status === 200 || request.status === 201) return resolve({ asset: answer, created: request.status === 201 });
      const { code = "http", message, ...data } = answer?.error ?? {};
      const wait = Number(request.getResponseHeader("Retry-After"));
      if (wait > 0) data.retry_after_s = wait;
      reject(new ApiError(code, message ?? `The server refused the file (${request.status}).`, request.status, data));
    };
    request.onerror = () => reject(new ApiError("offline", "The connection was lost. Is the gallery still running?", 0));
    request.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    request.send(item.file);
  });
  return { promise, abort: () => request.abort() };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
