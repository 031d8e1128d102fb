/* <maillage-map> and <maillage-pin>: the only file that imports MapLibre. Rooms hand it layers as data (see ../templatetags/web.py). */
import maplibregl from "maplibre-gl/dist/maplibre-gl-csp.js";
import { announce } from "./js/announce.js";
import { lengthText, mapControls, scaleOf } from "./map/controls.js";
import { countText, drawing, fill, make } from "./map/dom.js";
import { featuresInView, nearestOf } from "./map/features.js";
import { chosenInAddress, keepChoice, viewInAddress } from "./map/history.js";
import { diamondPicture, hatchPicture, pointPicture, ringPicture } from "./map/images.js";
import { legendOf } from "./map/legend.js";
import { choicePanel } from "./map/panel.js";
import { ListStep } from "./map/step.js";
import { GROUPS, SINGLES, groupRadius, styleOf, whoseId } from "./map/style.js";
import { token, whenColoursChange } from "./map/tokens.js";
import { VisibleList } from "./map/visible.js";

const OPEN_STATES = ["", "open", "active"];
const CLOSEST = 18;
/* The largest group in view: 17 px for 5 entries, 32 px from 500 on, so that a small town does not look like a capital. */
const largestRadius = (count) => Math.min(32, 12 + 3.2 * Math.log(count));

const json = (text, otherwise) => { try { return JSON.parse(text); } catch { return otherwise; } };
const boundsOf = (text) => {
  const [west, south, east, north] = (text ?? "").split(",").map(Number);
  return [west, south, east, north].every(Number.isFinite) ? [[west, south], [east, north]] : null;
};
const prefersStill = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

function hasWebGL() {
  const canvas = document.createElement("canvas");
  return Boolean(canvas.getContext("webgl2") ?? canvas.getContext("webgl"));
}

/* Our names must be ready before the map draws them; a slow font is not waited for beyond a moment. */
const fontsReady = () => Promise.race([
  Promise.all(['16px "Atkinson Hyperlegible Next Variable"', '700 16px "Atkinson Bold"'].map((font) => document.fonts.load(font))),
  new Promise((done) => { setTimeout(done, 1500); }),
]);

class MapBase extends HTMLElement {
  async connectedCallback() {
    if (this.isStarted) return;
    this.isStarted = true;
    this.basemap = json(this.dataset.basemap, {});
    try {
      this.words = await (await fetch(this.dataset.words)).json();
      if (!hasWebGL()) { this.giveUp(); return; }
      maplibregl.setWorkerUrl(new URL(this.dataset.worker, location.href).href);
      const [answer] = await Promise.all([fetch(this.dataset.icons), fontsReady()]);
      this.icons = await answer.json();
      this.begin();
    } catch (fault) {
      console.error(fault);
      this.giveUp();
    }
  }

  disconnectedCallback() {
    this.stop?.forEach((end) => end());
    this.map?.remove();
    this.map = null;
  }

  giveUp() {
    this.classList.add("map-absent");
    this.querySelector(".map-no-picture")?.remove();
    if (this.words) this.append(make("p", { class: "map-message", role: "status" }, this.words.noMap));
  }

  say(sentence) {
    this.message.textContent = sentence;
    this.message.hidden = !sentence;
  }

