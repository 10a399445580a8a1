import type { EmailMessage } from '../notification/message.ts';

/**
 * Every e-mail is sent by a program, newsletters too: automatic responders do not answer it (RFC 3834, section 5). It
 * comes before the other headers, which is the order of jsonb.
 */
export const FROM_A_PROGRAM = { 'Auto-Submitted': 'auto-generated' };

/**
 * The headers of RFC 8058. The order is that of jsonb, in which a doubtful message is stored: a repeat writes them in
 * the same order.
 *
 * @param leave the unsubscribe URL; null for a category that cannot be unsubscribed from.
 */
export function unsubscribeHeaders(leave: string | null): Pick<EmailMessage, 'headers'> {
  if (leave === null) return {};
  return {
    headers: { 'List-Unsubscribe': `<${leave}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
  };
}
