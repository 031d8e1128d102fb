/* After a part of the page was replaced, its [data-announce] sentence is read by the page's live region; so is what a page
   says of the action that led to it ([data-announce-first]): nobody goes back up to find it. */
const ONCE_THE_PAGE_IS_SAID = 800;

const words = (element) => element.textContent.trim().replace(/\s+/g, " ");
/* The title and the text of a notice stand one under the other: two sentences. */
const sentences = (element) => element.innerText.split(/\s*\n\s*/).filter(Boolean).map((one) => one.replace(/([\p{L}\p{N}])$/u, "$1.")).join(" ");

export function announce(text) {
  const region = document.getElementById("annonces");
  if (!region || !text) return;
  region.replaceChildren();
  /* Emptied first, then a new paragraph: the same sentence twice is announced twice. Reading tools compare two states of the
     page that may be far apart: the same text in the same node would be no news to them. */
  setTimeout(() => {
    const line = document.createElement("p");
    line.textContent = text;
    region.replaceChildren(line);
  }, 60);
}

export function announceSwaps(root) {
  const first = [...root.querySelectorAll("[data-announce-first]")].map(sentences).join(" ");
  if (first) window.addEventListener("load", () => setTimeout(() => announce(first), ONCE_THE_PAGE_IS_SAID), { once: true });
  root.addEventListener("htmx:afterSettle", (event) => {
    const part = event.detail.elt ?? event.target;
    const said = part.matches?.("[data-announce]") ? part : part.querySelector?.("[data-announce]");
    if (said) announce(words(said));
    const summary = part.querySelector?.(".error-summary");
    if (summary) summary.focus();
  });
}
