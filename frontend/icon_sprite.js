import { readFileSync } from "node:fs";

const iconFolder = new URL("node_modules/@tabler/icons/icons/outline/", import.meta.url);

function symbol(name) {
  const svg = readFileSync(new URL(`${name}.svg`, iconFolder), "utf8");
  const body = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  // The sprite inherits stroke and size from the <svg class="icon"> that uses it.
  return `<symbol id="${name}" viewBox="0 0 24 24">${body.trim().replace(/\s*\n\s*/g, "")}</symbol>`;
}

/** Writes one SVG sprite with exactly the icons named in the list, so that a page loads one small file. */
export function iconSprite({ list }) {
  return {
    name: "icon-sprite",
    buildStart() {
      this.addWatchFile(list);
    },
    generateBundle() {
      const names = readFileSync(list, "utf8")
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line && !line.startsWith("#"));
      const symbols = [...new Set(names)].sort().map(symbol).join("\n");
      this.emitFile({
        type: "asset",
        name: "icons.svg",
        originalFileName: "src/icons.svg",
        source: `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols}\n</svg>\n`,
      });
    },
  };
}
