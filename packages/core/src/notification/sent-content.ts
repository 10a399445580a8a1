import { FROM_A_PROGRAM, unsubscribeHeaders } from '../provider/email-headers.ts';
import type { OutcomeClass } from '../provider/outcome.ts';
import { smsSize } from '../provider/sms-segments.ts';
import { resolveLocale } from '../recipient/locale.ts';
import { mailboxOf } from '../recipient/mailbox.ts';
import { isOwed } from '../recipient/preferences.ts';
import { isZone } from '../template/filters/wall-clock.ts';
import type { Renderer } from '../template/render/budgeted-render.ts';
import type { RenderOptions } from '../template/render/render.ts';
import { CURRENT_ENGINE, isKnownEngine } from '../template/syntax/engine-version.ts';
import { attemptId } from '../text/ids.ts';
import type { Channel } from './channel.ts';
import type { Environment } from './environment.ts';
import type { Content, PushOptions, PushTarget } from './message.ts';
import type { Priority } from './priority.ts';

/**
 * The message that a provider received, reproduced for viewing: from the same template version and data, by the same
 * rules as the delivery. It has no side effects: the token of an unsubscribe link is masked, links lead to their own
 * targets and are not tracked, and there is no tracking pixel.
 */
export interface SentContent {
  /** Why there is nothing to read. */
  unavailable: { reason: UnavailableReason; detail: string } | null;
  /** One for each channel that was tried, in the order of the route; before the first call, the one to be tried. */
  contents: ChannelContent[];
}

export const UNAVAILABLE_REASONS = ['secret', 'erased'] as const;
export type UnavailableReason = (typeof UNAVAILABLE_REASONS)[number];

export interface ChannelContent {
  channel: Channel;
  /** The call that carried it; null before the first one. */
  attempt: AttemptFacts | null;
  /** Of the template's text; null with inline content. */
  locale: string | null;
  /** The address given in the request, if any; a recipient's own is not stored with the message. */
  to: string | null;
  from: string | null;
  /** Why it cannot be rendered; then the provider received nothing. */
  problem: { code: string; message: string } | null;
  subject?: string;
  text?: string;
  html?: string;
  title?: string;
  body?: string;
  url?: string;
  headers?: Readonly<Record<string, string>>;
  tracking?: { opens: boolean; clicks: boolean };
  sms?: { encoding: 'gsm7' | 'ucs2'; units: number; segments: number };
  options?: PushOptions;
}

export interface AttemptFacts {
  n: number;
  channel: Channel;
  /** The provider account. */
  account: string;
  outcome: OutcomeClass | null;
  /** Of the account as it is now; null if it was deleted. */
  provider: string | null;
  from: string | null;
}

/** A notification and the rows related to it. */
export interface ContentFacts {
  id: string;
  appId: string;
  environment: Environment;
  channel: Channel;
  route: Channel[];
  priority: Priority;
  category: string | null;
  recipientId: string | null;
  address: { email?: string; phone?: string; push?: PushTarget } | null;
  locale: string | null;
  data: Record<string, unknown> | null;
  content: Content | null;
  options: { from?: string; reply_to?: string; push?: PushOptions } | null;
  template: {
    id: string;
    version: number;
    texts: { channel: Channel; locale: string; content: Content; engine: number }[];
  } | null;
  redacted: boolean;
  settings: { secret: boolean; unsubscribable: boolean; trackOpens: boolean; trackClicks: boolean };
  personal: { timeZone: string | null; locale: string | null };
  attempts: AttemptFacts[];
}

const UNAVAILABLE: Readonly<Record<UnavailableReason, string>> = {
  secret:
    'Its category is secret: its texts are shown to nobody, and are removed as soon as the notification is final.',
  erased: 'Its recipient was erased, and with them what was written to them.',
};

/**
 * @param baseUrl where the API is reached from outside, without a slash at the end; null where e-mails carry no links.
 * @throws what the renderer throws while it is too busy.
 */
export async function sentContent(
  facts: ContentFacts,
  render: Renderer,
  baseUrl: string | null,
): Promise<SentContent> {
  const reason = whyUnavailable(facts);
  if (reason !== null) return { unavailable: { reason, detail: UNAVAILABLE[reason] }, contents: [] };
  const tried = facts.route.filter((channel) =>
    facts.attempts.some((attempt) => attempt.channel === channel),
  );
  const channels = tried.length > 0 ? tried : [facts.channel];
  const contents = await Promise.all(channels.map((channel) => contentOf(facts, channel, render, baseUrl)));
  return { unavailable: null, contents };
}

function whyUnavailable({ settings, redacted, recipientId, address, content, data }: ContentFacts) {
  if (settings.secret || redacted) return 'secret';
  const isEmpty = Object.keys(content ?? data ?? {}).length === 0;
  return address === null && isEmpty && /^erased_[0-9a-f]{32}$/.test(recipientId ?? '') ? 'erased' : null;
}

