import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { GENERATED, withSection } from './generated.ts';
import { ROOT } from './pages.ts';

/** Brings the generated parts of the pages up to date. */
for (const part of GENERATED) {
  const file = path.join(ROOT, part.file);
  writeFileSync(file, withSection(readFileSync(file, 'utf8'), part));
}
