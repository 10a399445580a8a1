import { holdBreaker } from '@carillon/db/queries/hold-breaker';
import { releaseBreaker } from '@carillon/db/queries/release-breaker';
import { Hono } from 'hono';
import { checkedForm } from '../auth/checked-form.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import type { Deed } from '../pages/breaker-part.ts';

/** The three things a person can do to the breaker of a provider account. */
export function breakerRoutes({ sql, log }: DashboardDeps): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();

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
