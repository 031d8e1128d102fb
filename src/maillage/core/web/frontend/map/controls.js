/* Buttons of the map: real buttons of 48 px, in the order of the tab key, each with its name. */
import { drawing, make } from "./dom.js";

const STEP = 160;

function iconButton(label, shapes, onclick) {
  return make("button", { class: "map-button", type: "button", "aria-label": label, title: label, onclick }, drawing(shapes));
}

export function mapControls({ map, words, icons, home }) {
  const pan = (x, y) => () => map.panBy([x, y]);
  const compass = make("div", { class: "map-pan" },
    iconButton(words.north, icons["chevron-up"], pan(0, -STEP)),
    iconButton(words.west, icons["chevron-left"], pan(-STEP, 0)),
    iconButton(words.east, icons["chevron-right"], pan(STEP, 0)),
    iconButton(words.south, icons["chevron-down"], pan(0, STEP)));
  const controls = make("div", { class: "map-controls", role: "group", "aria-label": words.move },
    iconButton(words.zoomIn, icons.plus, () => map.zoomIn()),
    iconButton(words.zoomOut, icons.minus, () => map.zoomOut()),
    home && iconButton(words.reset, icons.maximize, home),
    compass);
  /* On a phone the four arrows come with the focus, over the map: Escape puts them away, leaving the group forgets it. */
  controls.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (compass.contains(document.activeElement)) controls.querySelector("button").focus();
    controls.classList.add("map-controls-folded");
  });
  controls.addEventListener("focusout", (event) => {
    if (!controls.contains(event.relatedTarget)) controls.classList.remove("map-controls-folded");
  });
  return controls;
}

/* Metres that the bar of the scale stands for, a round number, and its length on the screen. */
export function scaleOf(map, longest = 110) {
  const { lat } = map.getCenter();
  const metresPerPixel = (40075016.686 * Math.cos((lat * Math.PI) / 180)) / (512 * 2 ** map.getZoom());
  const reach = metresPerPixel * longest;
  const power = 10 ** Math.floor(Math.log10(reach));
  const metres = [5, 2, 1].map((digit) => digit * power).find((length) => length <= reach) ?? power;
  return { metres, pixels: Math.round(metres / metresPerPixel) };
}

export function lengthText(metres) {
  const number = new Intl.NumberFormat(document.documentElement.lang);
  return metres >= 1000 ? `${number.format(metres / 1000)} km` : `${number.format(metres)} m`;
}
