import { describe, expect, test } from 'vitest';
import { kinds, read, SCHEMES } from '../../../../test/contract/signed-receipts.ts';

/** Every documented event and subtype of each provider, and its receipt kind. An empty list changes nothing. */
describe('Postmark', () => {
  const of = (event: object) => kinds('postmark', JSON.stringify({ MessageID: 'm', ...event }));

  test.each([
    ['HardBounce', ['bounced']],
    ['BadEmailAddress', ['bounced']],
    ['Transient', ['soft_bounced']],
    ['SoftBounce', ['soft_bounced']],
    ['DnsError', ['soft_bounced']],
    ['Unknown', ['soft_bounced']],
    ['ChallengeVerification', ['delayed']],
    ['Blocked', ['failed']],
    ['SpamNotification', ['failed']],
    ['VirusNotification', ['failed']],
    ['DMARCPolicy', ['failed']],
    ['SMTPApiError', ['failed']],
    ['ManuallyDeactivated', ['failed']],
    ['Unconfirmed', ['failed']],
    ['TemplateRenderingFailed', ['failed']],
    ['SpamComplaint', ['complained']],
    ['Unsubscribe', ['unsubscribed']],
    ['Subscribe', []],
    ['AutoResponder', []],
    ['AddressChange', []],
    ['OpenRelayTest', []],
    ['InboundError', []],
    ['SomethingNew', ['failed']],
    ['constructor', ['failed']],
  ])('a bounce of type %s', async (Type, expected) => {
    expect(await of({ RecordType: 'Bounce', ID: 1, Type })).toEqual(expected);
  });

  test.each([
    ['Delivery', {}, ['delivered']],
    ['SpamComplaint', { ID: 1, Type: 'SpamComplaint' }, ['complained']],
    ['Open', { UserAgent: 'x' }, ['opened']],
    ['Click', { OriginalLink: 'https://shop.test' }, ['clicked']],
    ['Inbound', { From: 'ada@example.test' }, []],
    ['SomethingNew', {}, []],
    ['constructor', {}, []],
  ])('%s', async (RecordType, about, expected) => {
    expect(await of({ RecordType, ...about })).toEqual(expected);
  });

  test.each([
    [true, 'HardBounce', 'Recipient', ['bounced']],
    [true, 'SpamComplaint', 'Recipient', ['complained']],
    [true, 'ManualSuppression', 'Recipient', ['unsubscribed']],
    [true, 'ManualSuppression', 'Customer', []],
    [true, 'ManualSuppression', 'Admin', []],
    [true, null, 'Admin', []],
    [false, null, 'Recipient', []],
    ['true', 'HardBounce', 'Recipient', []],
  ])(
    'a change of the suppression list: %s, %s by %s',
    async (SuppressSending, SuppressionReason, Origin, expected) => {
      const change = { RecordType: 'SubscriptionChange', SuppressSending, SuppressionReason, Origin };
      expect(await of(change)).toEqual(expected);
    },
  );

  test('the same event sent twice is one, another one of the same message is another', async () => {
    const idOf = async (event: object) => {
      const { sign, trust } = SCHEMES.postmark!;
      const body = JSON.stringify({ MessageID: 'm', Recipient: 'ada@example.test', ...event });
      const reading = await read('postmark', sign(body), trust);
      return reading.read === 'receipts' ? reading.receipts[0]?.eventId : undefined;
    };
    const open = { RecordType: 'Open', ReceivedAt: '2026-11-21T09:00:00Z' };
    const first = await idOf(open);
    expect(first).toBeTruthy();
    expect(await idOf(open)).toBe(first);
    expect(await idOf({ ...open, ReceivedAt: '2026-11-21T09:00:01Z' })).not.toBe(first);
    expect(await idOf({ ...open, RecordType: 'Click' })).not.toBe(first);
    expect(await idOf({ RecordType: 'Bounce', ID: 1, Type: 'SoftBounce' })).not.toBe(
      await idOf({ RecordType: 'Bounce', ID: 2, Type: 'SoftBounce' }),
    );
  });
});

