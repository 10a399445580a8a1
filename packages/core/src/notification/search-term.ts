import { type AddressForms, addressForms } from '../recipient/address-forms.ts';
import { canonicalEmail } from '../recipient/email-address.ts';
import { canonicalPhone } from '../recipient/phone-number.ts';

/** What a text typed into the search box may name. */
export interface SearchTerm {
  /** Without white space around it: a recipient id, an idempotency key, a template key, a provider's message id. */
  text: string;
  /** The UUID in it, wherever it stands: a whole link to a page of a message is pasted too. */
  id: string | null;
  /** The number of the attempt, where the text is the id of one. */
  attempt: number | null;
  address: AddressForms;
  /** The address that it clearly is, in its canonical form; null for what may be a device token, or no address. */
  writtenTo: { channel: 'email' | 'sms'; address: string } | null;
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;
const ATTEMPT = new RegExp(`^${UUID.source}/([1-9]\\d{0,4})$`, 'i');

/** Pure: reads the text in every way in which it makes sense. What it names is looked up afterwards. */
export function searchTerm(typed: string): SearchTerm {
  const text = typed.trim();
  const address = addressForms(typed);
  const attempt = ATTEMPT.exec(text)?.[1];
  return {
    text,
    id: UUID.exec(text)?.[0].toLowerCase() ?? null,
    attempt: attempt === undefined ? null : Number(attempt),
    address,
    writtenTo: writtenTo(address),
  };
}

function writtenTo({ emails, phones }: AddressForms): SearchTerm['writtenTo'] {
  const email = emails.find((each) => canonicalEmail(each) !== null);
  if (email !== undefined) return { channel: 'email', address: canonicalEmail(email)! };
  const phone = phones.find((each) => canonicalPhone(each) === each);
  return phone === undefined ? null : { channel: 'sms', address: phone };
}
