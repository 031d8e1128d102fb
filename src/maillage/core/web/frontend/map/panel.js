/* What is chosen on the map: its name and the way to its sheet. */
import { drawing, make } from "./dom.js";

export function choicePanel(panel, { entries, words, icons, sheet, onClose }) {
  panel.hidden = !entries.length;
  panel.replaceChildren();
  if (!entries.length) return;
  const lines = entries.map((entry) => make("p", { class: "map-panel-line" },
    make("strong", {}, entry.name),
    sheet ? make("a", { href: sheet.replace("{id}", encodeURIComponent(entry.id)) }, words.open, make("span", { class: "visually-hidden" }, ` : ${entry.name}`)) : null));
  const close = make("button", { class: "map-button", type: "button", "aria-label": words.close, title: words.close, onclick: onClose }, drawing(icons.x));
  panel.append(make("div", { class: "map-panel-lines" }, ...lines), close);
}
