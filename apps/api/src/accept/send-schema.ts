import { CHANNELS } from '@carillon/core/channel';
import { PRIORITIES } from '@carillon/core/priority';
import { z } from '@hono/zod-openapi';
import { emailAddress, locale, phoneNumber, singleLine, time, token } from './fields.ts';

/**
 * What a send may say. Strict at every level: a misspelt option is refused, never silently ignored. Rules that need
 * more than one field are in check-send.ts.
 */
const subscription = z.strictObject({
  endpoint: z
    .string()
    .max(2_048)
    .refine((text) => URL.parse(text)?.protocol === 'https:', {
      error: 'is not an https URL; pass the subscription as the browser made it',
    }),
  keys: z.strictObject({ p256dh: token(256), auth: token(256) }),
  expirationTime: z.number().nullable().optional().describe('As browsers send it; not used.'),
});

export const pushTarget = z
  .strictObject({
    fcm_token: token(4_096).optional(),
    apns_token: token(4_096).optional(),
    subscription: subscription
      .optional()
      .describe('A Web Push subscription, as `PushSubscription.toJSON()` gives it.'),
  })
  .describe('Exactly one of the three.');

const to = z
  .strictObject({
    recipient_id: singleLine(255).optional().describe('Your id of a recipient you have PUT before.'),
    email: emailAddress().optional(),
    phone: phoneNumber().optional(),
    push: pushTarget.optional(),
  })
  .describe('A recipient, or an address, or both: then the address wins.');

export const contentSchema = z
  .strictObject({
    subject: singleLine(998).optional().describe('Email.'),
    text: z.string().min(1).optional().describe('Email and SMS.'),
    html: z.string().min(1).optional().describe('Email.'),
    title: singleLine(512).optional().describe('Push and in-app.'),
    body: z.string().min(1).optional().describe('Push and in-app.'),
    url: z.string().min(1).max(2_048).optional().describe('Push and in-app: what a tap opens.'),
  })
  .describe('Inline content instead of a template. It must suit every channel of the route.');

export const sendSchema = z
  .strictObject({
    to,
    channel: z.enum(CHANNELS).optional().describe('One channel. Give this or `route`.'),
    route: z
      .array(z.enum(CHANNELS))
      .min(1)
      .max(CHANNELS.length)
      .optional()
      .describe('Channels in fallback order. `in_app` needs `to.recipient_id`.'),
    template: singleLine(255).optional().describe('Key of a template. Its published version is pinned now.'),
    locale: locale()
      .optional()
      .describe('For the template; else the recipient\u2019s, its language, `en`, any.'),
    data: z.record(z.string(), z.unknown()).optional().describe('Template variables.'),
    content: contentSchema.optional(),
    priority: z.enum(PRIORITIES).default('normal'),
    category: singleLine(64).optional().describe('What it is about: the unit of opt-in and delivery policy.'),
    idempotency_key: z
      .string()
      .regex(
        /^[\x21-\x7e]{1,255}$/,
        'is not an idempotency key; give 1 to 255 visible ASCII characters without spaces',
      )
      .optional()
      .describe('Or the Idempotency-Key header. 1 to 255 visible ASCII characters.'),
    event_id: singleLine(255)
      .optional()
      .describe('Makes the idempotency key from recipient, template and event, if none is given.'),
    send_at: time().optional().describe('When to send. A time in the past means now.'),
    expires_at: time().optional().describe('Never send after this. Give this or `ttl_seconds`.'),
    ttl_seconds: z
      .int()
      .min(1)
      .max(31_536_000)
      .optional()
      .describe('Seconds from `send_at` (or now) to expiry.'),
    ordering_key: singleLine(255)
      .optional()
      .describe('Notifications with the same key go out one after the other.'),
    digest: z.unknown().optional().describe('Reserved. Refused with 422 until digests are available.'),
    metadata: z
      .record(z.string().min(1).max(64), z.string().max(512))
      .optional()
      .describe('At most 20 pairs of strings, returned as they are.'),
    from: singleLine(320)
      .optional()
      .describe('Sender: an e-mail address (or `Name <address>`), or an SMS sender id.'),
    reply_to: singleLine(320).optional().describe('E-mail address for answers.'),
  })
  .openapi('SendRequest');

export type SendRequest = z.output<typeof sendSchema>;

const acceptedShape = {
  id: z.uuid(),
  notification_id: z.uuid().describe('The same as `id`.'),
  status: z.enum(['pending', 'scheduled']),
  idempotency_key: z.string().describe('Yours, or the one made for you: repeat the request with it.'),
  created_at: z.iso.datetime(),
};

export const acceptedSchema = z.object(acceptedShape).openapi('Accepted');
