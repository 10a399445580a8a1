import type { FileSample } from '@carillon/core/import/sample';
import { useSyncExternalStore } from 'react';

/** An import that is being prepared. It stays while one looks at its check and comes back. */
export interface ImportDraft {
  file: File;
  sample: FileSample;
  /** The field of each column; empty leaves it out. */
  fields: readonly string[];
  /** Of the app, for preferences. */
  categories: readonly string[];
  mode: 'upsert' | 'replace';
  resubscribe: boolean;
}

let draft: ImportDraft | null = null;
const listeners = new Set<() => void>();

function change(next: ImportDraft | null): void {
  draft = next;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** The draft of this tab, and how it is replaced. */
export function useImportDraft(): [ImportDraft | null, (next: ImportDraft | null) => void] {
  return [useSyncExternalStore(subscribe, () => draft), change];
}
