import type { SendRequest } from '@carillon/client/api-types';

/** What a person wrote as a recipient: an e-mail address, a number that begins with +, else the id of a recipient. */
export function toOf(text: string): SendRequest['to'] {
  if (/^\S+@\S+$/.test(text)) return { email: text };
  if (/^\+[\d\s().-]+$/.test(text)) return { phone: `+${text.replaceAll(/\D/g, '')}` };
  return { recipient_id: text };
}
