/* <maillage-atlas src="https://…/atlas/" filters="theme=rights" title="…" height="640"> on any site: a frame, nothing else.
   No cookie, no measure, no other request than the frame's own. */
(() => {
  if (customElements.get("maillage-atlas")) return;

  class MaillageAtlas extends HTMLElement {
    static observedAttributes = ["src", "filters", "title", "height"];

    connectedCallback() {
      this.draw();
    }

    attributeChangedCallback() {
      if (this.isConnected) this.draw();
    }

    draw() {
      const base = this.address();
      if (!base) return;
      if (!this.frame) {
        this.frame = document.createElement("iframe");
        this.frame.loading = "lazy";
        this.frame.allow = "geolocation";
        this.frame.style.cssText = "display:block;inline-size:100%;border:1px solid currentColor;border-radius:12px";
        this.replaceChildren(this.frame);
      }
      this.frame.title = this.getAttribute("title") || "Maillage";
      this.frame.height = String(Math.max(320, Number.parseInt(this.getAttribute("height") || "640", 10) || 640));
      const wanted = new URL("cadre/", base);
      wanted.search = new URLSearchParams(this.getAttribute("filters") || "").toString();
      if (this.frame.src !== wanted.href) this.frame.src = wanted.href;
    }

    /* Only web addresses: a "javascript:" one would run on the page that holds this element. */
    address() {
      try {
        const found = new URL(this.getAttribute("src") || "", document.baseURI);
        if (found.protocol !== "https:" && found.protocol !== "http:") return null;
        if (!found.pathname.endsWith("/")) found.pathname += "/";
        found.search = "";
        found.hash = "";
        return found;
      } catch {
        return null;
      }
    }
  }

  customElements.define("maillage-atlas", MaillageAtlas);
})();
