import type { BreakerState } from '../provider/breaker.ts';
import type { OutcomeClass, Phase } from '../provider/outcome.ts';
import { providerPhrase } from '../provider/provider-words.ts';
import type { ReceiptKind } from '../provider/receipt.ts';
import type { SuppressionReason } from '../recipient/suppression.ts';
import type { RefusalCode } from './judge.ts';
import type { UnavailableReason } from './sent-content.ts';
import type { State } from './states.ts';

/**
 * What states and codes mean, for people who answer a customer: no knowledge of the system is needed. Pure and without
 * imports of Node, so that the dashboard shows the same words; a test fails for a code that has none.
 */
export interface Words {
  /** A few words for a badge or a heading. */
  title: string;
  /** One or two sentences. */
  means: string;
  /** What a person should do now, or that there is nothing to do. */
  next: string;
  tone: Tone;
}

export type Tone = 'good' | 'waiting' | 'attention' | 'bad' | 'neutral';

const words = (tone: Tone, title: string, means: string, next: string): Words => ({
  title,
  means,
  next,
  tone,
});

const NOTHING = 'Nothing to do.';
const OPERATOR = 'Ask the people who manage provider accounts.';

export const STATE_WORDS: Readonly<Record<State, Words>> = {
  scheduled: words(
    'waiting',
    'Scheduled',
    'It is accepted and waits for its time: the time that was asked for, or the end of the quiet hours of the recipient.',
    'Nothing to do; it is sent by itself. Until then it can be cancelled or given another time.',
  ),
  pending: words(
    'waiting',
    'Accepted',
    'It is stored and about to be handed to a worker. With an ordering key it may wait for the one before it.',
    'Nothing to do. If it stays so for minutes, look at the lanes of the overview.',
  ),
  queued: words(
    'waiting',
    'In the lane',
    'It waits for a free worker of its channel and priority.',
    'Nothing to do. If it stays so for minutes, the lane is full or has no worker: look at the overview.',
  ),
  sending: words(
    'waiting',
    'Being sent',
    'A worker is calling the provider at this moment.',
    'Wait some seconds. It cannot be cancelled any more.',
  ),
  retrying: words(
    'waiting',
    'Will be tried again',
    'It could not be sent now: the provider had a fault, a limit was reached, or no account could be used.',
    'Nothing to do; it is tried again at the time that is shown. It can be cancelled.',
  ),
  in_doubt: words(
    'attention',
    'May have been sent',
    'The provider was called, but its answer never came. The recipient may have the message, or not.',
    'Look it up at the provider, or ask the recipient. Then mark it as sent, or send it again: that may deliver it twice.',
  ),
  sent: words(
    'good',
    'Sent',
    'The provider accepted it. Whether it arrived is known only if the provider reports it.',
    'Nothing to do. If the recipient does not have it, have them look in the spam folder, and check the address.',
  ),
  delivered: words(
    'good',
    'Delivered',
    'It arrived, says the provider; or it is in the in-app inbox.',
    NOTHING,
  ),
  failed: words(
    'bad',
    'Failed',
    'It was refused for good: the address, the content or the account was not accepted, or it bounced.',
    'Read the error. Correct the cause (the address, the template, the account), then retry it or send a new one.',
  ),
  dead: words(
    'bad',
    'Given up',
    'It was tried as often as the schedule allows without success, or its category forbids sending it again after a doubt.',
    'Read the last error. When its cause is gone, retry it: it starts again from the beginning.',
  ),
  suppressed: words(
    'neutral',
    'Address is blocked',
    'Nothing was sent: the address is on the list of addresses that get no messages, after a bounce, a complaint or an unsubscription.',
    'If the recipient wants messages again and says so, lift the suppression, then send a new message.',
  ),
  skipped: words(
    'neutral',
    'Not wanted',
    'Nothing was sent: the recipient has switched this channel or category off, or has got as many as their limit allows.',
    'Nothing to do. Only the recipient should change their preferences.',
  ),
  cancelled: words(
    'neutral',
    'Cancelled',
    'It was cancelled before it was sent. No provider got it.',
    'Nothing to do. To send it after all, send a new one.',
  ),
  expired: words(
    'neutral',
    'Too late',
    'Its time limit passed before it could be sent, so that nobody gets an old code or offer.',
    'Send a new one if it is still needed. If many expire, look at the lanes and the limits of the accounts.',
  ),
};