describe('Amazon SES', () => {
  const of = (event: object) => kinds('ses', JSON.stringify({ mail: { messageId: 'm' }, ...event }));

  test.each([
    ['Permanent', 'General', ['bounced']],
    ['Permanent', 'NoEmail', ['bounced']],
    ['Permanent', 'Suppressed', ['bounced']],
    ['Permanent', 'OnAccountSuppressionList', ['bounced']],
    ['Permanent', 'UnsubscribedRecipient', ['failed']],
    ['Permanent', 'SomethingNew', ['bounced']],
    ['Transient', 'General', ['soft_bounced']],
    ['Transient', 'MailboxFull', ['soft_bounced']],
    ['Transient', 'MessageTooLarge', ['failed']],
    ['Transient', 'ContentRejected', ['failed']],
    ['Transient', 'AttachmentRejected', ['failed']],
    ['Transient', 'CustomTimeoutExceeded', ['failed']],
    ['Undetermined', 'Undetermined', ['soft_bounced']],
  ])('a bounce %s/%s', async (bounceType, bounceSubType, expected) => {
    expect(await of({ eventType: 'Bounce', bounce: { bounceType, bounceSubType } })).toEqual(expected);
  });

  test.each([
    ['abuse', null, ['complained']],
    ['fraud', null, ['complained']],
    ['other', null, ['complained']],
    [undefined, null, ['complained']],
    ['not-spam', null, []],
    ['auth-failure', null, []],
    ['virus', null, []],
    [undefined, 'OnAccountSuppressionList', ['failed', 'complained']],
  ])('a complaint of type %s, subtype %s', async (complaintFeedbackType, complaintSubType, expected) => {
    const complaint = { complaintFeedbackType, complaintSubType };
    expect(await of({ eventType: 'Complaint', complaint })).toEqual(expected);
    expect(await of({ notificationType: 'Complaint', complaint })).toEqual(expected);
  });

  test.each([
    ['Send', { send: {} }, ['accepted']],
    ['Delivery', { delivery: {} }, ['delivered']],
    ['DeliveryDelay', { deliveryDelay: { delayType: 'MailboxFull' } }, ['delayed']],
    ['Reject', { reject: { reason: 'Bad content' } }, ['failed']],
    ['Rendering Failure', { failure: { errorMessage: 'x' } }, ['failed']],
    ['Open', { open: {} }, ['opened']],
    ['Click', { click: { link: 'https://shop.test' } }, ['clicked']],
    ['SomethingNew', {}, []],
    ['constructor', {}, []],
  ])('%s', async (eventType, about, expected) => {
    expect(await of({ eventType, ...about })).toEqual(expected);
  });

  test.each([
    [{ unsubscribeAll: true }, ['unsubscribed']],
    [
      { unsubscribeAll: false, topicSubscriptionStatus: [{ topicName: 'a', subscriptionStatus: 'OptOut' }] },
      ['unsubscribed'],
    ],
    [
      { unsubscribeAll: false, topicSubscriptionStatus: [{ topicName: 'a', subscriptionStatus: 'OptIn' }] },
      [],
    ],
    [undefined, []],
  ])('a change of subscription %j', async (newTopicPreferences, expected) => {
    expect(await of({ eventType: 'Subscription', subscription: { newTopicPreferences } })).toEqual(expected);
  });
});

