import { readFileSync, writeFileSync } from 'node:fs';
import { withCrashSection } from './crash-table.ts';

/** Brings docs/reports/crash-points.md up to date with the table of crash points. */
const file = new URL('../../../docs/reports/crash-points.md', import.meta.url);
writeFileSync(file, withCrashSection(readFileSync(file, 'utf8')));
