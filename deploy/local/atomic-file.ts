import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Writes a JSON file so that a reader sees the old or the new content, never half of it, and only its owner can. */
export function writeJson(file: string, value: unknown): void {
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
}

/** What a JSON file holds; null if there is none or it is not JSON. */
export function readJson<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return null;
  }
}
