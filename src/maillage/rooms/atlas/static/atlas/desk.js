/* The moderation desk's keys: j and k move, a accepts, r goes to the reasons (then Enter on "Refuser").
   They can be switched off, and do nothing while one is typing. Opening an item takes it, so that others see it is looked at. */
const KEPT = "maillage-desk-keys";
const toggle = document.getElementById("touches");
const item = document.getElementById("demande");

const kept = () => { try { return localStorage.getItem(KEPT); } catch { return null; } };
const keep = (value) => { try { localStorage.setItem(KEPT, value); } catch { /* private browsing: asked again next time */ } };

if (toggle) {
  toggle.checked = kept() !== "off";
  toggle.addEventListener("change", () => keep(toggle.checked ? "on" : "off"));
}

const isTyping = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;

document.addEventListener("keydown", (event) => {
  if (!toggle?.checked || event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
  if (event.key === "r") {
    const reason = document.getElementById("id_reason_code");
    if (reason) { event.preventDefault(); reason.focus(); reason.scrollIntoView({ block: "center" }); }
    return;
  }
  const named = /^[jka]$/.test(event.key) ? document.querySelector(`[data-key="${event.key}"]`) : null;
  if (named) { event.preventDefault(); named.click(); }
});

async function takeItem() {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
  if (!item?.dataset.claim || !token) return;
  const body = new URLSearchParams({ csrfmiddlewaretoken: token });
  await fetch(item.dataset.claim, { method: "POST", body, redirect: "manual", credentials: "same-origin" });
}

takeItem();
