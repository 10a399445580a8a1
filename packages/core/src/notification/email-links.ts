import { unsubscribeHeaders } from '../provider/email-headers.ts';
import { isOwed } from '../recipient/preferences.ts';
import { preferencesUrl } from '../recipient/preferences-link.ts';
import { addressHash } from '../recipient/suppression.ts';
import { trackedHtml } from '../recipient/tracking-link.ts';
import { unsubscribeUrl } from '../recipient/unsubscribe-link.ts';
import { attemptId } from '../text/ids.ts';
import type { Channel } from './channel.ts';
import type { Compose } from './compose.ts';
import type { KeyRing } from './envelope.ts';
import type { Environment } from './environment.ts';
import type { EmailMessage, Message } from './message.ts';
import type { Priority } from './priority.ts';

/** The fields of a notification that its links name; named as its columns. */
export interface Linked {
  id: string;
  attempt_count: number;
  app_id: string;
  environment: Environment;
  channel: Channel;
  priority: Priority;
  category: string | null;
  recipient_id: string | null;
  data: Record<string, unknown> | null;
}

/** Where the API is reached from outside, and the keys that sign links to it. */
export interface LinkSettings {
  baseUrl: string;
  ring: KeyRing;
}

/** What e-mails of a category get. */
export interface LinkedCategory {
  unsubscribable: boolean;
  trackOpens: boolean;
  trackClicks: boolean;
}

export interface LinksOfOne {
  /** What templates may print. */
  data: Readonly<Record<string, unknown>>;
  decorate(message: Message): Message;
}

/** SES accepts 870 characters in a header; a line of a mail may have 998 (RFC 5322, section 2.1.1). */
const MAX_URL_LENGTH = 850;

/**
 * What an e-mail has beyond its text, as its category asks: the unsubscribe link (headers of RFC 8058, and a template
 * variable), a pixel, tracked links. Pure; the same attempt gives the same links, so that a repeat under its key is
 * identical.
 *
 * @param links null if e-mails carry no links.
 * @param settingsOf called only for an e-mail.
 */
export function emailLinks(
  claimed: Linked,
  compose: Compose,
  links: LinkSettings | null,
  settingsOf: () => LinkedCategory,
): LinksOfOne {
  const none: LinksOfOne = { data: claimed.data ?? {}, decorate: (message) => message };
  if (links === null || claimed.channel !== 'email') return none;
  const { ring } = links;
  const base = links.baseUrl.replace(/\/+$/, '');
  const { app_id: appId, environment, category, data, recipient_id: recipientId } = claimed;
  const { unsubscribable, trackOpens: opens, trackClicks: clicks } = settingsOf();
  // A mandatory category is sent whatever people chose: an unsubscribe link in it would not work.
  const leave = unsubscribable && category !== null && !isOwed(claimed) ? wayOut(category) : null;
  if (leave === null && !opens && !clicks && recipientId === null) return none;
  return {
    data: withPreferences(leave === null ? { ...data } : { unsubscribe_url: leave, ...data }),
    decorate: (message) =>
      message.channel === 'email'
        ? { ...message, ...tracked(message), ...unsubscribeHeaders(leave) }
        : message,
  };

  /** Signed only for a template that prints it. */
  function withPreferences(known: Record<string, unknown>): Record<string, unknown> {
    if (recipientId === null || Object.hasOwn(known, 'preferences_url')) return known;
    const get = () => preferencesUrl(base, ring, { appId, environment, recipientId: recipientId! });
    return Object.defineProperty(known, 'preferences_url', { get, enumerable: true, configurable: true });
  }

  function wayOut(category: string): string {
    const link = { appId, environment, category };
    const known = recipientId === null ? null : unsubscribeUrl(base, ring, { ...link, recipientId });
    if (known !== null && known.length <= MAX_URL_LENGTH) return known;
    // No known recipient, or an id that does not fit a header: then the address is unsubscribed.
    const { to } = compose({}) as EmailMessage;
    const hash = addressHash(appId, 'email', to).toString('hex');
    return unsubscribeUrl(base, ring, { ...link, addressHash: hash });
  }

  function tracked({ html }: EmailMessage): { html?: string } {
    if (html === undefined || !(opens || clicks)) return {};
    const attempt = attemptId(claimed.id, claimed.attempt_count);
    return { html: trackedHtml(html, attempt, { baseUrl: base, ring, opens, clicks }) };
  }
}
