import { isMediaType, MAX_ATTACHMENTS, MAX_TYPE_LENGTH } from '@carillon/core/attachment';
import { CHANNELS } from '@carillon/core/channel';
import { PRIORITIES } from '@carillon/core/priority';
import { z } from '@hono/zod-openapi';
import { emailAddress, locale, phoneNumber, sender, singleLine, time, token } from './fields.ts';

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

const attachment = z
  .strictObject({
    filename: singleLine(255)
      .refine((name) => !/[/\\]/.test(name) && name !== '.' && name !== '..', {
        error: 'has a path; give the name of the file alone',
      })
      .describe('As the recipient sees it, without a path.'),
    content_type: z
      .string()
      .refine(isMediaType, { error: 'is not a media type; give one such as application/pdf' })
      .openapi({ maxLength: MAX_TYPE_LENGTH })
      .optional()
      .describe('Required with `content`; with `url`, what its server says unless given.'),
    content: z.string().optional().describe('The file in base64: with padding, without line breaks.'),
    url: z
      .url({ protocol: /^https?$/, error: 'is not an https URL' })
      .max(2_048)
      .optional()
      .describe(
        'https. Fetched once, when the message is sent: at most 10 MiB, 20 MiB with all others, no redirects, no private networks.',
      ),
  })
  .describe('`content` or `url`.');

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
      .describe(
        'Or the Idempotency-Key header. 1 to 255 visible ASCII characters. Remembered for as long as the notification is kept.',
      ),
    event_id: singleLine(255)
      .optional()
      .describe('Makes the idempotency key from recipient, template and event, if none is given.'),
    send_at: time()
      .optional()
      .describe('When to send: to the second; critical ones to the moment. A time in the past means now.'),
    expires_at: time().optional().describe('Never send after this. Give this or `ttl_seconds`.'),
    ttl_seconds: z
      .int()
      .min(1)
      .max(31_536_000)
      .optional()
      .describe('Seconds from `send_at` (or now) to expiry.'),
    ordering_key: singleLine(255)
      .optional()
      .describe(
        'Notifications with the same key go out one after the other, in the order of acceptance, over all channels and priorities: each waits until the one before is sent or has ended otherwise. One with a `send_at` takes its place when it comes due. 1 to 255 characters.',
      ),
    digest: z.unknown().optional().describe('Reserved. Refused with 422 until digests are available.'),
    metadata: z
      .record(z.string().min(1).max(64), z.string().max(512))
      .optional()
      .describe('At most 20 pairs of strings, returned as they are.'),
    from: sender()
      .optional()
      .describe('Sender: an e-mail address (or `Name <address>`), or an SMS sender id.'),
    reply_to: sender().optional().describe('E-mail address for answers.'),
    // New fields go to the end: the order is part of the fingerprint.
    attachments: z
      .array(attachment)
      .min(1)
      .max(MAX_ATTACHMENTS)
      .optional()
      .describe('Email: at most 10 files, those by content at most 700 KiB together.'),
  })
  .openapi('SendRequest');

export type SendRequest = z.output<typeof sendSchema>;

/** For answers that say this and more; a schema that extends `Accepted` could not give `status` another meaning. */
export const acceptedShape = {
  id: z.uuid(),
  notification_id: z.uuid().describe('The same as `id`.'),
  status: z.enum(['pending', 'scheduled']),
  idempotency_key: z.string().describe('Yours, or the one made for you: repeat the request with it.'),
  created_at: z.iso.datetime(),
};

export const acceptedSchema = z.object(acceptedShape).openapi('Accepted');
