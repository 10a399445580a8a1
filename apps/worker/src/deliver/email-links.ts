import type { KeyRing } from '@carillon/core/envelope';
import { attemptId } from '@carillon/core/ids';
import type { Content, EmailMessage, Message } from '@carillon/core/message';
import { isOwed } from '@carillon/core/preferences';
import { addressHash } from '@carillon/core/suppression';
import { trackedHtml } from '@carillon/core/tracking-link';
import { unsubscribeUrl } from '@carillon/core/unsubscribe-link';
import type { CategoryBook } from './category-settings.ts';
import type { Claimed } from './steps.ts';

/**
 * What an e-mail has beyond its text, as its category wants it: the way out (headers of RFC 8058, and a template variable),
 * a pixel, counted links. Pure; the same attempt gives the same links, so that a repeat under its key is identical.
 */
export type EmailLinks = (claimed: Claimed, compose: (content: Content) => Message) => LinksOfOne;

export interface LinksOfOne {
  /** What templates may print. */
  data: Readonly<Record<string, unknown>>;
  decorate(message: Message): Message;
}

export interface EmailLinksOptions {
  /** Where the API is reached from outside; without it there are no links. */
  baseUrl: string | undefined;
  ring: KeyRing;
  categories: Pick<CategoryBook, 'settingsFor'>;
}

/** A header of SES takes 870 characters, a line of a letter 998 (RFC 5322, section 2.1.1). */
const MAX_URL_LENGTH = 850;

export const NO_LINKS: EmailLinks = ({ data }) => ({ data: data ?? {}, decorate: (message) => message });

export function createEmailLinks({ baseUrl, ring, categories }: EmailLinksOptions): EmailLinks {
  if (baseUrl === undefined) return NO_LINKS;
  const base = baseUrl.replace(/\/+$/, '');

  return (claimed, compose) => {
    if (claimed.channel !== 'email') return NO_LINKS(claimed, compose);
    const { app_id: appId, environment, category, data } = claimed;
    const settings = categories.settingsFor(appId, environment, category);
    const { unsubscribable, trackOpens: opens, trackClicks: clicks } = settings;
    // What is owed comes whatever people chose: to offer a way out would be a lie.
    const leave = unsubscribable && category !== null && !isOwed(claimed) ? wayOut(category) : null;
    if (leave === null && !opens && !clicks) return NO_LINKS(claimed, compose);
    return {
      data: leave === null ? (data ?? {}) : { unsubscribe_url: leave, ...data },
      decorate: (message) =>
        message.channel === 'email' ? { ...message, ...tracked(message), ...headersFor(leave) } : message,
    };

    function wayOut(category: string): string {
      const link = { appId, environment, category };
      const { recipient_id: recipientId } = claimed;
      const known = recipientId === null ? null : unsubscribeUrl(base, ring, { ...link, recipientId });
      if (known !== null && known.length <= MAX_URL_LENGTH) return known;
      // Nobody known, or by a name that no header holds: then the address is what leaves.
      const { to } = compose({}) as EmailMessage;
      const hash = addressHash(appId, 'email', to).toString('hex');
      return unsubscribeUrl(base, ring, { ...link, addressHash: hash });
    }

    function tracked({ html }: EmailMessage): { html?: string } {
      if (html === undefined || !(opens || clicks)) return {};
      const attempt = attemptId(claimed.id, claimed.attempt_count);
      return { html: trackedHtml(html, attempt, { baseUrl: base, ring, opens, clicks }) };
    }
  };
}

/** The order is that of jsonb, in which a doubtful message is kept: a repeat writes them in the same order. */
function headersFor(leave: string | null): Pick<EmailMessage, 'headers'> {
  if (leave === null) return {};
  return {
    headers: { 'List-Unsubscribe': `<${leave}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
  };
}
