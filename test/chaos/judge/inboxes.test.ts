import { expect, test } from 'vitest';
import {
  type InboxEvidence,
  type InboxRow,
  judgeInboxes,
  type MessageState,
  type StreamedEvent,
} from './inboxes.ts';

const state = (over: Partial<MessageState> = {}): MessageState => ({
  id: 'a',
  sequence: 10,
  isSeen: false,
  isRead: false,
  isArchived: false,
  isSnoozed: false,
  ...over,
});
const row = (over: Partial<InboxRow> = {}): InboxRow => ({ ...state(), person: 'ada', ...over });
const message = (over: Partial<MessageState> = {}): StreamedEvent => {
  const made = state(over);
  return { type: 'message', number: made.sequence, message: made };
};
const changed = (over: Partial<MessageState>): StreamedEvent =>
  ({ ...message(over), type: 'changed' }) as StreamedEvent;
const counts = (number: number, unread: number, unseen = unread): StreamedEvent => ({
  type: 'counts',
  number,
  unread,
  unseen,
});
const rules = (events: StreamedEvent[], over: Partial<InboxEvidence> = {}) =>
  judgeInboxes({
    clients: [{ name: 'tab', person: 'ada', events }],
    rows: [row()],
    receipts: [],
    ...over,
  }).map(({ rule }) => rule);

test('a message that came once, and the counts of its row: nothing to find', () => {
  expect(rules([message(), counts(10, 1)])).toEqual([]);
  // After a reconnect the counts come again under the same number.
  expect(rules([message(), counts(10, 1), { type: 'closed' }, counts(10, 1)])).toEqual([]);
});

test('a stored message that never came as new is missed, also if a change of it came', () => {
  expect(rules([counts(10, 1)])).toEqual(['inbox_missed']);
  expect(rules([changed({}), counts(10, 1)])).toEqual(['inbox_missed']);
});

test('a message that came twice as new is repeated; so is one that no row has', () => {
  expect(
    rules([message(), message({ sequence: 11 }), counts(11, 1)], { rows: [row({ sequence: 11 })] }),
  ).toEqual(['inbox_repeated']);
  expect(rules([message(), message({ id: 'b', sequence: 11 }), counts(11, 1)])).toEqual(['inbox_repeated']);
});

test('numbers rise over all connections: the same number again, a smaller one and a reset are out of order', () => {
  expect(rules([message(), changed({}), counts(10, 1)])).toEqual(['inbox_order']);
  expect(rules([message(), counts(9, 1), counts(10, 1)])).toEqual(['inbox_order']);
  expect(rules([message(), { type: 'reset' }, counts(10, 1)])).toEqual(['inbox_order']);
});

test('two rows of a person with one number are out of order, two of two people are not', () => {
  const both = [message(), message({ id: 'b', sequence: 11 }), counts(11, 2)];
  const found = rules(both, { rows: [row({ sequence: 11 }), row({ id: 'b', sequence: 11 })] });
  expect(found).toContain('inbox_order');
  expect(rules([message(), counts(10, 1)], { rows: [row(), row({ id: 'b', person: 'bob' })] })).toEqual([]);
});

test.each([
  ['sequence', 12],
  ['isSeen', true],
  ['isRead', true],
  ['isArchived', true],
  ['isSnoozed', true],
] as const)(
  'a client whose last word about a message has another %s than the row differs',
  (field, value) => {
    const other = row({ [field]: value });
    const receipts = (['seen', 'read'] as const).map((kind) => ({ id: 'a', kind, count: 1 }));
    const isListed = !other.isArchived && !other.isSnoozed;
    const right = counts(12, isListed && !other.isRead ? 1 : 0, isListed && !other.isSeen ? 1 : 0);
    expect(rules([message(), right], { rows: [other], receipts })).toEqual(['inbox_differs']);
  },
);

test('the last counts are those of the rows that are neither archived nor snoozed', () => {
  expect(rules([message()])).toEqual(['inbox_differs']);
  expect(rules([message(), counts(10, 0)])).toEqual(['inbox_differs']);
  expect(rules([message(), counts(10, 1, 0)])).toEqual(['inbox_differs']);
  expect(rules([message(), counts(10, 3), counts(10, 1)])).toEqual([]);
  const hidden = { isArchived: true };
  expect(rules([message(hidden), counts(10, 0)], { rows: [row(hidden)] })).toEqual([]);
});

test('what is read has one receipt of each kind; what was read once has at most one', () => {
  const read = { isRead: true, isSeen: true };
  const receipts = (seen: number, readCount: number) => [
    { id: 'a', kind: 'seen' as const, count: seen },
    { id: 'a', kind: 'read' as const, count: readCount },
  ];
  const found = (seen: number, readCount: number) =>
    rules([message(read), counts(10, 0)], { rows: [row(read)], receipts: receipts(seen, readCount) });
  expect(found(1, 1)).toEqual([]);
  expect(found(1, 0)).toEqual(['receipt_count']);
  expect(found(0, 1)).toEqual(['receipt_count']);
  expect(found(1, 2)).toEqual(['receipt_count']);
  expect(rules([message(), counts(10, 1)], { receipts: receipts(1, 1) })).toEqual([]);
  expect(rules([message(), counts(10, 1)], { receipts: receipts(2, 1) })).toEqual(['receipt_count']);
});
