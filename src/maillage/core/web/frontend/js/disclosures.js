/* <details data-open-wide>: open where there is room, closed on phones; the reader's own choice wins. */
export function startDisclosures(root) {
  const wide = window.matchMedia("(min-width: 64em)");
  root.querySelectorAll("details[data-open-wide]").forEach((details) => {
    if (wide.matches) details.open = true;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector(".menu-phone[open]");
    if (!menu || !menu.contains(document.activeElement)) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
