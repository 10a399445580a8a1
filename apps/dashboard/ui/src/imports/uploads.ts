import { useSyncExternalStore } from 'react';
import { type ImportPlan, Upload, type UploadView } from './upload.ts';

/** The uploads of this tab, by the ids of their imports; those that ended too, for their files. */
const uploads = new Map<string, Upload>();

/** Begins an import. @returns its id. */
export function startUpload(plan: Omit<ImportPlan, 'isChosenAgain'>): string {
  const id = crypto.randomUUID();
  uploads.set(id, new Upload(id, { ...plan, isChosenAgain: false }));
  return id;
}

/** Goes on with an import whose file was chosen again. */
export function resumeUpload(id: string, plan: Omit<ImportPlan, 'isChosenAgain' | 'map'>): void {
  // The columns are known from before.
  uploads.set(id, new Upload(id, { ...plan, map: {}, isChosenAgain: true }));
}

// Leaving the page ends the upload: asked before.
window.addEventListener('beforeunload', (event) => {
  if ([...uploads.values()].some(({ isRunning }) => isRunning)) event.preventDefault();
});

const nothing = () => () => {};

/** The upload of an import in this tab, as it is at the moment; null if its file was never chosen here. */
export function useUpload(id: string): { upload: Upload; view: UploadView } | null {
  const upload = uploads.get(id);
  const view = useSyncExternalStore(upload?.subscribe ?? nothing, () => upload?.view() ?? null);
  return upload === undefined || view === null ? null : { upload, view };
}
