import { holdBreaker } from '@carillon/services/breakers/hold';
import { releaseBreaker } from '@carillon/services/breakers/release';
import { Hono } from 'hono';
import { checkedForm } from '../auth/checked-form.ts';
import { needs } from '../auth/needs.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import type { Deed } from '../pages/breaker-part.ts';
import { staffContext } from '../staff-context.ts';

/** The three manual actions on the breaker of a provider account. */
export function breakerRoutes(deps: DashboardDeps): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();

  app.post(
    '/providers/:account/:deed{open|close|release}',
    needs('breaker.hold', 'Moving a breaker by hand'),
    async (c) => {
      const form = await checkedForm(c);
      if (!form.ok) return form.answer;
      const account = c.req.param('account');
      if (account.includes('\0')) return c.notFound();
      const deed = c.req.param('deed') as Deed;
      const reason = form.field('reason', 500);
      // The browser requires one too; the reason is shown to other staff later.
      if (deed !== 'release' && reason === undefined) return c.redirect('/providers?unexplained', 303);

      const ctx = staffContext(c, deps);
      const { state } =
        deed === 'release'
          ? await releaseBreaker(ctx, { account, reason })
          : await holdBreaker(ctx, { account, state: deed === 'open' ? 'open' : 'closed', reason: reason! });
      deps.log.info('breaker moved by hand', {
        account,
        action: deed,
        to: state,
        staff_id: c.get('staff').id,
      });
      return c.redirect(`/providers?changed=${encodeURIComponent(account)}`, 303);
    },
  );
  return app;
}
