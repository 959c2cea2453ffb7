import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { iconSprite } from "./icon_sprite.js";

export default defineConfig({
  // Relative, so that STATIC_URL may be anything.
  base: "./",
  plugins: [iconSprite({ list: "src/icons.txt" })],
  resolve: {
    // Packages that write styles where the Content-Security-Policy ignores them.
    alias: [
      { find: /^domify$/, replacement: fileURLToPath(new URL("src/styling/domify.js", import.meta.url)) },
      { find: /^style-mod$/, replacement: fileURLToPath(new URL("src/styling/style_mod.js", import.meta.url)) },
    ],
  },
  build: {
    outDir: "../src/onepoint/static_build",
    emptyOutDir: true,
    // Not ".vite/manifest.json": Django's collectstatic skips names that begin with a dot.
    manifest: "manifest.json",
    target: "es2022",
    // Lower targets make lightningcss rewrite light-dark(), which turns Tabler's dark parts white on white.
    cssTarget: ["chrome123", "firefox128", "safari17.5"],
    modulePreload: { polyfill: false },
    rollupOptions: { input: { main: "src/main.js" } },
  },
});
