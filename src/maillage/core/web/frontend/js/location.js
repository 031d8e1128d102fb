/* A button [data-locate] asks the device where it is, only when pressed, and fills the fields it names.
   The position is rounded to about 100 m before it enters the page: it may end in the address bar. */
import { announce } from "./announce.js";

const round = (degrees) => degrees.toFixed(3);

function locate(button) {
  const form = button.form ?? button.closest("form");
  const keep = (name, value) => {
    const field = form.elements[name];
    field.disabled = value === "";
    field.value = value;
  };
  const say = (text) => {
    const place = document.getElementById(button.dataset.locateMessage);
    if (place) place.textContent = text;
    announce(text);
  };
  say(button.dataset.locating);
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      keep(button.dataset.lon, round(coords.longitude));
      keep(button.dataset.lat, round(coords.latitude));
      const label = form.elements[button.dataset.place];
      if (label) label.value = button.dataset.here;
      say(button.dataset.located);
      form.dispatchEvent(new CustomEvent("maillage:located", { bubbles: true, detail: { lon: coords.longitude, lat: coords.latitude } }));
    },
    () => say(button.dataset.locateFailed),
    { maximumAge: 300000, timeout: 10000 },
  );
}

export function startLocation(root) {
  root.querySelectorAll("[data-locate]").forEach((button) => {
    if (!("geolocation" in navigator) || !window.isSecureContext) return;
    button.hidden = false;
    button.addEventListener("click", () => locate(button));
    const label = (button.form ?? button.closest("form"))?.elements[button.dataset.place];
    /* A place typed by hand wins over the position of the device. */
    label?.addEventListener("input", () => {
      for (const name of [button.dataset.lon, button.dataset.lat]) {
        const field = label.form.elements[name];
        field.value = "";
        field.disabled = true;
      }
    });
  });
}
