import { answerAdmin } from './admin.ts';
import type { Behaviours, Provider } from './behaviour.ts';
import type { Desk } from './desk.ts';
import { Exchange, type Request, type Response } from './exchange.ts';
import { apns } from './providers/apns.ts';
import { fcm, googleToken } from './providers/fcm.ts';
import { generic } from './providers/generic.ts';
import { resend, resendDomains } from './providers/resend.ts';
import { sendgrid } from './providers/sendgrid.ts';
import { ses } from './providers/ses.ts';
import { termii } from './providers/termii.ts';
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
    { prefix: '/domains', provider: 'resend', handle: resendDomains },
    { prefix: '/v3/', provider: 'sendgrid', handle: sendgrid(desk) },
    { prefix: '/v2/email/', provider: 'ses', handle: ses(desk) },
    { prefix: '/2010-04-01/', provider: 'twilio', handle: twilio(desk) },
    { prefix: '/api/', provider: 'termii', handle: termii(desk) },
    { prefix: '/v1/projects/', provider: 'fcm', handle: fcm(desk) },
    { prefix: '/token', provider: 'fcm', handle: googleToken },
    { prefix: '/3/device/', provider: 'apns', handle: apns(desk) },
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
      // Who only asks (a probe, a lookup) meets the outage too; what sends is refused in the provider's own words.
      if (behaviour?.mode === 'outage' && behaviour.status !== null && exchange.method === 'GET') {
        return exchange.json(behaviour.status, {});
      }
    }
    const handle = route?.handle ?? own;
    exchange.receive(() => handle(exchange));
  };
}
