import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { HonoAdapter } from '@bull-board/hono';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { may } from '../auth/permissions.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { maskText } from '../notifications/mask.ts';
import { boardGuard } from './board-guard.ts';

export const BOARD_PATH = '/queues';

/**
 * Bull Board for all lanes, below /queues and behind the session. Two boards over the same queues: viewers get one
 * that shows no buttons. That is manners only; the guard refuses them whatever they send.
 */
export function boardRoutes(deps: Pick<DashboardDeps, 'sql' | 'queues'>): Hono<DashboardEnv> {
  const boards = { working: makeBoard(deps, false), reading: makeBoard(deps, true) };
  const app = new Hono<DashboardEnv>();

  app.use('/api/*', boardGuard(deps));
  // Bull Board answers below its path only without a trailing slash.
  app.get('/', (c, next) => (c.req.path.endsWith('/') ? c.redirect(BOARD_PATH, 301) : next()));
  app.use('*', async (c) => {
    const { role } = c.get('staff');
    const board = may(role, 'queue.work') ? boards.working : boards.reading;
    const answer = await board.fetch(c.req.raw, c.env);
    const type = answer.headers.get('content-type') ?? '';
    if (type.startsWith('text/html')) return rewritten(answer, localOnly);
    if (type.startsWith('application/json') && !may(role, 'address.read')) return rewritten(answer, masked);
    return answer;
  });
  return app;
}

function makeBoard({ queues }: Pick<DashboardDeps, 'queues'>, readOnlyMode: boolean): Hono {
  const adapter = new HonoAdapter(serveStatic);
  adapter.setBasePath(BOARD_PATH);
  createBullBoard({
    queues: [...queues.values()].map((queue) => new BullMQAdapter(queue, { readOnlyMode, delimiter: '-' })),
    serverAdapter: adapter,
    options: {
      uiConfig: {
        boardTitle: 'Carillon lanes',
        boardLogo: { path: '/assets/icon.svg', width: 24, height: 24 },
        favIcon: { default: '/assets/icon.svg', alternative: '/assets/icon.svg' },
        miscLinks: [{ text: 'Back to notifications', url: '/' }],
        hideDocsLink: true,
        pollingInterval: { showSetting: true },
      },
    },
  });
  return new Hono().route(BOARD_PATH, adapter.registerPlugin());
}

/** The page asks Google for its fonts, which tells Google who watches the queues; ours hides buttons nobody may use. */
function localOnly(page: string): string {
  return page.replace(
    /<link[^>]+href="https?:\/\/[^>]*>/g,
    '<link href="/assets/board.css" rel="stylesheet">',
  );
}

/** Jobs carry ids only, but the reason a job failed is the provider's own text, and that may name the address. */
function masked(json: string): string {
  const mask = (_key: string, value: unknown) => (typeof value === 'string' ? maskText(value) : value);
  return JSON.stringify(JSON.parse(json, mask));
}

async function rewritten(answer: Response, rewrite: (body: string) => string): Promise<Response> {
  const headers = new Headers(answer.headers);
  headers.delete('content-length');
  return new Response(rewrite(await answer.text()), { status: answer.status, headers });
}