describe('SendGrid', () => {
  const of = (event: object) =>
    kinds('sendgrid', `${JSON.stringify([{ sg_event_id: 'e', email: 'ada@example.test', ...event }])}\r\n`);

  test.each([
    [{ event: 'processed' }, ['accepted']],
    [{ event: 'deferred' }, ['delayed']],
    [{ event: 'delivered' }, ['delivered']],
    [{ event: 'open' }, ['opened']],
    [{ event: 'click' }, ['clicked']],
    [{ event: 'spamreport' }, ['complained']],
    [{ event: 'unsubscribe' }, ['unsubscribed']],
    [{ event: 'group_unsubscribe' }, ['unsubscribed']],
    [{ event: 'group_resubscribe' }, []],
    [{ event: 'account_status_change' }, []],
    [{ event: 'bounce', type: 'bounce' }, ['bounced']],
    [
      { event: 'bounce', type: 'bounce', status: '5.1.1', bounce_classification: 'Invalid Address' },
      ['bounced'],
    ],
    [{ event: 'bounce', type: 'bounce', status: '5.1.10' }, ['bounced']],
    [
      { event: 'bounce', type: 'bounce', status: '5.2.1', bounce_classification: 'Mailbox Unavailable' },
      ['bounced'],
    ],
    [
      { event: 'bounce', type: 'bounce', status: '5.2.2', bounce_classification: 'Mailbox Unavailable' },
      ['soft_bounced'],
    ],
    [{ event: 'bounce', type: 'bounce', bounce_classification: 'Reputation' }, ['failed']],
    [{ event: 'bounce', type: 'bounce', bounce_classification: 'Technical' }, ['failed']],
    [{ event: 'bounce', type: 'bounce', bounce_classification: 'Content' }, ['failed']],
    [{ event: 'bounce', type: 'bounce', bounce_classification: 'Frequency or Volume Too High' }, ['failed']],
    [{ event: 'bounce', type: 'bounce', status: '5.7.1' }, ['failed']],
    [{ event: 'bounce', type: 'blocked' }, ['soft_bounced']],
    [{ event: 'bounce', type: 'blocked', bounce_classification: 'Unclassified' }, ['soft_bounced']],
    [{ event: 'bounce', type: 'blocked', bounce_classification: 'Reputation' }, ['failed']],
    [{ event: 'bounce', type: 'blocked', status: '5.7.26' }, ['failed']],
    [{ event: 'dropped', reason: 'Bounced Address' }, ['bounced']],
    [{ event: 'dropped', reason: 'Invalid' }, ['bounced']],
    [{ event: 'dropped', reason: 'Invalid SMTPAPI header' }, ['failed']],
    [{ event: 'dropped', reason: 'Spam Reporting Address' }, ['failed', 'complained']],
    [{ event: 'dropped', reason: 'Unsubscribed Address' }, ['failed', 'unsubscribed']],
    [{ event: 'dropped', reason: 'Spam Content (if Spam Checker app enabled)' }, ['failed']],
    [{ event: 'dropped', reason: 'Recipient List over Package Quota' }, ['failed']],
  ])('%j', async (event, expected) => {
    expect(await of(event)).toEqual(expected);
  });

  test('an event without an id of its own is identified by its content', async () => {
    const ids = async (event: object) => {
      const scheme = SCHEMES.sendgrid!;
      const reading = await read('sendgrid', scheme.sign(`${JSON.stringify([event])}\r\n`), scheme.trust);
      return reading.read === 'receipts' ? reading.receipts.map(({ eventId }) => eventId) : [];
    };
    const event = { event: 'bounce', type: 'bounce', email: 'ada@example.test', sg_message_id: '' };
    expect(await ids(event)).toHaveLength(1);
    expect(await ids(event)).toEqual(await ids(event));
    expect(await ids(event)).not.toEqual(await ids({ ...event, email: 'eve@example.test' }));
  });

  test.each([
    [{ event: 'open', sg_machine_open: true, useragent: 'Mozilla/5.0 (Windows NT 10.0)' }, true],
    [{ event: 'open', sg_machine_open: false, useragent: 'Mozilla/5.0 (Windows NT 10.0)' }, false],
    [{ event: 'click', useragent: 'BarracudaSentinel' }, true],
    [{ event: 'click', useragent: 'Mozilla/5.0 (Windows NT 10.0)' }, false],
  ])('%j: a machine %s', async (event, machine) => {
    const scheme = SCHEMES.sendgrid!;
    const body = `${JSON.stringify([{ sg_event_id: 'e', ...event }])}\r\n`;
    const reading = await read('sendgrid', scheme.sign(body), scheme.trust);
    expect(reading).toMatchObject({ receipts: [{ machine }] });
  });
});

