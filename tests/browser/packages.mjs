// Exits 1 unless the packages that package.json pins are installed in just these versions.
import { readFileSync } from 'node:fs';

const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url)));

for (const [name, version] of Object.entries(read('package.json').dependencies)) {
  if (read(`node_modules/${name}/package.json`).version !== version) process.exit(1);
}
