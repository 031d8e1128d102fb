/* Forms: the error summary takes the focus; filters are sent when a choice changes; a form is not sent twice. */
import { announce } from "./announce.js";

function sendOnChange(form) {
  form.addEventListener("change", (event) => {
    if (event.target.matches("input[type=checkbox], input[type=radio], select")) form.requestSubmit();
  });
}

function sendOnce(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    announce(form.dataset.sending ?? "");
    /* Free again when the page is shown anew from the browser's memory, or if the network never answered. */
    setTimeout(() => { delete form.dataset.sent; }, 8000);
  });
}

export function startForms(root) {
  root.querySelector(".error-summary")?.focus();
  root.querySelectorAll("form[data-auto-submit]").forEach(sendOnChange);
  root.querySelectorAll("form[method=post]:not([hx-post])").forEach(sendOnce);
  window.addEventListener("pageshow", () => root.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));
}
