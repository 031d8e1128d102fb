/* The chosen entry is kept in the address (#carte=zoom/lat/lon&choix=id), so that coming back finds it again. */
const parts = () => new URLSearchParams(location.hash.replace(/^#/, "").replace(/\+/g, "%2B"));

export const chosenInAddress = () => parts().get("choix") ?? "";

export const viewInAddress = () => parts().has("carte");

export function keepChoice(id) {
  const rest = location.hash.replace(/^#/, "").split("&").filter((part) => part && !part.startsWith("choix="));
  if (id) rest.push(`choix=${encodeURIComponent(id)}`);
  const hash = rest.length ? `#${rest.join("&")}` : "";
  history.replaceState(history.state, "", location.pathname + location.search + hash);
}
