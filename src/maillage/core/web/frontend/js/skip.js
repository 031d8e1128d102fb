/* "Aller au contenu" brings the focus there. Only then may that part take it: one that always may is told "clickable", with
   everything in it, by some reading tools. Without a script the browser goes on from there by itself. */
export function startSkipLinks(root) {
  root.querySelectorAll(".skip-links a[href^='#']").forEach((link) => {
    const part = document.getElementById(link.hash.slice(1));
    if (!part || part.matches("a, button, input, select, textarea, summary, [tabindex]")) return;
    link.addEventListener("click", () => {
      part.tabIndex = -1;
      part.focus();
      part.addEventListener("blur", () => part.removeAttribute("tabindex"), { once: true });
    });
  });
}
