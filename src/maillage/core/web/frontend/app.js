/* Small help for browsers with JavaScript; every page works without it. */
import htmx from "htmx.org/dist/htmx.esm.js";
import { announceSwaps } from "./js/announce.js";
import { startDisclosures } from "./js/disclosures.js";
import { startForms } from "./js/forms.js";
import { startLocation } from "./js/location.js";
import { startMaps } from "./js/maps.js";
import { startReading } from "./js/reading.js";
import { startSharing } from "./js/sharing.js";
import { startSkipLinks } from "./js/skip.js";

document.documentElement.classList.add("js");
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
/* Going back loads the page anew: every part of it is then as the address says. */
htmx.config.historyCacheSize = 0;
htmx.config.refreshOnHistoryMiss = true;
htmx.config.scrollIntoViewOnBoost = false;
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  /* A refused form comes back as a page part with its errors: show it. */
  { code: "4(00|03|04|09|22)", swap: true, error: false },
  { code: "[45]..", swap: false, error: true },
];

const start = () => {
  announceSwaps(document);
  startForms(document);
  startDisclosures(document);
  startLocation(document);
  startSharing(document);
  startReading(document);
  startMaps(document);
  startSkipLinks(document);
};
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
