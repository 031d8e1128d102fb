/* The style of the map: pale ground, thin lines, our points. Names are drawn by the browser with our own font. */
import { token } from "./tokens.js";

const TEXT = ["Atkinson Hyperlegible Next Variable"];
const BOLD = ["Atkinson Bold"];
export const GROUPS = ["groups"];
export const SINGLES = ["singles-clusters", "singles-places"];
/* What kernels/tiles/layers.py says of a cluster; an entry alone in its cell has no count. */
const COUNT = ["coalesce", ["get", "count"], 1];
const IS_GROUP = [">", COUNT, 1];
const IS_DISTRICT = ["in", ["get", "kind"], ["literal", ["qpv", "qva"]]];
const ID = ["to-string", ["coalesce", ["get", "id"], ""]];

const absolute = (template) => (template.startsWith("/") ? location.origin + template : template);

function sources({ tiles, contours, basemap }) {
  const all = {};
  if (basemap.tiles) all.basemap = { type: "raster", tiles: [basemap.tiles], tileSize: 256, maxzoom: 19 };
  if (contours) all.territories = { type: "vector", tiles: [absolute(contours)], maxzoom: 14 };
  if (tiles) all.points = { type: "vector", tiles: [absolute(tiles)], maxzoom: 18 };
  return all;
}

function territoryLayers() {
  const from = { source: "territories", "source-layer": "territories" };
  return [
    { id: "district-fill", type: "fill", ...from, filter: IS_DISTRICT, paint: { "fill-pattern": "hatch" } },
    {
      id: "commune-line", type: "line", ...from, filter: ["!", IS_DISTRICT],
      paint: {
        "line-color": token("map-line"),
        "line-width": ["interpolate", ["linear"], ["zoom"], 8, 0.5, 12, 1, 16, 1.6],
      },
    },
    {
      id: "district-line", type: "line", ...from, filter: IS_DISTRICT,
      paint: { "line-color": token("map-hatch"), "line-width": 1.5, "line-dasharray": [3, 2] },
    },
  ];
}

function labelLayers() {
  const from = { source: "territories", "source-layer": "territory_labels", type: "symbol" };
  const paint = { "text-halo-color": token("map-ground"), "text-halo-width": 2 };
  return [
    {
      id: "commune-label", ...from, filter: ["!", IS_DISTRICT], minzoom: 9,
      layout: {
        "text-field": ["get", "name"], "text-font": TEXT, "text-max-width": 7, "text-padding": 4,
        "text-size": ["interpolate", ["linear"], ["zoom"], 9, 12, 13, 16],
      },
      paint: { ...paint, "text-color": token("ink-soft") },
    },
    {
      id: "district-label", ...from, filter: IS_DISTRICT, minzoom: 11,
      layout: {
        "text-field": ["get", "name"], "text-font": BOLD, "text-size": 13, "text-max-width": 8,
        "icon-image": ["case", ["==", ["get", "quality"], "none"], "diamond", ""],
        "text-variable-anchor": ["top", "bottom", "left", "right"], "text-radial-offset": 0.9, "text-optional": true,
      },
      paint: { ...paint, "text-color": token("map-hatch") },
    },
  ];
}

function groupLayers() {
  const from = { source: "points", "source-layer": "clusters", filter: IS_GROUP };
  return [
    {
      id: "groups", type: "circle", ...from,
      paint: {
        "circle-color": token("card"), "circle-radius": groupRadius(1),
        "circle-stroke-color": token("brick"), "circle-stroke-width": 3,
      },
    },
    {
      id: "group-numbers", type: "symbol", ...from,
      layout: {
        "text-field": ["number-format", COUNT, { locale: document.documentElement.lang }],
        "text-font": BOLD, "text-size": 15, "text-allow-overlap": true, "text-padding": 12,
      },
      paint: { "text-color": token("ink"), "text-halo-color": token("card"), "text-halo-width": 2 },
    },
  ];
}

function singleLayers(sourceLayer) {
  return {
    id: `singles-${sourceLayer}`, type: "symbol", source: "points", "source-layer": sourceLayer, filter: ["!", IS_GROUP],
    layout: {
      "icon-image": ["concat", "point|", ["coalesce", ["get", "theme"], ""], "|", ["coalesce", ["get", "status"], ""]],
      "icon-allow-overlap": true, "text-optional": true, "text-font": TEXT, "text-size": 14, "text-max-width": 9,
      "text-field": ["step", ["zoom"], "", 14, ["coalesce", ["get", "name"], ""]],
      "text-variable-anchor": ["left", "right", "bottom", "top"], "text-radial-offset": 1.5, "text-justify": "auto",
    },
    paint: { "text-color": token("ink"), "text-halo-color": token("map-ground"), "text-halo-width": 2 },
  };
}

const ringLayer = (sourceLayer) => ({
  id: `ring-${sourceLayer}`, type: "symbol", source: "points", "source-layer": sourceLayer, filter: whoseId(""),
  layout: { "icon-image": "ring", "icon-allow-overlap": true, "icon-ignore-placement": true },
});

/* The surface of a circle follows its number; `scale` fits the largest in view, and none is too small for its number. */
export function groupRadius(scale) {
  return ["max", 15, ["*", scale, ["sqrt", COUNT]]];
}

export const whoseId = (id) => ["all", ["!", IS_GROUP], ["==", ID, String(id)], ["!=", ID, ""]];

export function styleOf({ tiles, contours, basemap }) {
  const layers = [{ id: "ground", type: "background", paint: { "background-color": token("map-ground") } }];
  if (basemap.tiles) layers.push({ id: "basemap", type: "raster", source: "basemap", paint: { "raster-saturation": -0.5, "raster-opacity": 0.75 } });
  if (contours) layers.push(...territoryLayers(), ...labelLayers());
  if (tiles) {
    /* Numbers come last: where a circle and a point touch, the number can still be read. */
    const [circles, numbers] = groupLayers();
    layers.push(circles, singleLayers("clusters"), singleLayers("places"), numbers);
    layers.push(ringLayer("clusters"), ringLayer("places"));
  }
  return { version: 8, sources: sources({ tiles, contours, basemap }), layers, transition: { duration: 0 } };
}
