/* Copy a link, print: two buttons that need a script, hidden until it is here. */
import { announce } from "./announce.js";

export function startSharing(root) {
  root.addEventListener("click", async (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      try {
        await navigator.clipboard.writeText(copy.dataset.copy);
        copy.querySelector("[data-label]").textContent = copy.dataset.copied;
        announce(copy.dataset.copied);
      } catch {
        window.prompt(copy.dataset.failed, copy.dataset.copy);
      }
      return;
    }
    if (event.target.closest("[data-print]")) window.print();
  });
}