export const OUTCOME_WORDS: Readonly<Record<OutcomeClass, Words>> = {
  accepted: words('good', 'Accepted', 'The provider took the message and gave it an id.', NOTHING),
  transient: words(
    'waiting',
    'Not this time',
    'The provider did not take the message, for a reason that usually passes.',
    'Nothing to do; another account is tried, or the same one later.',
  ),
  throttled: words(
    'waiting',
    'Too fast',
    'The provider asks to send more slowly. This uses up no try.',
    'Nothing to do. If it lasts, lower the rate of the account, or have the provider raise its limit.',
  ),
  quota: words(
    'attention',
    'Quota used up',
    'The provider says that the credit or the daily limit of the account is used up. This uses up no try.',
    `Buy credit or raise the limit at the provider; it goes on by itself. ${OPERATOR}`,
  ),
  in_doubt: words(
    'attention',
    'Answer unknown',
    'The provider may have the message: the call broke off, or its answer did not say.',
    'It is looked up at the provider first. Where that is not possible, a person decides.',
  ),
  rejected: words(
    'bad',
    'Refused',
    'The provider refuses this message.',
    'Read the code; correct the content, the sender or the address, and send it again.',
  ),
  bad_recipient: words(
    'bad',
    'Address does not work',
    'The provider says that this address or device cannot be reached, or that the person has opted out.',
    'Get another address from the recipient. Trying the same one again does not help.',
  ),
  misconfigured: words(
    'attention',
    'Account is not set up',
    'The provider refuses our account, not the message: its key, sender, permission or address is wrong. This uses up no try.',
    `Correct the provider account; waiting messages then go on by themselves. ${OPERATOR}`,
  ),
};

/** How far a call came. */
export const PHASE_WORDS: Readonly<Record<Phase, Words>> = {
  started: words(
    'neutral',
    'Not written',
    'Nothing of the message left this system: the provider certainly does not have it.',
    NOTHING,
  ),
  written: words(
    'attention',
    'Written, no answer',
    'The message was written to the provider, and no answer came: it may have it.',
    'See what is said about the answer of this attempt.',
  ),
  answered: words('neutral', 'Answered', 'The provider answered.', NOTHING),
};

/** What a provider reported after it had accepted. */
export const RECEIPT_WORDS: Readonly<Record<ReceiptKind, Words>> = {
  accepted: words('good', 'Confirmed', 'The provider confirms that it has the message.', NOTHING),
  delayed: words(
    'waiting',
    'Delayed',
    'The provider has it, but could not hand it over yet, and goes on trying.',
    'Nothing to do; a further report follows.',
  ),
  delivered: words(
    'good',
    'Arrived',
    'The mail server, network or device of the recipient took it.',
    'Nothing to do. If the recipient does not see it, have them look in the spam folder.',
  ),
  soft_bounced: words(
    'bad',
    'Came back for now',
    'The mailbox was full or could not be reached. The address stays in use; after five in a row it is switched off.',
    'Try again later, or ask the recipient for another address.',
  ),
  bounced: words(
    'bad',
    'Came back',
    'The address does not exist or refuses mail for good. It gets no more messages from now on.',
    'Ask the recipient for the right address. Lift the suppression only if the address is certainly right.',
  ),
  failed: words(
    'bad',
    'Not delivered',
    'The provider could not hand it over: the network or the mail server refused this message.',
    'Read the code that was reported. Correct the cause and retry it.',
  ),
  complained: words(
    'bad',
    'Marked as spam',
    'The recipient marked it as spam. The address gets no more messages from now on.',
    'Do not write to this address again unless the person asks for it.',
  ),
  opted_out: words(
    'neutral',
    'Answered STOP',
    'The recipient answered STOP. The number gets no more messages from this sender.',
    'Only the recipient can undo it, by answering START.',
  ),
  opted_in: words('good', 'Answered START', 'The recipient answered START and gets messages again.', NOTHING),
  unsubscribed: words(
    'neutral',
    'Unsubscribed',
    'The recipient used the unsubscribe link. It counts as their preference for this category.',
    'Nothing to do. Only the recipient should change it.',
  ),
  seen: words('good', 'Seen', 'The recipient had it on the screen, in the inbox of your app.', NOTHING),
  read: words('good', 'Read', 'The recipient read it in the inbox of your app.', NOTHING),
  opened: words(
    'good',
    'Opened',
    'The mail was opened; some mail programs open every mail by themselves.',
    NOTHING,
  ),
  clicked: words('good', 'Clicked', 'A link of the message was followed.', NOTHING),
};

