import type { Provider } from './behaviour.ts';
import { simulatedApns } from './providers/apns.ts';
import { simulatedFcm } from './providers/fcm.ts';
import { simulatedGeneric } from './providers/generic.ts';
import { simulatedPostmark } from './providers/postmark.ts';
import { simulatedResend } from './providers/resend.ts';
import { simulatedSendgrid } from './providers/sendgrid.ts';
import { simulatedSes } from './providers/ses.ts';
import { simulatedSmtp } from './providers/smtp.ts';
import { simulatedTermii } from './providers/termii.ts';
import { simulatedTwilio } from './providers/twilio.ts';
import { simulatedWebPush } from './providers/web-push.ts';
import type { SimulatedProvider } from './simulated-provider.ts';

/** Every simulated provider, in the order in which they are shown. */
export const SIMULATED: readonly SimulatedProvider[] = [
  simulatedResend,
  simulatedSendgrid,
  simulatedPostmark,
  simulatedSes,
  simulatedSmtp,
  simulatedTwilio,
  simulatedTermii,
  simulatedFcm,
  simulatedApns,
  simulatedWebPush,
  simulatedGeneric,
];

export const PROVIDERS: readonly Provider[] = SIMULATED.map(({ id }) => id);

/** The place of a behaviour's `code` in an answer; the other providers do not accept one. */
export const CODE_IS: Readonly<Partial<Record<Provider, string>>> = Object.fromEntries(
  SIMULATED.flatMap(({ id, codeIs }) => (codeIs === undefined ? [] : [[id, codeIs]])),
);
