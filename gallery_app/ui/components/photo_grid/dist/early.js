// Answers that head.js asked for before this code was there; each serves once.

/** The early answer for this address of the timeline, or null. */
export async function earlyTimeline(url) {
  const early = globalThis.window?.galleryEarly;
  if (!early?.timeline || early.url !== url) return null;
  const { timeline } = early;
  early.timeline = null;
  return timeline.catch(() => null);
}

/** The early bytes for this address of a bucket, or null. */
export async function earlyBucket(url) {
  const early = globalThis.window?.galleryEarly;
  if (!early?.bucket || early.bucketUrl !== url) return null;
  const { bucket } = early;
  early.bucket = null;
  return bucket.catch(() => null);
}