/** Why an address gets no messages. */
export const SUPPRESSION_WORDS: Readonly<Record<SuppressionReason, Words>> = {
  bounce: words(
    'bad',
    'Bounced',
    'Mail to this address came back for good: it does not exist or refuses mail.',
    'Ask for the right address. Lift it only if the address is certainly right, for each bounce harms your sender.',
  ),
  complaint: words(
    'bad',
    'Marked as spam',
    'The person marked a message as spam.',
    'Lift it only if the person asks for messages in writing.',
  ),
  stop: words(
    'neutral',
    'Answered STOP',
    'The person answered STOP, or the provider knows that they opted out.',
    'The person has to answer START; lifting it here does not change what the provider does.',
  ),
  unsubscribe: words(
    'neutral',
    'Unsubscribed',
    'The person unsubscribed at the provider.',
    'Lift it only if the person asks for it.',
  ),
  manual: words(
    'neutral',
    'Blocked by hand',
    'Somebody put the address on the list; the note says why.',
    'Ask who did it, then lift it if the reason is gone.',
  ),
  erased: words(
    'neutral',
    'Erased',
    'The person had their data erased. Only this mark is left, so that nobody writes to them again.',
    'Do not lift it unless the person registers again.',
  ),
};

/** Why a message is held, skipped or not sent, or what a send would do: the codes of `POST /v1/notifications/explain`. */
export type DecisionCode =
  | RefusalCode
  | 'scheduled'
  | 'waits_in_line'
  | 'breaker_open'
  | 'breaker_half_open'
  | 'account';

export const DECISION_WORDS: Readonly<Record<DecisionCode, Words>> = {
  recipient_erased: words(
    'neutral',
    'Recipient erased',
    'The recipient was erased before it could be sent.',
    NOTHING,
  ),
  expired: words(
    'neutral',
    'Too late',
    'Its time limit has passed.',
    'Send a new one if it is still needed.',
  ),
  channel_opted_out: words(
    'neutral',
    'Channel switched off',
    'The recipient has switched this channel off.',
    'Use another channel, or leave it: only the recipient should change it.',
  ),
  category_opted_out: words(
    'neutral',
    'Category switched off',
    'The recipient does not want messages of this category.',
    'Nothing to do. Only the recipient should change it.',
  ),
  category_channel_opted_out: words(
    'neutral',
    'Category switched off here',
    'The recipient does not want messages of this category by this channel.',
    'Use another channel, or leave it: only the recipient should change it.',
  ),
  no_contact_point: words(
    'bad',
    'No address',
    'The recipient has no usable address for this channel.',
    'Give the recipient an address or a device, or send by another channel.',
  ),
  address_changed: words(
    'waiting',
    'Address changed',
    'The address was removed while it was being sent; another one of the recipient is tried.',
    NOTHING,
  ),
  address_suppressed: words(
    'neutral',
    'Address is blocked',
    'The address is on the list of addresses that get no messages.',
    'Look at the reason of the suppression, and lift it if the recipient wants messages again.',
  ),
  expires_in_quiet_hours: words(
    'neutral',
    'Would come too late',
    'It would expire during the quiet hours of the recipient, so it ends now.',
    'Give it a later time limit, or send it as critical if it must not wait.',
  ),
  quiet_hours: words(
    'waiting',
    'Quiet hours',
    'The recipient wants no messages at this time of day.',
    'Nothing to do; it is sent when they end.',
  ),
  expires_in_pause: words(
    'neutral',
    'Would come too late',
    'It would expire while the recipient has paused all messages, so it ends now.',
    'Give it a later time limit, or send it as critical if it must not wait.',
  ),
  paused: words(
    'waiting',
    'Paused',
    'The recipient has paused all messages.',
    'Nothing to do; it is sent when the pause ends.',
  ),
  cap_reached: words(
    'neutral',
    'Limit reached',
    'The recipient has got as many messages as their limit allows.',
    NOTHING,
  ),
  scheduled: words('waiting', 'Scheduled', 'It is for a later time.', NOTHING),
  waits_in_line: words(
    'waiting',
    'Waits its turn',
    'An earlier message with the same ordering key is still on its way.',
    'Look at the earlier one: if it is in doubt, settle it.',
  ),
  breaker_open: words(
    'attention',
    'Account not used',
    'The provider account is not used now, because it fails or because somebody took it out of use.',
    'Nothing to do if another account takes over. Otherwise look at the provider accounts.',
  ),
  breaker_half_open: words(
    'waiting',
    'Account on trial',
    'The provider account failed before and gets a few messages on trial.',
    NOTHING,
  ),
  account: words('neutral', 'Account chosen', 'This account is the first that may be called.', NOTHING),
};

