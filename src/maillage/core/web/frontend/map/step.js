/* Keeps the page's list in step with the map: the same entry is marked in both. */
export class ListStep {
  constructor(selector, { onPoint, onLeave, onReplaced }) {
    this.selector = selector;
    if (!selector) return;
    const cardOf = (target) => target.closest?.(`${selector} [data-id]`);
    this.watch = new AbortController();
    const { signal } = this.watch;
    ["mouseover", "focusin"].forEach((kind) => document.addEventListener(kind, (event) => {
      const card = cardOf(event.target);
      if (card) onPoint(card.dataset.id);
    }, { signal }));
    ["mouseout", "focusout"].forEach((kind) => document.addEventListener(kind, (event) => {
      if (cardOf(event.target) && !cardOf(event.relatedTarget ?? document.body)) onLeave();
    }, { signal }));
    document.addEventListener("htmx:afterSettle", () => {
      const list = document.querySelector(selector);
      if (list) onReplaced(list);
    }, { signal });
  }

  /* Marks the card of this entry; false where the list does not hold it (another page of results). */
  mark(id, { scroll = true } = {}) {
    if (!this.selector) return false;
    const list = document.querySelector(this.selector);
    list?.querySelectorAll("[data-id][aria-current]").forEach((card) => card.removeAttribute("aria-current"));
    const card = id && list?.querySelector(`[data-id="${CSS.escape(id)}"]`);
    if (!card) return false;
    card.setAttribute("aria-current", "true");
    const isBeside = window.matchMedia("(min-width: 64em)").matches;
    if (scroll && isBeside) card.scrollIntoView({ block: "nearest" });
    return true;
  }

  stop() {
    this.watch?.abort();
  }
}
