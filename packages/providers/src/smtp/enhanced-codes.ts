import {
  type Meaning,
  misconfigured,
  type RefusalClass,
  refusedEverywhere,
  refusedHere,
  throttled,
  transient,
} from '../outcome/code-table.ts';

type Entry = RefusalClass | Meaning;

/** The meaning of `4.x.y` and `5.x.y` from RCPT TO on; the stage may make it more specific (codes.ts). */
export type EnhancedRow = readonly [four: Entry, five: Entry];

const LATER = {
  message: transient('message'),
  recipient: transient('recipient'),
  sender: transient('sender'),
  provider: transient('provider'),
  connection: transient('connection'),
};
const ACCOUNT: EnhancedRow = [misconfigured('account'), misconfigured('account')];
const AUTHENTICATION: EnhancedRow = [LATER.sender, misconfigured('sender')];

/**
 * Every code of the IANA registry of enumerated status codes, by subject and detail, and some that large providers add.
 * X.1 and X.2 are about an address, X.3 about the mail system, X.4 about the route to the recipient's, X.5 about the
 * protocol, X.6 about the content, X.7 about policy (RFC 3463, 4954, 5248, 6531, 6710, 7293, 7372, 7505, 8689).
 * https://www.iana.org/assignments/smtp-enhanced-status-codes
 */
