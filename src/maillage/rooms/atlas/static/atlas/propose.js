/* "C’est ici": for a place that will be published the exact position is wanted, not the one rounded for searches. */
document.addEventListener("maillage:located", (event) => {
  const { lon, lat } = event.detail;
  const form = event.target;
  if (!form.elements.lon || !form.elements.lat) return;
  form.elements.lon.value = lon.toFixed(6);
  form.elements.lat.value = lat.toFixed(6);
  form.elements.lat.dispatchEvent(new Event("change", { bubbles: true }));
});