/** Our own error codes. Those of providers are in provider-words.ts. */
export const ERROR_WORDS: Readonly<Record<string, Words>> = {
  connection_refused: words(
    'waiting',
    'Connection refused',
    'The host of the provider refused the connection. It got nothing.',
    `It is tried again. If it lasts, check host and port of the account. ${OPERATOR}`,
  ),
  dns_failed: words(
    'waiting',
    'Host not found',
    'The host name of the provider could not be resolved. It got nothing.',
    `It is tried again. If it lasts, check the host of the account and the DNS of the workers. ${OPERATOR}`,
  ),
  unreachable: words(
    'waiting',
    'Host unreachable',
    'There is no way through the network to the provider. It got nothing.',
    `It is tried again. If it lasts, check the network of the workers. ${OPERATOR}`,
  ),
  connect_timeout: words(
    'waiting',
    'Connecting took too long',
    'The connection to the provider did not open in time. It got nothing.',
    'It is tried again. If it lasts, look at the status page of the provider.',
  ),
  greeting_timeout: words(
    'waiting',
    'No greeting',
    'The mail server took the connection but said nothing. It got nothing.',
    'It is tried again. If it lasts, check host, port and TLS of the account.',
  ),
  tls_failed: words(
    'waiting',
    'Encryption failed',
    'No encrypted connection could be made: the certificate is not valid, not trusted, or for another name.',
    `Check the host and the certificate of the account. ${OPERATOR}`,
  ),
  connection_reset: words(
    'attention',
    'Connection broke',
    'The connection broke during the call.',
    'If the message had been written it may have arrived; that is looked up.',
  ),
  connection_failed: words(
    'attention',
    'Connection failed',
    'The connection failed, for a reason that is not known.',
    'If the message had been written it may have arrived; that is looked up.',
  ),
  stream_refused: words(
    'waiting',
    'Refused unread',
    'The provider refused the request without reading it.',
    'Nothing to do; it is tried again.',
  ),
  timeout: words(
    'attention',
    'No answer in time',
    'The provider took longer than the account allows.',
    'It may have arrived; that is looked up. If it happens often, the provider is slow: look at its status page.',
  ),
  lease_over: words(
    'waiting',
    'Worker was too slow',
    'The worker was held up for so long that it may not send any more: another one has taken over.',
    'Nothing to do. If it happens often, the workers have too little processor time.',
  ),
  worker_lost: words(
    'attention',
    'Worker was lost',
    'The worker ended during the call, so that the answer of the provider is unknown.',
    'It is looked up at the provider. Where that is not possible, decide as for any doubt.',
  ),
  invalid_answer: words(
    'attention',
    'Answer not understood',
    'The provider answered something that neither confirms nor refuses the message.',
    `It may have arrived; that is looked up. Check that the address of the account is that of the provider. ${OPERATOR}`,
  ),
  adapter_threw: words(
    'attention',
    'Internal error in a call',
    'The program that speaks to the provider failed by a defect.',
    'Report it with the id of the message; it is handled as a doubt.',
  ),
  internal: words(
    'attention',
    'Internal error',
    'A step before the call failed by a defect. No provider was called.',
    'It is tried again. Report it with the id of the message if it does not go away.',
  ),
  origin_cancelled: words(
    'neutral',
    'Campaign cancelled',
    'Its campaign was cancelled before it was sent.',
    NOTHING,
  ),
  unstorable: words(
    'bad',
    'Could not be stored',
    'The database refused a value of this message. What was refused is in the log of the worker.',
    'Report it with the id of the message.',
  ),
  recipient_locked: words(
    'waiting',
    'Recipient is being changed',
    'The recipient is being changed at this moment, and its inbox could not be written.',
    'Nothing to do; it is tried again.',
  ),
  no_contact_point: DECISION_WORDS.no_contact_point,
  template_missing: words(
    'bad',
    'Template has no such text',
    'The template has no text for this channel and language.',
    'Add the text to the template and publish it. A retry keeps the version that the message has: send a new one.',
  ),
  missing_variables: words(
    'bad',
    'Variables are missing',
    'The request did not give every variable that the template needs.',
    'Have the sending program give them, or give them a default in the template; then send a new one.',
  ),
  render_failed: words(
    'bad',
    'Template failed',
    'The template could not be filled in: it is wrong for these data, takes too long, or gives an empty text.',
    'Correct the template, preview it with the data, and send a new message.',
  ),
  output_too_large: words(
    'bad',
    'Text too large',
    'The filled-in template is larger than is allowed.',
    'Shorten the template or the data, and send a new message.',
  ),
  attachment_unreachable: words(
    'waiting',
    'File cannot be fetched now',
    'The server of an attached file did not give it.',
    'It is tried again. Check that the address of the file works from the workers.',
  ),
  attachment_unavailable: words(
    'bad',
    'File is not there',
    'An attached file does not exist, is too large, or may not be fetched.',
    'Put the file where its address says, and send a new message.',
  ),
  invalid_message: words(
    'bad',
    'Message does not fit',
    'The message lacks something that this provider needs, mostly a sender address or a content.',
    'Give the account a sender, or the message a `from`; then retry it.',
  ),
  wrong_target: words(
    'bad',
    'Device of another kind',
    'The device is registered for another push service than that of this account.',
    'Check which account the app of the recipient uses.',
  ),
  payload_too_large: words(
    'bad',
    'Push is too large',
    'The push message is larger than the service allows.',
    'Shorten title, body or data.',
  ),
  too_large: words(
    'bad',
    'Mail is too large',
    'The mail is larger than the mail server takes.',
    'Attach smaller files, or link to them.',
  ),
  invalid_subscription: words(
    'bad',
    'Subscription is damaged',
    'The Web Push subscription has keys that are not valid.',
    'Have the app register the device again.',
  ),
  invalid_token: words(
    'bad',
    'Device token is damaged',
    'The device token does not look like one.',
    'Have the app register the device again.',
  ),
  endpoint_not_allowed: words(
    'bad',
    'Unknown push service',
    'The subscription leads to an address that belongs to no known push service.',
    'Have the app register the device again.',
  ),
  invalid_number: words(
    'bad',
    'Not a phone number',
    'The number is not a phone number with a country code.',
    'Correct the number of the recipient.',
  ),
  no_access_token: words(
    'attention',
    'No access to the push service',
    'The push service gave no access token for the key of the account.',
    `Check the service account of the provider account. ${OPERATOR}`,
  ),
  outcome_unknown: words(
    'bad',
    'It is unknown whether it arrived',
    'After a doubt no evidence was found, and its category forbids sending it again.',
    'Ask the recipient. If it is missing, retry it: it may arrive twice.',
  ),
  expired_in_doubt: words(
    'bad',
    'Too late to decide',
    'It was in doubt until its time limit passed.',
    'Ask the recipient whether they have it; send a new one if it is still needed.',
  ),
  expired_unsent: words(
    'neutral',
    'Too late, not sent',
    'The provider does not have it, and its time limit passed before it could be sent again.',
    'Send a new one if it is still needed.',
  ),
};

