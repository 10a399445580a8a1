import type { Suppression, SuppressionEvidence } from '@carillon/client/api-types';

/** Why an address gets nothing, in words. */
export const REASON_WORDS: Readonly<Record<Suppression['reason'], string>> = {
  bounce: 'bounced',
  complaint: 'complained',
  stop: 'said STOP',
  unsubscribe: 'unsubscribed',
  manual: 'added by hand',
  erased: 'erased person',
};

/** What each reason means, and when lifting it is right. */
export const REASON_MEANING: Readonly<Record<Suppression['reason'], string>> = {
  bounce:
    'The mailbox does not exist, or its server refused it for good. Lift it once the owner says that it works again: what bounces once more suppresses it again.',
  complaint:
    'The person marked a message as unwanted. Lift it only if they explicitly ask for messages: another complaint costs the sender its reputation.',
  stop: 'The person answered STOP. In most countries only the person may undo it, by START; lift it only if they ask you to.',
  unsubscribe: 'The person left by a link. Lift it only if they ask you to.',
  manual: 'Somebody of the staff or a program added it. Who, and with what remark, is below.',
  erased: 'The person was erased, and the address had to stay silent. Lift it only if they register again.',
};

export const EVIDENCE_WORDS: Readonly<Record<SuppressionEvidence['state'], string>> = {
  kept: '',
  purged: 'The answer of the provider was removed by retention. What was recorded of it is the remark above.',
  unrecorded:
    'This was added by a release that did not record the cause, and nothing that is kept leads to it.',
  none: 'No provider said anything: a person or the recipient added it.',
};

export const CHANNEL_WORDS: Readonly<Record<Suppression['channel'], string>> = {
  email: 'E-mail',
  sms: 'SMS',
  push: 'Push',
  in_app: 'In-app',
};

/** Who added it, in words. */
export function addedBy(actor: string | null): string {
  if (actor === null) return 'not recorded';
  if (actor === 'provider') return 'the report of a provider';
  if (actor === 'recipient') return 'the recipient, by a link';
  return actor.replace(/^staff:/, '').replace(/^key:/, 'API key ');
}
