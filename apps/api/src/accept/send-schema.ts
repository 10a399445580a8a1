import { isFree, NOT_FREE } from '@carillon/core/campaign/keys';
import { isMediaType, MAX_ATTACHMENTS, MAX_TYPE_LENGTH } from '@carillon/core/notification/attachment';
import { CHANNELS } from '@carillon/core/notification/channel';
import { PRIORITIES } from '@carillon/core/notification/priority';
import { hasReordering } from '@carillon/core/provider/visible-text';
import {
  canonicalApnsToken,
  canonicalAuthSecret,
  canonicalEndpoint,
  canonicalP256dh,
  NOT_A_P256DH,
  NOT_AN_APNS_TOKEN,
  NOT_AN_AUTH_SECRET,
  NOT_AN_ENDPOINT,
} from '@carillon/core/recipient/push-address';
import { z } from '@hono/zod-openapi';
import {
  canonical,
  emailAddressAsGiven,
  headerLine,
  locale,
  name,
  phoneNumber,
  sender,
  time,
  token,
  visibleLine,
  visibleText,
} from './fields.ts';

/**
 * The body of a send. Strict at every level: a misspelt option is refused, never silently ignored. Rules that need more
 * than one field are in check-send.ts.
 */
const subscription = z.strictObject({
  endpoint: canonical(shortEndpoint, NOT_AN_ENDPOINT, true).openapi({ maxLength: 2_048 }),
  keys: z.strictObject({
    p256dh: canonical(canonicalP256dh, NOT_A_P256DH, true),
    auth: canonical(canonicalAuthSecret, NOT_AN_AUTH_SECRET, true),
  }),
  expirationTime: z.number().nullable().optional().describe('As browsers send it; not used.'),
});

export const pushTarget = z
  .strictObject({
    fcm_token: token(4_096).optional(),
    apns_token: canonical(canonicalApnsToken, NOT_AN_APNS_TOKEN, true).optional(),
    subscription: subscription
      .optional()
      .describe('A Web Push subscription, as `PushSubscription.toJSON()` gives it.'),
  })
  .describe('Exactly one of the three.');

function shortEndpoint(text: string): string | null {
  return text.length <= 2_048 ? canonicalEndpoint(text) : null;
}

const to = z
  .strictObject({
    recipient_id: name(255).optional().describe('Your id of a recipient you have PUT before.'),
    email: emailAddressAsGiven().optional(),
    phone: phoneNumber().optional(),
    push: pushTarget.optional(),
  })
  .describe('A recipient, or an address, or both: then the address wins.');

export const contentSchema = z
  .strictObject({
    subject: headerLine(998).optional().describe('Email.'),
    text: visibleText().optional().describe('Email and SMS.'),
    html: visibleText().optional().describe('Email.'),
    title: visibleLine(512).optional().describe('Push and in-app.'),
    body: visibleText().optional().describe('Push and in-app.'),
    url: z.string().min(1).max(2_048).optional().describe('Push and in-app: what a tap opens.'),
  })
  .describe('Inline content instead of a template. It must suit every channel of the route.');

const attachment = z
  .strictObject({
    filename: headerLine(255)
      .refine((file) => !/[/\\]/.test(file) && file !== '.' && file !== '..', {
        error: 'has a path; give the name of the file alone',
      })
      .refine((file) => !hasReordering(file), {
        error:
          'has a character that changes the direction of the text, which hides what kind of file it is; remove it',
      })
      .describe('As the recipient sees it, without a path.'),
    content_type: z
      .string()
      .refine(isMediaType, {
        error:
          'is not the media type of a file (multipart and message are none); give one such as application/pdf',
      })
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

const RESERVED_DATA =
  /^(?:aps|url|tag|title|body|silent|badge|data|from|notification|message_type|notification_id|attempt_id|collapse_key|(?:google|gcm)\b.*)$/;

const pushOptions = z
  .strictObject({
    sound: name(64)
      .nullable()
      .optional()
      .describe('Name of a sound in the app; `default` unless given, null for a silent push.'),
    badge: z
      .int()
      .min(0)
      .max(99_999)
      .optional()
      .describe('The number on the icon of the app; 0 takes it away.'),
    data: z
      .record(
        z
          .string()
          .regex(
            /^[A-Za-z][\w.-]{0,63}$/,
            'is not a name; 1 to 64 letters, digits, ".", "_" and "-", a letter first',
          )
          .refine((name) => !RESERVED_DATA.test(name), { error: 'is reserved; choose another name' }),
        z.string().max(2_048),
      )
      .refine((data) => Object.keys(data).length <= 20, {
        error: 'has more than 20 members; send at most 20',
      })
      .optional()
      .describe(
        'For the app that receives it: at most 20 strings. Title, body, url and data share some 4 KB.',
      ),
  })
  .describe('Push only: what it is beside its text. Push notifications are always visible ones.');

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
    template: name(255).optional().describe('Key of a template. Its published version is pinned now.'),
    locale: locale()
      .optional()
      .describe('For the template; else the recipient\u2019s, its language, `en`, any.'),
    data: z.record(z.string(), z.unknown()).optional().describe('Template variables.'),
    content: contentSchema.optional(),
    priority: z.enum(PRIORITIES).default('normal'),
    category: name(64).optional().describe('What it is about: the unit of opt-in and delivery policy.'),
    idempotency_key: z
      .string()
      .regex(
        /^[\x21-\x7e]{1,255}$/,
        'is not an idempotency key; give 1 to 255 visible ASCII characters without spaces',
      )
      .refine(isFree, { error: NOT_FREE })
      .optional()
      .describe(
        'Or the Idempotency-Key header. 1 to 255 visible ASCII characters. Remembered for as long as the notification is kept.',
      ),
    event_id: name(255)
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
    ordering_key: name(255)
      .optional()
      .describe(
        'Notifications with the same key go out one after the other, in the order of acceptance, over all channels and priorities: each waits until the one before is sent or has ended otherwise. One with a `send_at` takes its place when it comes due. 1 to 255 characters.',
      ),
    digest: z.unknown().optional().describe('Reserved. Refused with 422 until digests are available.'),
    metadata: z
      .record(name(64), z.string().max(512))
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
    push: pushOptions.optional(),
  })
  .openapi('SendRequest');

export type SendRequest = z.output<typeof sendSchema>;

/** For answers with these fields and more; a schema that extends `Accepted` could not redefine `status`. */
export const acceptedShape = {
  id: z.uuid(),
  notification_id: z.uuid().describe('The same as `id`.'),
  status: z.enum(['pending', 'scheduled']),
  idempotency_key: z.string().describe('Yours, or the one made for you: repeat the request with it.'),
  created_at: z.iso.datetime(),
};

export const acceptedSchema = z.object(acceptedShape).openapi('Accepted');
