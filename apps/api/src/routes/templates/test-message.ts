import { CHANNELS, type Channel } from '@carillon/core/notification/channel';
import { isReachable } from '@carillon/core/provider/reach';
import { markedAsTest, TEST_CATEGORY, TEST_TTL_SECONDS } from '@carillon/core/template/test-send';
import { ProblemError } from '@carillon/core/text/problem';
import { findPersonal, findReachableRecipients } from '@carillon/db/recipients/people';
import type { SendRequest } from '../../accept/send-schema.ts';
import type { ApiDeps, Caller } from '../../deps.ts';
import { chosenText, notRendered, renderable, type SourceTexts } from './chosen-text.ts';
import type { CompileContext } from './compile-texts.ts';

export type To = SendRequest['to'];

/** What is sent as a test. */
export interface TestOf {
  key: string;
  source: SourceTexts;
  /** The first of these that reaches the recipient. */
  channels: readonly Channel[];
  locale?: string | undefined;
  /** Template variables. */
  data: Readonly<Record<string, unknown>>;
}

/**
 * The message of one recipient of a test, as the body of a send: rendered now and marked, of a category that counts
 * nowhere.
 *
 * @throws ProblemError 422.
 */
export async function testMessage(
  { db, templates, baseUrl }: Pick<ApiDeps, 'db' | 'templates' | 'baseUrl'>,
  ctx: CompileContext,
  caller: Caller,
  to: To,
  { key, source, channels, locale, data }: TestOf,
) {
  const { appId, environment } = caller;
  const { recipient_id: id } = to;
  const [person] =
    id === undefined ? [] : await findReachableRecipients(db.sql, [{ app_id: appId, environment, id }]);
  if (id !== undefined && person === undefined) throw unknownRecipient(id, environment);
  const channel = firstChannel(to, person?.kinds ?? [], channels);
  const text = chosenText(key, source, channel, [locale, person?.locale]);
  const example = {
    unsubscribe_url: `${baseUrl()}/v1/unsubscribe/preview`,
    preferences_url: `${baseUrl()}/v1/preferences/preview`,
  };
  const made = await renderable(ctx, text, `channels.${channel}.${text.locale}`);
  const [personal] = await findPersonal(db.sql, [{ appId, environment, recipientId: id ?? null }]);
  const format = personal!.locale;
  const rendering = await templates.render(appId, {
    channel,
    content: made.content,
    data: channel === 'email' ? { ...example, ...data } : data,
    options: {
      locale: text.locale,
      engine: made.engine,
      timeZone: personal!.timeZone ?? 'UTC',
      ...(format === null ? {} : { formatLocale: format }),
    },
  });
  if (!rendering.ok) throw notRendered(rendering, made.use?.required ?? [], data);
  return {
    to,
    channel,
    content: markedAsTest(channel, rendering.content),
    // Neither quiet hours nor caps hold what somebody wants to look at now; suppressions do.
    priority: 'critical' as const,
    category: TEST_CATEGORY,
    ttl_seconds: TEST_TTL_SECONDS,
    metadata: { template: key, template_version: String(source.version ?? 'draft') },
  };
}

/** The channels that a template has texts for, in their usual order. */
export function channelsOf({ texts }: SourceTexts): Channel[] {
  return CHANNELS.filter((channel) => texts.some((text) => text.channel === channel));
}

function firstChannel(to: To, kinds: readonly string[], has: readonly Channel[]): Channel {
  const direct = { email: to.email, sms: to.phone, push: to.push, in_app: to.recipient_id };
  // The address wins over what is known about the recipient, as in a send.
  const named = has.find((channel) => channel !== 'in_app' && direct[channel] !== undefined);
  const found =
    named ??
    has.find((channel) =>
      channel === 'in_app' ? to.recipient_id !== undefined : isReachable(channel, kinds),
    );
  if (found !== undefined) return found;
  const message = `cannot be reached by ${has.join(' or ')}, which it has texts for`;
  throw new ProblemError('no_contact_point', `to: ${message}. Give another address.`, {
    errors: [{ path: 'to', message }],
  });
}

function unknownRecipient(id: string, environment: string): ProblemError {
  const message = `there is no recipient "${id}" in ${environment}`;
  return new ProblemError(
    'unknown_recipient',
    `to.recipient_id: ${message}. PUT it first, or give an address.`,
    {
      errors: [{ path: 'to.recipient_id', message }],
    },
  );
}
