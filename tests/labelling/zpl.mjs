// Render files of ZPL by another's renderer: node zpl.mjs '[["label.zpl", widthMm, heightMm, dotsPerMm], ...]'
import { readFileSync, writeFileSync } from "node:fs";
import { ready } from "zpl-renderer-js";

const { api } = await ready;
for (const [file, width, height, dots] of JSON.parse(process.argv[2])) {
  const rendered = await api.zplToBase64MultipleAsync(readFileSync(file, "utf8"), width, height, dots);
  rendered.forEach((page, number) => writeFileSync(`${file}.${number}.png`, Buffer.from(page, "base64")));
}
process.exit(0);