  openMap(options, help) {
    this.canvasBox = make("div", { class: "map-canvas" });
    this.message = make("p", { class: "map-message", role: "status", hidden: true });
    this.help = make("p", { class: "visually-hidden", id: `aide-${Math.random().toString(36).slice(2)}` }, help);
    this.stage = make("div", { class: "map-stage" }, this.canvasBox);
    this.prepend(this.stage, this.message, this.help);
    const map = new maplibregl.Map({
      container: this.canvasBox, style: styleOf(this.layersGiven()), attributionControl: false, maplibreLogo: false,
      dragRotate: false, pitchWithRotate: false, touchPitch: false, maxZoom: 19, minZoom: 3, fadeDuration: 0,
      refreshExpiredTiles: false, cooperativeGestures: window.matchMedia("(pointer: coarse)").matches,
      locale: {
        "Map.Title": this.words.map,
        "CooperativeGesturesHandler.MobileHelpText": this.words.twoFingers,
        "CooperativeGesturesHandler.WindowsHelpText": this.words.twoFingers,
        "CooperativeGesturesHandler.MacHelpText": this.words.twoFingers,
      },
      ...options,
    });
    this.map = map;
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.getCanvas().setAttribute("aria-describedby", this.help.id);
    map.on("styleimagemissing", ({ id }) => this.addPicture(id));
    map.on("error", ({ error }) => { console.error(error); this.say(this.words.tilesFailed); });
    map.on("webglcontextlost", () => { this.classList.remove("map-ready"); this.say(this.words.lost); });
    map.on("webglcontextrestored", () => { this.classList.add("map-ready"); this.say(""); });
    map.on("load", () => this.classList.add("map-ready"));
    this.stop = [whenColoursChange(() => map.setStyle(styleOf(this.layersGiven()), { diff: false }))];
    return map;
  }

  layersGiven() {
    return { tiles: this.dataset.tiles, contours: this.dataset.contours, basemap: this.basemap };
  }

  addPicture(id) {
    const makers = { hatch: hatchPicture, ring: ringPicture, diamond: diamondPicture };
    const made = makers[id] ? makers[id]() : id.startsWith("point|") ? this.pointImage(id) : null;
    if (made && !this.map.hasImage(id)) this.map.addImage(id, made.image, made.options);
  }

  pointImage(id) {
    const [, themes, status] = id.split("|");
    const entry = this.legendEntry(themes.split(/[,;]/)[0].trim());
    const colour = token(entry.token);
    const onColour = token(`on-${entry.token.replace(/^--/, "")}`) || token("card");
    return pointPicture({ colour, onColour, shapes: this.icons[entry.icon] ?? this.icons["map-pin"], isOpen: OPEN_STATES.includes(status) });
  }

  legendEntry(code) {
    return this.legend?.find((entry) => entry.code === code) ?? this.legend?.[0] ?? { icon: "map-pin", token: "moss" };
  }

  scaleAndSource() {
    const bar = make("span", { class: "map-scale-bar", "aria-hidden": "true" });
    const text = make("span", { class: "tabular" });
    const draw = () => {
      const { metres, pixels } = scaleOf(this.map);
      bar.style.inlineSize = `${pixels}px`;
      text.textContent = fill(this.words.scale, { length: lengthText(metres) });
    };
    this.map.on("move", draw);
    this.map.on("load", draw);
    const sources = [this.dataset.source, this.basemap.attribution].filter(Boolean).join(" · ");
    return make("p", { class: "map-foot small" }, make("span", { class: "map-scale" }, bar, text),
      sources ? make("span", {}, fill(this.words.source, { source: sources })) : null);
  }
}

class MaillageMap extends MapBase {
  static observedAttributes = ["data-tiles", "data-bounds", "data-selected"];

  attributeChangedCallback(name, before, now) {
    if (!this.map || before === now) return;
    if (name === "data-tiles") this.map.getSource("points")?.setTiles([new URL(now, location.href).href.replace(/%7B/gi, "{").replace(/%7D/gi, "}")]);
    if (name === "data-bounds") this.showAll();
    if (name === "data-selected") this.choose(now, { quiet: true });
  }

  begin() {
    this.legend = json(this.dataset.legend, []);
    this.selected = chosenInAddress() || this.dataset.selected || "";
    const bounds = boundsOf(this.dataset.bounds);
    const map = this.openMap({ hash: "carte", ...(viewInAddress() || !bounds ? {} : { bounds, fitBoundsOptions: { padding: 24 } }) }, this.words.help);
    const picture = this.querySelector(":scope > .map-picture, :scope > .map-no-picture");
    if (picture) this.stage.prepend(picture);
    this.addFurniture();
    this.step = new ListStep(this.dataset.list, {
      onPoint: (id) => this.ring(id),
      onLeave: () => this.ring(this.selected),
      onReplaced: () => this.step.mark(this.selected, { scroll: false }),
    });
    this.stop.push(() => this.step.stop());
    map.on("idle", () => this.refresh());
    map.on("style.load", () => this.ring(this.selected));
    map.on("click", (event) => this.pressed(event));
    map.on("mousemove", (event) => { map.getCanvas().style.cursor = this.at(event.point).length ? "pointer" : ""; });
    map.on("moveend", (event) => { if (event.originalEvent || this.contains(document.activeElement)) this.moved(); });
    if (this.selected) this.step.mark(this.selected, { scroll: false });
  }

