import { countRare } from '@carillon/db/queries/dashboard-count-rare';
import type { DashboardDeps } from '../deps.ts';
import type { Pulse } from '../pages/pulse.ts';
import { createLaneCounts } from '../queues/lane-counts.ts';

/** How the system is, for the head of the pages. Made once: all pages share what Redis was asked. */
export function createPulseNow(deps: Pick<DashboardDeps, 'sql' | 'queues'>): () => Promise<Pulse> {
  const laneCounts = createLaneCounts(deps.queues);
  return async () => {
    const [rare, lanes] = await Promise.all([countRare(deps.sql), laneCounts()]);
    return { rare, lanes };
  };
}
