/* "Écouter": the browser's own voice reads the text of the element named by data-read. */
export function startReading(root) {
  if (!("speechSynthesis" in window)) return;
  root.querySelectorAll("[data-read]").forEach((button) => {
    button.hidden = false;
    const label = button.querySelector("[data-label]");
    const idle = () => { label.textContent = button.dataset.start; };
    button.addEventListener("click", () => {
      if (speechSynthesis.speaking) { speechSynthesis.cancel(); idle(); return; }
      const text = document.querySelector(button.dataset.read)?.innerText ?? "";
      const words = new SpeechSynthesisUtterance(text);
      words.lang = document.documentElement.lang;
      words.onend = idle;
      words.onerror = idle;
      speechSynthesis.speak(words);
      label.textContent = button.dataset.stop;
    });
  });
  window.addEventListener("pagehide", () => speechSynthesis.cancel());
}
