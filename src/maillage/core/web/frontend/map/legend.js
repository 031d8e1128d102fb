/* The legend, in step with what the legend attribute declares; open where there is room. */
import { drawing, make } from "./dom.js";
import { token } from "./tokens.js";

function sample(kind) {
  return make("span", { class: `map-sample map-sample-${kind}`, "aria-hidden": "true" });
}

function pointSample(entry, icons) {
  const box = make("span", { class: "map-sample map-sample-point", "aria-hidden": "true" }, drawing(icons[entry.icon]));
  box.style.setProperty("--point", token(entry.token));
  box.style.setProperty("--on-point", token(`on-${entry.token.replace(/^--/, "")}`) || token("card"));
  return box;
}

export function legendOf({ entries, words, icons, hasContours }) {
  const line = (mark, text) => make("li", {}, mark, make("span", {}, text));
  const list = make("ul", { class: "map-legend-list plain" },
    ...entries.map((entry) => line(pointSample(entry, icons), entry.label)),
    line(sample("open"), words.openPoint),
    line(sample("closed"), words.closedPoint),
    line(sample("group"), words.cluster),
    hasContours ? line(sample("district"), words.district) : null,
    hasContours ? line(sample("diamond"), words.districtPoint) : null,
    hasContours ? line(sample("commune"), words.commune) : null);
  const wide = window.matchMedia("(min-width: 48em)").matches;
  return make("details", { class: "disclosure map-legend", open: wide }, make("summary", {}, drawing(icons["chevron-down"], "icon icon-open"), make("span", {}, words.legend)), list);
}