describe('Twilio', () => {
  const of = (fields: Record<string, string>) =>
    kinds('twilio', new URLSearchParams({ MessageSid: 'SM1', ...fields }).toString());

  test.each([
    [{ MessageStatus: 'queued' }, ['accepted']],
    [{ MessageStatus: 'sent' }, ['accepted']],
    [{ MessageStatus: 'DELIVERED' }, ['delivered']],
    [{ MessageStatus: 'read' }, ['delivered']],
    [{ MessageStatus: 'canceled' }, ['failed']],
    [{ MessageStatus: 'undelivered', ErrorCode: '30003' }, ['soft_bounced']],
    [{ MessageStatus: 'undelivered', ErrorCode: '30005' }, ['bounced']],
    [{ MessageStatus: 'undelivered', ErrorCode: '30006' }, ['bounced']],
    [{ MessageStatus: 'undelivered', ErrorCode: '30007' }, ['failed']],
    [{ MessageStatus: 'undelivered', ErrorCode: '30008' }, ['failed']],
    [{ MessageStatus: 'undelivered', ErrorCode: '30017' }, ['failed']],
    [{ MessageStatus: 'failed', ErrorCode: '30032' }, ['failed']],
    [{ MessageStatus: 'failed', ErrorCode: '21610' }, ['opted_out']],
    [{ MessageStatus: 'failed' }, ['failed']],
    [{ MessageStatus: 'teleported' }, []],
    [{ MessageStatus: 'constructor' }, []],
  ])('%j', async (fields, expected) => {
    expect(await of(fields as Record<string, string>)).toEqual(expected);
  });

  test('a boundary shifted between a value and the next name, which the signature does not cover, changes nothing', async () => {
    const scheme = SCHEMES.twilio!;
    const good = scheme.sign('MessageSid=SM1&MessageStatus=delivered&To=%2B15005550009');
    const shifted = { ...good, body: 'MessageSid=SM1&MessageStatus=deliveredTo%2B15005550009' };
    expect(await read('twilio', shifted, scheme.trust)).toEqual({ read: 'receipts', receipts: [] });
  });
});

test.each([
  ['DELIVERED', ['delivered']],
  ['Message Sent', ['accepted']],
  ['Message Failed', ['failed']],
  ['DND Active on Phone Number', ['failed']],
  ['Rejected', ['failed']],
  ['Expired', ['soft_bounced']],
  ['Invalid number', ['bounced']],
  ['Something new', []],
])('Termii: %s', async (status, expected) => {
  const body = JSON.stringify({ type: 'outbound', message_id: 'T1', receiver: '2348012345678', status });
  expect(await kinds('termii', body)).toEqual(expected);
});

test.each([
  ['email.sent', {}, ['accepted']],
  ['email.scheduled', {}, []],
  ['email.received', {}, []],
  ['email.delivered', {}, ['delivered']],
  ['email.delivery_delayed', {}, ['delayed']],
  ['email.complained', {}, ['complained']],
  ['email.opened', {}, ['opened']],
  ['email.clicked', {}, ['clicked']],
  ['email.failed', { failed: { reason: 'reached_daily_quota' } }, ['failed']],
  ['email.suppressed', {}, ['bounced']],
  ['email.bounced', { bounce: { type: 'Permanent', subType: 'General' } }, ['bounced']],
  ['email.bounced', { bounce: { type: 'Transient', subType: 'MailboxFull' } }, ['soft_bounced']],
  ['email.bounced', { bounce: { type: 'Transient', subType: 'MessageTooLarge' } }, ['failed']],
  ['contact.created', {}, []],
])('Resend: %s %j', async (type, data, expected) => {
  expect(await kinds('resend', JSON.stringify({ type, data: { email_id: 're_1', ...data } }))).toEqual(
    expected,
  );
});
