/* The map's 380 kB come last: after the page is readable and idle, and only when a map is near the screen. */
const addStyles = (href) => new Promise((done) => {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  link.onload = done;
  link.onerror = done;
  document.head.append(link);
});

async function load(element) {
  const { module, styles } = element.dataset;
  await addStyles(styles);
  await import(module);
}

/* The list was replaced by a new search: its part carries the new tiles, frame and picture. A map that is not loaded yet,
   or that this browser cannot draw, follows as well. */
function follow(map) {
  const list = map.dataset.list && document.querySelector(map.dataset.list);
  const news = list && (list.matches("[data-map-tiles]") ? list : list.querySelector("[data-map-tiles]"));
  if (!news) return;
  const { mapTiles, mapBounds, mapPicture } = news.dataset;
  if (map.dataset.tiles !== mapTiles) map.dataset.tiles = mapTiles;
  if (mapBounds && map.dataset.bounds !== mapBounds) map.dataset.bounds = mapBounds;
  const picture = map.querySelector(".map-picture");
  if (picture && mapPicture && picture.getAttribute("src") !== mapPicture) picture.src = mapPicture;
}

export function startMaps(root) {
  root.addEventListener("htmx:afterSettle", () => root.querySelectorAll("maillage-map").forEach(follow));
  const maps = root.querySelectorAll("maillage-map, maillage-pin");
  if (!maps.length) return;
  const idle = window.requestIdleCallback ?? ((run) => setTimeout(run, 200));
  const watcher = new IntersectionObserver((entries) => {
    const seen = entries.find((entry) => entry.isIntersecting);
    if (!seen) return;
    watcher.disconnect();
    const begin = () => idle(() => load(seen.target));
    if (document.readyState === "complete") begin();
    else window.addEventListener("load", begin, { once: true });
  }, { rootMargin: "300px" });
  maps.forEach((map) => watcher.observe(map));
}
