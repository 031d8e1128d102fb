/* What is drawn in view, each place once: an entry with seven places is seven points, and tiles overlap at their edges. */
const plain = (feature) => {
  const { properties, geometry } = feature;
  const count = Math.max(1, Number(properties.count) || 1);
  const coordinates = geometry.coordinates;
  const id = count > 1 ? "" : String(properties.id ?? feature.id ?? "");
  const key = [id || count, ...coordinates.map((degrees) => degrees.toFixed(5))].join("/");
  return { id, key, count, coordinates, name: String(properties.name ?? id), theme: properties.theme ?? "", status: properties.status ?? "", opensAt: Number(properties.splits_at) || null };
};

const unique = (features) => [...new Map(features.filter(({ geometry }) => geometry.type === "Point").map(plain).map((one) => [one.key, one])).values()];

export function featuresInView(map, layers) {
  const bounds = map.getBounds();
  const order = new Intl.Collator(document.documentElement.lang);
  return unique(map.queryRenderedFeatures({ layers }))
    .filter((feature) => bounds.contains(feature.coordinates))
    .sort((one, other) => other.count - one.count || order.compare(one.name, other.name));
}

/* The entries under the finger, nearest first; more than one only where they stand on the same spot. */
export function nearestOf(map, features, lngLat) {
  const target = map.project(lngLat);
  const far = (feature) => target.dist(map.project(feature.coordinates));
  const sorted = unique(features).sort((one, other) => far(one) - far(other));
  if (!sorted.length || sorted[0].count > 1) return sorted.slice(0, 1);
  const spot = map.project(sorted[0].coordinates);
  return sorted.filter((one) => one.count === 1 && spot.dist(map.project(one.coordinates)) < 5);
}
