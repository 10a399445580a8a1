import { countRare } from '@carillon/db/notifications/dashboard-list-notifications';
import type { DashboardDeps } from '../deps.ts';
import type { Pulse } from '../pages/pulse.ts';
import { createLaneCounts } from '../queues/lane-counts.ts';

/** The system status in the page header. Created once: all pages share its Redis queries. */
export function createPulseNow(deps: Pick<DashboardDeps, 'sql' | 'queues'>): () => Promise<Pulse> {
  const laneCounts = createLaneCounts(deps.queues);
  return async () => {
    const [rare, lanes] = await Promise.all([countRare(deps.sql), laneCounts()]);
    return { rare, lanes };
  };
}
