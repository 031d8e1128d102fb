/* <details data-open-wide>: open where there is room, closed on phones; the reader's own choice wins. */
export function startDisclosures(root) {
  const wide = window.matchMedia("(min-width: 64em)");
  root.querySelectorAll("details[data-open-wide]").forEach((details) => {
    if (wide.matches) details.open = true;
  });
  /* Paper does not unfold: what is marked so is open while it is printed. */
  const folded = () => root.querySelectorAll("details[data-open-print]:not([open])");
  window.addEventListener("beforeprint", () => folded().forEach((details) => { details.open = true; details.dataset.wasFolded = "yes"; }));
  window.addEventListener("afterprint", () => root.querySelectorAll("details[data-was-folded]").forEach((details) => { details.open = false; delete details.dataset.wasFolded; }));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector(".menu-phone[open]");
    if (!menu || !menu.contains(document.activeElement)) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
