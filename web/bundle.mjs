// Makes the scripts that the server ships: src/*.ts -> ../src/Probity.Server/wwwroot/ui/*.js, and their hashes.
// Run `npm ci && npm run check && npm run bundle` here; a test compares the committed files with bundle.sha256.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const out = "../src/Probity.Server/wwwroot/ui/";
const scripts = ["theme", "app", "verify"];
await build({
  entryPoints: scripts.map((name) => `src/${name}.ts`),
  outdir: out,
  bundle: true,
  format: "iife", // One file each, no imports: the verify page still works when it is saved and opened from a disk.
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "inline",
  banner: { js: "/* Built from web/src by web/bundle.mjs; do not edit. Apache-2.0; contains noble-ed25519, noble-hashes and qrcode-generator, MIT. */" },
});
const sums = scripts.map((name) => {
  const hash = createHash("sha256").update(readFileSync(`${out}${name}.js`)).digest("hex");
  return `${hash}  ${name}.js\n`;
});
writeFileSync("bundle.sha256", sums.join(""));
process.stdout.write(sums.join(""));
