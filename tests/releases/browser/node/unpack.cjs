// Unpack the brotli files of the package into a folder: node unpack.cjs FROM TO
const { readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { brotliDecompressSync } = require("node:zlib");

const [from, to] = process.argv.slice(2);
for (const name of ["chromium", "al2023.tar", "fonts.tar"]) {
  writeFileSync(join(to, name), brotliDecompressSync(readFileSync(join(from, `${name}.br`))));
}