export const SMTP_ENHANCED: Readonly<Record<string, EnhancedRow>> = {
  '1.0': [LATER.recipient, refusedHere('recipient')],
  '1.1': [LATER.recipient, 'bad_recipient'], // bad destination mailbox address
  '1.2': [LATER.recipient, 'bad_recipient'], // bad destination system address
  '1.3': [LATER.recipient, 'bad_recipient'], // bad destination mailbox address syntax
  '1.4': [LATER.recipient, refusedHere('recipient')], // ambiguous
  '1.5': [LATER.recipient, refusedHere('recipient')], // valid
  '1.6': [LATER.recipient, 'bad_recipient'], // has moved, no forwarding address
  '1.7': [LATER.sender, misconfigured('sender')], // bad sender's mailbox address syntax
  '1.8': [LATER.sender, misconfigured('sender')], // bad sender's system address
  '1.9': [LATER.message, refusedHere('message')], // relayed to a non-compliant mailer
  '1.10': [LATER.recipient, 'bad_recipient'], // null MX (RFC 7505)
  '1.90': ['quota', 'quota'], // Microsoft: the daily limit of recipients is reached
  '2.0': [LATER.recipient, refusedHere('recipient')],
  '2.1': [LATER.recipient, 'bad_recipient'], // mailbox disabled
  // A full mailbox is not a bad address, and full for every account.
  '2.2': [LATER.recipient, refusedEverywhere('recipient')],
  '2.3': [LATER.message, refusedHere('message')], // longer than the mailbox takes
  '2.4': [LATER.recipient, refusedHere('recipient')], // mailing list expansion
  '3.0': [LATER.provider, refusedHere('provider')],
  '3.1': [LATER.provider, refusedHere('provider')], // mail system full
  '3.2': [LATER.provider, misconfigured('account')], // accepts no network messages
  '3.3': [LATER.provider, refusedHere('message')], // not capable of selected features
  '3.4': [LATER.message, refusedHere('message')], // too big for the system
  '3.5': [LATER.provider, refusedHere('provider')], // incorrectly configured
  '3.6': [LATER.message, refusedHere('message')], // requested priority was changed
  '4.0': [LATER.provider, refusedHere('recipient')],
  // Microsoft's "550 5.4.1 Recipient address rejected: Access denied" too: the directory of the tenant does not have
  // the address, or not yet. The address is not suppressed.
  '4.1': [LATER.recipient, refusedHere('recipient')], // no answer from host
  '4.2': [LATER.connection, refusedHere('connection')], // bad connection
  '4.3': [LATER.recipient, refusedHere('recipient')], // directory server failure
  '4.4': [LATER.recipient, refusedHere('recipient')], // unable to route
  '4.5': [LATER.provider, refusedHere('provider')], // mail system congestion
  '4.6': [LATER.recipient, refusedHere('recipient')], // routing loop
  '4.7': [LATER.recipient, refusedHere('recipient')], // delivery time expired
  '5.0': [LATER.provider, refusedHere('recipient')], // Microsoft's consumer mail: mailbox unavailable
  '5.1': [LATER.provider, refusedHere('provider')], // invalid command, or no valid recipients
  '5.2': [LATER.provider, refusedHere('provider')], // syntax error
  '5.3': [throttled('account'), refusedHere('recipient')], // too many recipients
  '5.4': [LATER.provider, refusedHere('provider')], // invalid command arguments
  '5.5': [LATER.provider, refusedHere('provider')], // wrong protocol version
  '5.6': ACCOUNT, // authentication exchange line is too long
  '6.0': [LATER.message, refusedHere('message')],
  '6.1': [LATER.message, refusedHere('message')], // media not supported
  '6.2': [LATER.message, refusedHere('message')], // conversion required and prohibited
  '6.3': [LATER.message, refusedHere('message')], // conversion required but not supported
  '6.4': [LATER.message, refusedHere('message')], // conversion with loss performed
  '6.5': [LATER.message, refusedHere('message')], // conversion failed
  '6.6': [LATER.message, refusedHere('message')], // message content not available
  '6.7': [LATER.recipient, refusedHere('recipient')], // non-ASCII addresses not permitted
  '6.8': [LATER.recipient, refusedHere('recipient')], // UTF-8 string reply is required
  '6.9': [LATER.recipient, refusedHere('recipient')], // UTF-8 header message cannot be transferred
  '6.10': [LATER.recipient, refusedHere('recipient')],
  // Rate limits of large mailbox providers, and Amazon's "454 4.7.0 Throttling failure"; 5yz: the reputation of this
  // sender or its servers.
  '7.0': [throttled('account'), refusedHere('sender')],
  '7.1': [throttled('account'), refusedHere('sender')], // delivery not authorized
  '7.2': [LATER.recipient, refusedHere('recipient')], // mailing list expansion prohibited
  '7.3': ACCOUNT, // security conversion required but not possible
  '7.4': ACCOUNT, // security features not supported
  '7.5': ACCOUNT, // cryptographic failure
  '7.6': ACCOUNT, // cryptographic algorithm not supported
  '7.7': [LATER.message, refusedHere('message')], // message integrity failure
  '7.8': ACCOUNT, // authentication credentials invalid
  '7.9': ACCOUNT, // authentication mechanism is too weak
  '7.10': ACCOUNT, // encryption needed
  '7.11': ACCOUNT, // encryption required for requested authentication mechanism
  '7.12': ACCOUNT, // a password transition is needed
  '7.13': ACCOUNT, // user account disabled
  '7.14': ACCOUNT, // trust relationship required
  '7.15': [LATER.message, refusedHere('message')], // priority level is too low
  '7.16': [LATER.message, refusedHere('message')], // too big for the specified priority
  '7.17': [LATER.recipient, refusedEverywhere('recipient')], // mailbox owner has changed
  '7.18': [LATER.recipient, refusedEverywhere('recipient')], // domain owner has changed
  '7.19': [LATER.recipient, refusedHere('recipient')], // RRVS test cannot be completed
  '7.20': AUTHENTICATION, // no passing DKIM signature found
  '7.21': AUTHENTICATION, // no acceptable DKIM signature found
  '7.22': AUTHENTICATION, // no valid author-matched DKIM signature found
  '7.23': AUTHENTICATION, // SPF validation failed
  '7.24': AUTHENTICATION, // SPF validation error
  '7.25': [transient('account'), misconfigured('account')], // reverse DNS validation failed
  '7.26': AUTHENTICATION, // multiple authentication checks failed
  '7.27': AUTHENTICATION, // sender address has null MX
  '7.28': [throttled('account'), throttled('account')], // mail flood detected
  '7.29': AUTHENTICATION, // ARC validation failure
  '7.30': [LATER.recipient, refusedHere('recipient')], // REQUIRETLS support required
  '7.57': ACCOUNT, // Microsoft: client not authenticated
  '7.60': AUTHENTICATION, // Microsoft: no permission to send as this sender
  '7.64': ACCOUNT, // Microsoft: relay access denied to this tenant
  '7.139': ACCOUNT, // Microsoft: basic authentication is disabled
  '7.232': ['quota', 'quota'], // Microsoft: limit of external recipients of a tenant
  '7.233': ['quota', 'quota'],
  '7.705': ACCOUNT, // Microsoft: tenant has exceeded its threshold
  '7.708': ACCOUNT, // Microsoft: no traffic is accepted from this address
};

/** An unregistered detail is treated by its subject. */
export const SMTP_SUBJECTS: Readonly<Record<string, EnhancedRow>> = {
  1: [LATER.recipient, refusedHere('recipient')],
  2: [LATER.recipient, refusedHere('recipient')],
  3: [LATER.provider, refusedHere('provider')],
  4: [LATER.recipient, refusedHere('recipient')],
  5: [LATER.provider, refusedHere('provider')],
  6: [LATER.message, refusedHere('message')],
  7: [LATER.sender, refusedHere('sender')],
};
