import { MAX_ORIGINS, originProblem } from '@carillon/core/access/allowed-origin';
import { z } from '@hono/zod-openapi';
import { name, visibleLine } from '../../accept/fields.ts';
import { timeZone } from '../../accept/time-zone.ts';

export const appParams = z.object({ id: z.uuid() });

const brandShape = {
  name: visibleLine(100).optional().describe('The name for people; without it the name of the app.'),
  logo_url: z
    .url({ protocol: /^https$/, error: 'is not an https URL' })
    .max(2_048)
    .refine((url) => !hasCredentials(url), { error: 'has a user or a password; leave them out' })
    .optional()
    .describe('https. The browsers of your recipients load it from there.'),
  color: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/, 'is not a colour; give six hex digits such as #1f4fd8')
    .transform((color) => color.toLowerCase())
    .optional()
    .describe(
      'Buttons and links, `#rrggbb`. Texts on it become black or white, and links lighter or darker, until they are readable.',
    ),
};

function hasCredentials(url: string): boolean {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  return parsed !== null && (parsed.username !== '' || parsed.password !== '');
}

const origin = z
  .string()
  .max(300)
  .check((context) => {
    const message = originProblem(context.value);
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value });
  });

export const appFields = {
  name: name(100).describe('No two apps have the same.'),
  time_zone: timeZone()
    .nullable()
    .describe('IANA name, for times in templates of recipients that have no zone of their own; null is UTC.'),
  brand: z
    .strictObject(brandShape)
    .nullable()
    .describe(
      'How the pages look that your recipients see (unsubscribing, preferences). Replaced as a whole; null: the name of the app, no logo, our colours.',
    ),
  allowed_origins: z
    .array(origin)
    .max(MAX_ORIGINS)
    .refine((origins) => new Set(origins).size === origins.length, { error: 'names an origin twice' })
    .describe(
      'Origins of the web pages that may use tokens of its recipients (the inbox in a page); replaced as a whole. Works within some seconds.',
    ),
  approves_campaigns: z
    .boolean()
    .describe('Campaigns are sent only after another person than their authors has approved exactly them.'),
};

export const appSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    time_zone: z.string().nullable(),
    brand: z
      .object({ name: z.string().optional(), logo_url: z.string().optional(), color: z.string().optional() })
      .nullable(),
    allowed_origins: z.array(z.string()),
    approves_campaigns: z.boolean(),
    created_at: z.iso.datetime(),
  })
  .openapi('App');

export const NEEDS_INSTALLATION =
  'Apps and staff belong to the whole installation: this needs a live key with the scope `installation`, which `carillon-admin init` and `carillon-admin key create --installation` make.';
