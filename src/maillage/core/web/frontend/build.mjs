/* The one bundling step: sources of this folder → ../static/web/build/ (not kept in the repository). */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(here, "../static/web/build");
const packageFolder = (name) => {
  let folder = here;
  while (!existsSync(join(folder, "node_modules", name))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`${name} is not installed: run "npm ci" first`);
    folder = parent;
  }
  return join(folder, "node_modules", name);
};

/* Browsers of about the last five years: an old phone that still gets updates of its browser. */
const target = ["chrome90", "firefox90", "safari14.1"];

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, "fonts"), { recursive: true });

const common = { bundle: true, minify: true, target, legalComments: "linked", logLevel: "warning" };
await build({
  ...common,
  entryPoints: [join(here, "app.css"), join(here, "map.css")],
  outdir: out,
  external: ["./fonts/*"],
});
/* htmx's own short form is 1 kB lighter than what esbuild makes of its modules. */
const shortHtmx = {
  name: "short-htmx",
  setup: (step) => step.onLoad({ filter: /htmx\.esm\.js$/ }, ({ path }) => ({
    contents: `${readFileSync(join(dirname(path), "htmx.min.js"), "utf8")}\nexport default htmx;`,
  })),
};
/* htmx would note the address of each page in the browser's storage, for a history that we do not use (see app.js). Without
   that storage it keeps the address in the page's memory: nothing of a visit stays behind on a shared computer. */
const keepsNothing = { sessionStorage: "undefined", localStorage: "undefined" };
await build({ ...common, define: keepsNothing, plugins: [shortHtmx], entryPoints: [join(here, "app.js")], outfile: join(out, "app.js"), format: "iife" });
await build({ ...common, entryPoints: [join(here, "map-element.js")], outfile: join(out, "map.js"), format: "esm" });

/* The worker is a file of our own origin, so that the policy needs neither blob: nor unsafe-eval. */
const maplibre = join(packageFolder("maplibre-gl"), "dist");
const worker = readFileSync(join(maplibre, "maplibre-gl-csp-worker.js"), "utf8");
writeFileSync(join(out, "map-worker.js"), worker.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n")); // its map is not served

const fonts = {
  "atkinson-latin": ["@fontsource-variable/atkinson-hyperlegible-next", "atkinson-hyperlegible-next-latin-wght-normal"],
  "atkinson-latin-ext": ["@fontsource-variable/atkinson-hyperlegible-next", "atkinson-hyperlegible-next-latin-ext-wght-normal"],
  "noto-arabic-400": ["@fontsource/noto-sans-arabic", "noto-sans-arabic-arabic-400-normal"],
  "noto-arabic-700": ["@fontsource/noto-sans-arabic", "noto-sans-arabic-arabic-700-normal"],
};
for (const [name, [module, file]] of Object.entries(fonts)) {
  copyFileSync(join(packageFolder(module), "files", `${file}.woff2`), join(out, "fonts", `${name}.woff2`));
}

const iconNames = readFileSync(join(here, "icons.txt"), "utf8").split("\n").map((line) => line.trim()).filter((line) => line && !line.startsWith("#"));
const symbol = (name) => {
  const source = readFileSync(join(packageFolder("@tabler/icons"), "icons/outline", `${name}.svg`), "utf8");
  const shapes = source.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/\s*<path stroke="none"[^>]*\/>/, "").replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 24 24" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${shapes}</symbol>`;
};
writeFileSync(join(out, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${iconNames.map(symbol).join("\n")}</svg>\n`);
/* The map draws the same icons on its canvas: their shapes as data, only for those a legend may name. */
const mapIcons = JSON.parse(readFileSync(join(here, "map-icons.json"), "utf8"));
writeFileSync(join(out, "map-icons.json"), JSON.stringify(Object.fromEntries(mapIcons.map((name) => [name, [...symbol(name).matchAll(/ d="([^"]+)"/g)].map((found) => found[1])]))));

const sizes = ["app.css", "app.js", "map.js", "map-worker.js", "map.css", "icons.svg"].map((name) => {
  const size = gzipSync(readFileSync(join(out, name)), { level: 9 }).length;
  return `${name} ${(size / 1000).toFixed(1)} kB`;
});
console.log(`Built, compressed: ${sizes.join(" · ")}`);
