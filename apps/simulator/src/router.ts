import { answerAdmin } from './admin.ts';
import type { Behaviours } from './behaviour.ts';
import { Exchange, type Request, type Response } from './exchange.ts';
import type { RequestHandler } from './request-handler.ts';
import { SIMULATED } from './simulated.ts';

/**
 * Maps a path to its provider; all other paths are the simulator's own. An outage without a status closes the
 * connection here, before the body is read: such a request is never accepted.
 */
export function router(
  handler: RequestHandler,
  behaviours: Behaviours,
  showInboxes?: (exchange: Exchange) => void,
): (request: Request, response: Response) => void {
  const routes = SIMULATED.flatMap(({ id, routes }) =>
    (routes?.(handler) ?? []).map((route) => ({ ...route, provider: id })),
  );
  // One prefix may begin with another: the longest match wins.
  routes.sort((a, b) => b.prefix.length - a.prefix.length);
  const own = answerAdmin(handler, behaviours, showInboxes);
  return (request, response) => {
    const exchange = new Exchange(request, response);
    if (handler.isClosing) return exchange.sever();
    const route = routes.find(({ prefix }) => exchange.path.startsWith(prefix));
    if (route !== undefined) {
      const behaviour = behaviours.of(route.provider);
      if (behaviour?.mode === 'outage' && behaviour.status === null) {
        handler.countRefusal(route.provider);
        return exchange.sever();
      }
      // The outage also applies to probes and look-ups; sends are refused in the provider's own format.
      if (behaviour?.mode === 'outage' && behaviour.status !== null && exchange.method === 'GET') {
        return exchange.json(behaviour.status, {});
      }
    }
    const handle = route?.handle ?? own;
    exchange.receive(() => handle(exchange));
  };
}
