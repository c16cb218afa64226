// The choices of the link dialog. Pure.

export const RENDITIONS = [
  { value: "small", label: "Small", hint: "400 px, no metadata" }, { value: "medium", label: "Medium", hint: "800 px, no metadata" },
  { value: "large", label: "Large", hint: "1600 px, no metadata" }, { value: "original", label: "Original", hint: "the file itself" },
];
export const LIFETIMES = [
  { value: "3600", label: "1 hour" }, { value: "86400", label: "1 day" }, { value: "604800", label: "7 days" },
  { value: "2592000", label: "30 days" }, { value: "custom", label: "Custom" },
];
const LONGEST_S = 366 * 86_400; // domain/policy.py LONGEST_LINK

/** Seconds of a chosen lifetime; a custom one is kept between a minute and 366 days. */
export function lifetimeSeconds(choice, amount, unit) {
  if (choice !== "custom") return Number(choice);
  const seconds = Math.round((amount > 0 ? amount : 1) * (unit === "days" ? 86_400 : 3600));
  return Math.min(LONGEST_S, Math.max(60, seconds));
}
