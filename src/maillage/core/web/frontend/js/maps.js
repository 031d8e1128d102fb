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

export function startMaps(root) {
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
