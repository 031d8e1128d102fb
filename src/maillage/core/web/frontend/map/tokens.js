/* Colours come from tokens.css at the moment of drawing, so that dark and high contrast hold on the map too. */
export function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name.startsWith("--") ? name : `--${name}`).trim();
}

/* Calls back when the colours of the page change: the device's theme or contrast. */
export function whenColoursChange(callback) {
  const queries = ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"].map((query) => window.matchMedia(query));
  queries.forEach((query) => query.addEventListener?.("change", callback));
  return () => queries.forEach((query) => query.removeEventListener?.("change", callback));
}