  addFurniture() {
    const { words, icons, map } = this;
    this.stage.append(mapControls({ map, words, icons, home: boundsOf(this.dataset.bounds) ? () => this.showAll() : null }));
    this.searchHere = make("button", { type: "button", class: "button map-search-here", hidden: true, onclick: () => this.searchInView() },
      drawing(icons.refresh), make("span", {}, words.searchHere));
    this.panel = make("div", { class: "map-panel", hidden: true });
    this.stage.append(this.searchHere, this.panel);
    this.visible = new VisibleList({ words, icons, onSelect: (feature) => this.choose(feature.id, { feature, focus: true }), onGroup: (group) => this.enter(group) });
    this.append(make("div", { class: "map-below" }, this.visible.element,
      legendOf({ entries: this.legend, words, icons, hasContours: Boolean(this.dataset.contours) }), this.scaleAndSource()));
  }

  showAll() {
    const bounds = boundsOf(this.dataset.bounds);
    if (bounds) this.map.fitBounds(bounds, { padding: 24, duration: prefersStill() ? 0 : 400 });
  }

  at(point) {
    if (!this.map.isStyleLoaded()) return [];
    const box = [[point.x - 8, point.y - 8], [point.x + 8, point.y + 8]];
    const layers = [...SINGLES, ...GROUPS].filter((id) => this.map.getLayer(id));
    return this.map.queryRenderedFeatures(box, { layers });
  }

  refresh() {
    const layers = [...SINGLES, ...GROUPS].filter((id) => this.map.getLayer(id));
    if (!layers.length) return;
    this.features = featuresInView(this.map, layers);
    const largest = Math.max(1, ...this.features.map((feature) => feature.count));
    if (largest !== this.largest && this.map.getLayer("groups")) {
      this.largest = largest;
      this.map.setPaintProperty("groups", "circle-radius", groupRadius(largestRadius(largest) / Math.sqrt(largest)));
    }
    this.visible.update(this.features, this.selected);
    if (this.toTell) {
      this.toTell = false;
      announce(fill(this.words.moved, { count: countText(this.visible.total) }));
    }
  }

  moved() {
    this.toTell = true;
    const form = this.dataset.form && document.querySelector(this.dataset.form);
    if (form?.elements.bbox) this.searchHere.hidden = false;
  }

  searchInView(box = this.map.getBounds()) {
    const form = document.querySelector(this.dataset.form);
    form.elements.bbox.value = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((degrees) => degrees.toFixed(5)).join(",");
    if (document.activeElement === this.searchHere) this.visible.element.querySelector("summary").focus();
    this.searchHere.hidden = true;
    this.toTell = false; /* what the search finds is told instead */
    form.requestSubmit();
  }

  pressed({ point, lngLat }) {
    const found = nearestOf(this.map, this.at(point), lngLat);
    if (!found.length) { this.choose(""); return; }
    if (found[0].count > 1) this.enter(found[0]);
    else this.choose(found[0].id, { feature: found[0], together: found });
  }

  /* A group opens at the zoom its tile tells; where none is told its entries stand on one spot: ask the list for them. */
  enter(group) {
    const zoom = this.map.getZoom();
    if (group.opensAt && zoom < CLOSEST) {
      const closer = Math.min(CLOSEST, Math.max(group.opensAt, zoom + 0.5));
      this.map.easeTo({ center: group.coordinates, zoom: closer, duration: prefersStill() ? 0 : 350 });
      this.toTell = true;
      return;
    }
    const form = this.dataset.form && document.querySelector(this.dataset.form);
    if (form?.elements.bbox) this.searchInView(maplibregl.LngLatBounds.fromLngLat(maplibregl.LngLat.convert(group.coordinates), 15));
  }

