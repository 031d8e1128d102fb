/* What the map shows, as a list of buttons: the keyboard's and the screen reader's way through the points in view. */
import { countText, drawing, fill, make } from "./dom.js";

const SHOWN_AT_ONCE = 40;

export class VisibleList {
  constructor({ words, icons, onSelect, onGroup }) {
    Object.assign(this, { words, icons, onSelect, onGroup });
    this.count = make("span", { class: "soft" });
    this.list = make("ul", { class: "map-visible-list plain" });
    this.more = make("button", { type: "button", class: "button button-quiet", hidden: true, onclick: () => this.showMore() });
    this.element = make("details", { class: "disclosure map-visible" },
      make("summary", {}, drawing(icons["chevron-down"], "icon icon-open"), make("span", {}, words.visible, " "), this.count),
      this.list, this.more);
    this.features = [];
    this.shown = SHOWN_AT_ONCE;
    this.selected = "";
  }

  /* `total` counts every entry in view, those inside groups too. */
  update(features, selected) {
    this.features = features;
    this.selected = selected;
    this.shown = SHOWN_AT_ONCE;
    this.total = features.reduce((sum, feature) => sum + feature.count, 0);
    this.count.textContent = `(${countText(this.total)})`;
    this.draw();
  }

  showMore() {
    const first = this.shown;
    this.shown = this.features.length;
    this.draw();
    this.list.children[first]?.querySelector("button")?.focus();
  }

  draw() {
    const focused = this.list.contains(document.activeElement) && document.activeElement.dataset.key;
    const lines = this.features.slice(0, this.shown).map((feature) => make("li", {}, this.button(feature)));
    this.list.replaceChildren(...(lines.length ? lines : [make("li", { class: "soft" }, this.words.visibleNone)]));
    const rest = this.features.length - this.shown;
    this.more.hidden = rest <= 0;
    this.more.textContent = `+ ${countText(rest)}`;
    if (focused) this.giveBack(focused);
  }

  /* The list was drawn anew under a focused button: the focus goes back to the same place, or to the first one where it is
     gone, as when its group was opened. */
  giveBack(key) {
    const same = this.list.querySelector(`[data-key="${CSS.escape(key)}"]`);
    (same ?? this.list.querySelector("button") ?? this.element.querySelector("summary")).focus();
  }

  button(feature) {
    const isGroup = feature.count > 1;
    const text = isGroup ? fill(this.words.group, { count: countText(feature.count) }) : feature.name;
    const mark = drawing(this.icons[isGroup ? "zoom-in" : "map-pin"]);
    return make("button", {
      type: "button", class: "map-visible-item", "data-key": feature.key, "data-entry": feature.id || null,
      "aria-current": !isGroup && feature.id === this.selected ? "true" : null,
      onclick: () => (isGroup ? this.onGroup(feature) : this.onSelect(feature)),
    }, mark, make("span", {}, text, isGroup ? make("span", { class: "visually-hidden" }, ` — ${this.words.groupHelp}`) : null));
  }
}
