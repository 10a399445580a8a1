import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { HonoAdapter } from '@bull-board/hono';
import { allows } from '@carillon/core/access/access';
import { scopesIn } from '@carillon/core/access/roles';
import { whileHeld } from '@carillon/core/notification/deadline';
import { maskText } from '@carillon/core/recipient/mask';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { boardGuard } from './board-guard.ts';

export const BOARD_PATH = '/queues';

/**
 * Bull Board for all lanes, below /queues and behind the session. Two boards over the same queues: people who may not work on queues get one
 * that shows no buttons. That is cosmetic; the guard refuses their changes regardless.
 */
export function boardRoutes(deps: Pick<DashboardDeps, 'sql' | 'queues'>): Hono<DashboardEnv> {
  const boards = { working: makeBoard(deps, false), reading: makeBoard(deps, true) };
  const app = new Hono<DashboardEnv>();

  app.use(async (c, next) => {
    if (allows(scopesIn(c.get('staff').grants, null), 'overview:read')) return next();
    return c.json({ error: 'The lanes carry the messages of every app: they need a role in all apps.' }, 403);
  });
  app.use('/api/*', boardGuard(deps));
  // Bull Board answers below its path only without a trailing slash.
  app.get('/', (c, next) => (c.req.path.endsWith('/') ? c.redirect(BOARD_PATH, 301) : next()));
  app.use('*', async (c) => {
    const scopes = scopesIn(c.get('staff').grants, null);
    const board = allows(scopes, 'queues:work') ? boards.working : boards.reading;
    // It queries Redis only, and an action on a whole lane may take long.
    const answer = await whileHeld(c.get('clock'), Promise.resolve(board.fetch(c.req.raw, c.env)));
    const type = answer.headers.get('content-type') ?? '';
    if (type.startsWith('text/html')) return rewritten(answer, localOnly);
    if (type.startsWith('application/json') && !allows(scopes, 'addresses:read'))
      return rewritten(answer, masked);
    return answer;
  });
  return app;
}

function makeBoard({ queues }: Pick<DashboardDeps, 'queues'>, readOnlyMode: boolean): Hono {
  const adapter = new HonoAdapter(serveStatic);
  adapter.setBasePath(BOARD_PATH);
  createBullBoard({
    queues: [...queues.values()].map(
      (queue) => new BullMQAdapter(queue, { readOnlyMode, delimiter: '-', externalJobUrl: messageOf }),
    ),
    serverAdapter: adapter,
    options: {
      uiConfig: {
        boardTitle: 'Carillon lanes',
        boardLogo: { path: '/icons/icon.svg', width: 24, height: 24 },
        favIcon: { default: '/icons/icon.svg', alternative: '/icons/icon.svg' },
        miscLinks: [{ text: 'Back to the dashboard', url: '/' }],
        hideDocsLink: true,
        pollingInterval: { showSetting: true },
      },
    },
  });
  return new Hono().route(BOARD_PATH, adapter.registerPlugin());
}

/** The way back from a job: the page of its message, or of the first one of a chunk. */
function messageOf(job: { data?: unknown }) {
  const { id, ids } = (job.data ?? {}) as { id?: unknown; ids?: unknown };
  const first = typeof id === 'string' ? id : Array.isArray(ids) ? String(ids[0] ?? '') : '';
  return { displayText: 'The message', href: first === '' ? '/notifications' : `/notifications/${first}` };
}

/**
 * Bull Board's page loads fonts from Google, which reveals its users to Google; the local stylesheet hides forbidden
 * buttons.
 */
function localOnly(page: string): string {
  return page.replace(
    /<link[^>]+href="https?:\/\/[^>]*>/g,
    '<link href="/icons/board.css" rel="stylesheet">',
  );
}

/** Jobs carry ids only, but the failure reason of a job is the provider's text, which may contain the address. */
function masked(json: string): string {
  const mask = (_key: string, value: unknown) => (typeof value === 'string' ? maskText(value) : value);
  // The answer to HEAD has the headers of JSON and no body.
  return json === '' ? '' : JSON.stringify(JSON.parse(json, mask));
}

async function rewritten(answer: Response, rewrite: (body: string) => string): Promise<Response> {
  const headers = new Headers(answer.headers);
  headers.delete('content-length');
  return new Response(rewrite(await answer.text()), { status: answer.status, headers });
}