  choose(id, { feature = null, together = [], focus = false, quiet = false } = {}) {
    const known = feature ?? this.features?.find((one) => one.id === id);
    this.selected = id;
    keepChoice(id);
    this.ring(id);
    const isInList = this.step.mark(id);
    this.visible.update(this.features ?? [], id);
    const entries = together.length > 1 ? together : known ? [known] : [];
    choicePanel(this.panel, { entries, words: this.words, icons: this.icons, sheet: this.dataset.sheetUrlTemplate, onClose: () => this.close(id) });
    if (focus) this.panel.querySelector("a, button")?.focus();
    if (known && !quiet) announce(fill(isInList ? this.words.selected : this.words.selectedOnly, { name: known.name }));
  }

  close(id) {
    this.choose("", { quiet: true });
    const back = this.visible.list.querySelector(`[data-entry="${CSS.escape(id)}"]`);
    (back ?? this.map.getCanvas()).focus();
  }

  ring(id) {
    ["ring-clusters", "ring-places"].forEach((layer) => {
      if (this.map?.getLayer(layer)) this.map.setFilter(layer, whoseId(id));
    });
  }
}

class MaillagePin extends MapBase {
  begin() {
    const map = this.openMap({ bounds: boundsOf(this.dataset.bounds) ?? undefined }, this.words.pinKeys);
    const { words, icons } = this;
    this.form = this.closest("form");
    this.stage.append(mapControls({ map, words, icons, home: null }), make("span", { class: "map-cross", "aria-hidden": "true" }));
    this.remove_ = make("button", { type: "button", class: "button button-quiet", hidden: true, onclick: () => this.place(null) }, make("span", {}, words.pinRemove));
    this.append(make("p", { class: "field-help" }, words.pinHelp), make("div", { class: "form-actions" },
      make("button", { type: "button", class: "button", onclick: () => this.place(map.getCenter()) }, drawing(icons["map-pin"]), make("span", {}, words.pinHere)),
      this.remove_), this.scaleAndSource());
    map.on("click", ({ lngLat }) => this.place(lngLat));
    const lon = Number.parseFloat(this.field("lon")?.value);
    const lat = Number.parseFloat(this.field("lat")?.value);
    if (Number.isFinite(lon) && Number.isFinite(lat)) {
      this.place({ lng: lon, lat }, { quiet: true });
      map.jumpTo({ center: [lon, lat], zoom: 15 });
    }
    const follow = ({ detail }) => { this.place({ lng: detail.lon, lat: detail.lat }); map.jumpTo({ center: [detail.lon, detail.lat], zoom: 16 }); };
    this.form?.addEventListener("maillage:located", follow);
    this.stop.push(() => this.form?.removeEventListener("maillage:located", follow));
  }

  field(axis) {
    return this.form?.elements[this.dataset[axis]];
  }

  place(position, { quiet = false } = {}) {
    this.marker?.remove();
    this.marker = null;
    this.remove_.hidden = !position;
    for (const [axis, name] of [["lon", "lng"], ["lat", "lat"]]) {
      const field = this.field(axis);
      if (field && !quiet) field.value = position ? position[name].toFixed(6) : "";
    }
    if (!position) return;
    const mark = make("div", { class: "map-pin-mark", "aria-hidden": "true" }, drawing(this.icons["map-pin"]));
    this.marker = new maplibregl.Marker({ element: mark, anchor: "bottom", draggable: true }).setLngLat(position).addTo(this.map);
    this.marker.on("dragend", () => this.place(this.marker.getLngLat()));
    if (!quiet) announce(this.words.pinPlaced);
  }
}

if (!customElements.get("maillage-map")) {
  customElements.define("maillage-map", MaillageMap);
  customElements.define("maillage-pin", MaillagePin);
}
