import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const MIGRATIONS = path.join(import.meta.dirname, '../../db/migrations');

export interface MoreMigrations {
  folder: string;
  remove(): void;
}

/**
 * The migrations of a release and more behind them, as a later release would have them.
 *
 * @param texts of the additional ones, in order; the first is named `later_1`.
 * @param upTo the newest of those that are there; default all.
 */
export function moreMigrations(texts: readonly string[], upTo?: string): MoreMigrations {
  const folder = mkdtempSync(path.join(tmpdir(), 'carillon-migrations-'));
  cpSync(MIGRATIONS, folder, { recursive: true });
  const file = path.join(folder, 'meta/_journal.json');
  const journal = JSON.parse(readFileSync(file, 'utf8')) as {
    entries: { idx: number; when: number; tag: string }[];
  };
  if (upTo !== undefined) journal.entries.splice(journal.entries.findIndex(({ tag }) => tag === upTo) + 1);
  const last = journal.entries.at(-1)!;
  texts.forEach((text, k) => {
    const tag = `later_${k + 1}`;
    journal.entries.push({ ...last, idx: last.idx + k + 1, when: last.when + k + 1, tag });
    writeFileSync(path.join(folder, `${tag}.sql`), text);
  });
  writeFileSync(file, JSON.stringify(journal));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
