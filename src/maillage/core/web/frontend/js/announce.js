/* After a part of the page was replaced, its [data-announce] sentence is read by the page's live region. */
export function announce(text) {
  const region = document.getElementById("annonces");
  if (!region || !text) return;
  region.textContent = "";
  /* Emptied first, and a moment waited: the same sentence twice is announced twice. */
  setTimeout(() => { region.textContent = text; }, 60);
}

export function announceSwaps(root) {
  root.addEventListener("htmx:afterSettle", (event) => {
    const part = event.detail.elt ?? event.target;
    const said = part.matches?.("[data-announce]") ? part : part.querySelector?.("[data-announce]");
    if (said) announce(said.textContent.trim().replace(/\s+/g, " "));
    const summary = part.querySelector?.(".error-summary");
    if (summary) summary.focus();
  });
}