/** Why the content of a message cannot be read. */
export const UNAVAILABLE_WORDS: Readonly<Record<UnavailableReason | 'purged' | 'not_permitted', Words>> = {
  secret: words(
    'neutral',
    'Secret',
    'Its category is secret (one-time codes, for example): nobody may read it, and it is removed as soon as it is final.',
    NOTHING,
  ),
  erased: words(
    'neutral',
    'Erased',
    'The recipient was erased, and with them what was written to them.',
    NOTHING,
  ),
  purged: words(
    'neutral',
    'Removed',
    'The time for which messages are kept is over. Neither the message nor its history is there any more.',
    NOTHING,
  ),
  not_permitted: words(
    'neutral',
    'Hidden',
    'Your role does not include reading what was sent.',
    'Ask an administrator for the scope content:read if you need it.',
  ),
};

/** Why a bulk action left a message as it was. */
export const SKIP_WORDS: Readonly<Record<string, Words>> = {
  not_found: words('neutral', 'Gone', 'It was removed meanwhile.', NOTHING),
  wrong_state: words(
    'neutral',
    'In another state',
    'Its state does not allow it: it is being sent, or it ended as intended.',
    NOTHING,
  ),
  expired: words(
    'neutral',
    'Too late',
    'It has expired, or would before the new time.',
    'Send a new one if it is still needed.',
  ),
  may_have_arrived: words(
    'attention',
    'May have arrived',
    'It may have arrived already, and sending it again may deliver it twice.',
    'Settle it as a doubt, or start the action again and accept that some arrive twice.',
  ),
  campaign_cancelled: words(
    'neutral',
    'Campaign cancelled',
    'Its campaign was cancelled: its messages are not sent.',
    'Have the program send a new one if it is still needed.',
  ),
  texts_removed: words(
    'neutral',
    'Text is gone',
    'It is of a secret category, and its text was removed.',
    'Have the program send a new one.',
  ),
};