async function contentOf(
  facts: ContentFacts,
  channel: Channel,
  render: Renderer,
  baseUrl: string | null,
): Promise<ChannelContent> {
  const { appId, options, settings, category, priority } = facts;
  const calls = facts.attempts.filter((attempt) => attempt.channel === channel);
  const attempt = calls.findLast(({ outcome }) => outcome === 'accepted') ?? calls.at(-1) ?? null;
  const canLeave = channel === 'email' && baseUrl !== null && settings.unsubscribable && category !== null;
  const leave = canLeave && !isOwed({ priority }) ? `${baseUrl}/v1/unsubscribe/masked` : null;
  const source = sourceOf(facts, channel);
  const from = channel === 'email' || channel === 'sms' ? (options?.from ?? attempt?.from ?? null) : null;
  const shared = { channel, attempt, locale: source?.locale ?? null, to: addressOf(facts, channel), from };
  if (source === null) {
    const message = `the template has no ${channel} version`;
    return { ...shared, problem: { code: 'template_missing', message } };
  }
  const data = source.data && { ...maskedLinks(facts, channel, leave, baseUrl), ...source.data };
  const rendered = await render(appId, { channel, content: source.content, data, options: source.options });
  if (!rendered.ok) return { ...shared, problem: { code: rendered.code, message: rendered.message } };
  const made = { ...shared, problem: null };
  const { subject, text, html, title, body, url } = rendered.content;
  if (channel === 'sms') {
    const { encoding, units, segments } = smsSize(text ?? '');
    return { ...made, text: text ?? '', sms: { encoding, units, segments } };
  }
  if (channel === 'email') {
    const tracking = {
      opens: baseUrl !== null && settings.trackOpens,
      clicks: baseUrl !== null && settings.trackClicks,
    };
    const headers = emailHeaders(facts, { ...made, subject: subject ?? '' }, leave);
    return { ...made, ...defined({ subject: subject ?? '', text, html }), headers, tracking };
  }
  const push = channel === 'push' ? options?.push : undefined;
  return { ...made, ...defined({ title: title ?? '', body: body ?? '', url, options: push }) };
}

/** What templates may print of ours: nothing in it works. */
function maskedLinks(
  { recipientId }: ContentFacts,
  channel: Channel,
  leave: string | null,
  baseUrl: string | null,
): Record<string, string> {
  const hasPage = channel === 'email' && baseUrl !== null && recipientId !== null;
  return {
    ...(leave === null ? {} : { unsubscribe_url: leave }),
    ...(hasPage ? { preferences_url: `${baseUrl}/v1/preferences/masked` } : {}),
  };
}

interface Source {
  content: Content;
  /** Null for what is final as it is. */
  data: Readonly<Record<string, unknown>> | null;
  locale: string | null;
  options: RenderOptions;
}

function sourceOf(
  { content, template, locale, data, personal }: ContentFacts,
  channel: Channel,
): Source | null {
  if (content) return { content, data: null, locale: null, options: {} };
  const texts = template?.texts.filter((text) => text.channel === channel) ?? [];
  const chosen = resolveLocale(
    texts.map((text) => text.locale),
    [locale],
  );
  const text = texts.find((each) => each.locale === chosen);
  if (!template || chosen === null || !text) return null;
  const { timeZone, locale: formatLocale } = personal;
  const zone = timeZone !== null && isZone(timeZone) ? { timeZone } : {};
  const format = formatLocale === null ? {} : { formatLocale };
  const engine = isKnownEngine(text.engine) ? text.engine : CURRENT_ENGINE;
  const cacheKey = `${template.id}/${template.version}/${channel}/${chosen}`;
  return {
    content: text.content,
    data: data ?? {},
    locale: chosen,
    options: { locale: chosen, ...zone, ...format, engine, cacheKey },
  };
}

/** As sent on the wire, as far as they are set here; most providers set `Message-ID` and `Date` themselves. */
function emailHeaders(
  { id, options }: ContentFacts,
  { attempt, from, to, subject }: ChannelContent,
  leave: string | null,
): Record<string, string> {
  const sender = from === null ? null : mailboxOf(from);
  const ours = attempt?.provider === 'smtp' && sender !== null;
  const domain = sender?.address.slice(sender.address.lastIndexOf('@') + 1);
  return defined({
    From: from ?? undefined,
    To: to ?? undefined,
    'Reply-To': options?.reply_to,
    Subject: subject,
    'Message-ID': ours ? `<${attemptId(id, attempt.n)}@${domain}>` : undefined,
    ...FROM_A_PROGRAM,
    ...unsubscribeHeaders(leave).headers,
  }) as Record<string, string>;
}

/** A device's token is a secret: only its end is shown. */
function addressOf({ address }: ContentFacts, channel: Channel): string | null {
  if (channel === 'email') return address?.email ?? null;
  if (channel === 'sms') return address?.phone ?? null;
  const push = channel === 'push' ? address?.push : undefined;
  if (!push) return null;
  const token =
    'subscription' in push
      ? push.subscription.endpoint
      : 'fcm_token' in push
        ? push.fcm_token
        : push.apns_token;
  return `...${token.slice(-6)}`;
}

function defined<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
