import { holdBreaker } from '@carillon/db/queries/hold-breaker';
import { listBreakers } from '@carillon/db/queries/list-breakers';
import { releaseBreaker } from '@carillon/db/queries/release-breaker';
import { Hono } from 'hono';
import { checkedForm } from '../auth/checked-form.ts';
import { may } from '../auth/permissions.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { type Deed, providersPage } from '../pages/providers.ts';

/** More accounts than any installation has; the page has no pages. */
const SHOWN = 500;

/** The provider accounts with their breakers, and the three things a person can do to one. */
export function breakerRoutes({ sql, log }: DashboardDeps): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();

  app.get('/providers', async (c) => {
    const rows = await listBreakers(sql, undefined, SHOWN);
    return c.html(
      providersPage({
        frame: { staff: c.get('staff'), formToken: c.get('formToken') },
        rows,
        mayHold: may(c.get('staff').role, 'breaker.hold'),
        changed: rows.find(({ account }) => account === c.req.query('changed')) ?? null,
        unexplained: c.req.query('unexplained') !== undefined,
        now: new Date(),
      }),
    );
  });

  app.post('/providers/:account/:deed{open|close|release}', async (c) => {
    const form = await checkedForm(c, 'breaker.hold', 'Moving a breaker by hand');
    if (!form.ok) return form.answer;
    const account = c.req.param('account');
    if (account.includes('\0')) return c.notFound();
    const deed = c.req.param('deed') as Deed;
    const actor = `staff:${c.get('staff').email}`;
    const reason = form.field('reason', 500);
    // The browser asks for one too; whoever finds it held next week must know why.
    if (deed !== 'release' && reason === undefined) return c.redirect('/providers?unexplained', 303);

    const row =
      deed === 'release'
        ? await releaseBreaker(sql, account, reason, actor)
        : await holdBreaker(sql, account, deed === 'open' ? 'open' : 'closed', reason!, actor);
    if (!row) return c.notFound();
    log('breaker moved by hand', { account, deed, actor, state: row.state });
    return c.redirect(`/providers?changed=${encodeURIComponent(account)}`, 303);
  });
  return app;
}
