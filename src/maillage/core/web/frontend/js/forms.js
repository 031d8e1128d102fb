/* Forms: the error summary takes the focus; filters are sent when a choice changes; a form is not sent twice.
   Listened to on the document: forms that a swap brings in are served too. */
import { announce } from "./announce.js";

function sendOnChange({ target }) {
  if (!target.matches("input[type=checkbox], input[type=radio], select")) return;
  if (target.form?.matches("[data-auto-submit]")) target.form.requestSubmit();
}

function sendOnce(event) {
  const form = event.target;
  if (form.method !== "post" || form.matches("[data-hx-post]")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  announce(form.dataset.sending ?? "");
  /* Free again when the page is shown anew from the browser's memory, or if the network never answered. */
  setTimeout(() => { delete form.dataset.sent; }, 8000);
}

/* Empty fields stay out of the address. */
function dropEmpty(data) {
  const empty = [...data.keys()].filter((name) => data.getAll(name).every((value) => value === ""));
  empty.forEach((name) => data.delete(name));
}

export function startForms(root) {
  root.querySelector(".error-summary")?.focus();
  root.addEventListener("change", sendOnChange);
  root.addEventListener("submit", sendOnce);
  root.addEventListener("formdata", (event) => { if (event.target.method === "get") dropEmpty(event.formData); });
  root.addEventListener("htmx:configRequest", ({ detail }) => { if (detail.verb === "get") dropEmpty(detail.formData); });
  window.addEventListener("pageshow", () => root.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));
}
