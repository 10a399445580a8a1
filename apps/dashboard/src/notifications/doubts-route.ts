import { may } from '@carillon/core/access/access';
import { listDoubts } from '@carillon/db/doubts/list-doubts';
import type { Hono } from 'hono';
import { looks } from '../auth/needs.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { doubtsPage } from '../pages/doubts.ts';
import type { Pulse } from '../pages/pulse.ts';

const SHOWN = 100;

/** GET /doubts: notifications in doubt, those that need a manual decision first. */
export function registerDoubts(
  app: Hono<DashboardEnv>,
  { sql }: DashboardDeps,
  pulseNow: () => Promise<Pulse>,
): void {
  app.get('/doubts', looks, async (c) => {
    const [pulse, found] = await Promise.all([pulseNow(), listDoubts(sql, SHOWN + 1)]);
    return c.html(
      doubtsPage({
        frame: { staff: c.get('staff'), formToken: c.get('formToken') },
        pulse,
        rows: found.slice(0, SHOWN),
        more: found.length > SHOWN,
        seesAddresses: may(c.get('staff').role, 'address.read'),
        now: new Date(),
      }),
    );
  });
}
