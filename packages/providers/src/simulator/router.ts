import { answerAdmin } from './admin.ts';
import type { Behaviours, Provider } from './behaviour.ts';
import type { Desk } from './desk.ts';
import { Exchange, type Request, type Response } from './exchange.ts';
import { fcm, googleToken } from './providers/fcm.ts';
import { generic } from './providers/generic.ts';
import { resend } from './providers/resend.ts';
import { twilio } from './providers/twilio.ts';
import { webPush } from './providers/web-push.ts';

interface Route {
  prefix: string;
  provider: Provider;
  handle(exchange: Exchange): void;
}

/**
 * Which provider a path belongs to; everything else is the simulator's own. An outage without a status kills the
 * connection here, before the body is read: what arrives then is accepted by nobody.
 */
export function router(desk: Desk, behaviours: Behaviours): (request: Request, response: Response) => void {
  const routes: Route[] = [
    { prefix: '/generic/', provider: 'generic', handle: generic(desk) },
    { prefix: '/emails', provider: 'resend', handle: resend(desk) },
    { prefix: '/2010-04-01/', provider: 'twilio', handle: twilio(desk) },
    { prefix: '/v1/projects/', provider: 'fcm', handle: fcm(desk) },
    { prefix: '/token', provider: 'fcm', handle: googleToken },
    { prefix: '/push/', provider: 'web-push', handle: webPush(desk) },
  ];
  const own = answerAdmin(desk, behaviours);
  return (request, response) => {
    const exchange = new Exchange(request, response);
    if (desk.isClosing) return exchange.sever();
    const route = routes.find(({ prefix }) => exchange.path.startsWith(prefix));
    if (route !== undefined) {
      const behaviour = behaviours.of(route.provider);
      if (behaviour?.mode === 'outage' && behaviour.status === null) {
        desk.countRefusal(route.provider);
        return exchange.sever();
      }
    }
    const handle = route?.handle ?? own;
    exchange.receive(() => handle(exchange));
  };
}
