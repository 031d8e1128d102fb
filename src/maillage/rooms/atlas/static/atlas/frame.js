/* In a frame on another site, links to our full pages open beside it: those pages refuse to be framed. */
const own = new URL(location.href).pathname;
document.addEventListener(
  "click",
  (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!link || link.pathname === own || !link.protocol.startsWith("http")) return;
    link.target = "_blank";
    link.rel = "noopener";
  },
  true,
);