/** Whether a provider account is used: what engineers call a breaker, closed or open. */
export const BREAKER_WORDS: Readonly<Record<BreakerState, Words>> = {
  closed: words('good', 'In use', 'Messages go through this account.', NOTHING),
  open: words(
    'bad',
    'Not used',
    'No message goes through this account now; other accounts of the channel take over, or messages wait.',
    'It is asked again by itself and comes back when it works. Look at the reason and at the status page of the provider.',
  ),
  half_open: words(
    'waiting',
    'On trial',
    'A few messages go through this account. If they succeed, it is used again.',
    NOTHING,
  ),
};

/** The same for an account that a person holds in that state. */
export const HELD_WORDS: Readonly<Record<'closed' | 'open', Words>> = {
  closed: words(
    'attention',
    'In use, held by hand',
    'Somebody keeps this account in use, even if it fails.',
    'Release it when the reason is gone, so that failures are noticed again.',
  ),
  open: words(
    'attention',
    'Not used, held by hand',
    'Somebody took this account out of use. It does not come back by itself.',
    'Release it when it may be used again.',
  ),
};

/** Who did a step of the timeline. `key:` and `staff:` and `receipt:` are followed by a name. */
export const ACTOR_WORDS: Readonly<Record<string, string>> = {
  api: 'The API, on request',
  relay: 'Hand-over to the lanes',
  deliver: 'A worker',
  promoter: 'The scheduler',
  rescue: 'The search for lost calls',
  sweep: 'The search for lost messages',
  order: 'The queue of its ordering key',
  campaigns: 'Its campaign',
  resolver: 'The clearing of doubts',
  reports: 'Reports fetched from the provider',
  restore: 'The restore of a backup',
};

export function actorWords(actor: string): string {
  const [kind, ...rest] = actor.split(':');
  const name = rest.join(':');
  if (kind === 'key') return `API key ${name}`;
  if (kind === 'staff') return name;
  if (kind === 'receipt') return name === '' ? 'A report of the provider' : `A report of ${name}`;
  return ACTOR_WORDS[actor] ?? actor;
}

/**
 * The words of an error code of a message or an attempt.
 *
 * @param given `provider` as in provider accounts (`twilio`), where known: codes of providers are alike.
 */
export function errorWords(given: {
  code: string;
  outcome?: OutcomeClass | null | undefined;
  provider?: string | null | undefined;
}): Words {
  const { code, outcome = null, provider = null } = given;
  const own = Object.hasOwn(ERROR_WORDS, code) ? ERROR_WORDS[code]! : null;
  const receipt = Object.hasOwn(RECEIPT_WORDS, code) ? RECEIPT_WORDS[code as ReceiptKind] : null;
  const phrase = providerPhrase(code, provider);
  // A name that a provider also uses means what the provider says, where we know that it said it.
  if (own && (provider === null || phrase === null)) return own;
  if (phrase === null && receipt) return receipt;
  const { means, next, tone } = outcome ? OUTCOME_WORDS[outcome] : UNKNOWN;
  const title = phrase ?? `Code ${code}`;
  return { title, means, next, tone: outcome ? tone : 'bad' };
}

const UNKNOWN = words(
  'bad',
  'Error',
  'The provider reported this code. It is not in our list.',
  'Look it up in the documentation of the provider.',
);
