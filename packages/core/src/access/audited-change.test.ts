import { expect, test } from 'vitest';
import { auditedChange, beforeChange } from './audited-change.ts';

test('a change is what was before and what is now, of the members that changed', () => {
  const detail = { environment: 'live', secret: true, track_opens: false, before: { secret: false } };
  expect(auditedChange(detail)).toEqual({ before: { secret: false }, after: { secret: true } });
});

test.each([
  [{ role: 'admin', role_before: 'viewer' }, { role: 'viewer' }, { role: 'admin' }],
  [
    { state: 'open', reason: 'x', from: 'closed', was_held_by: null },
    { state: 'closed', held_by: null },
    { state: 'open' },
  ],
  [
    { from: 'scheduled', send_at: 'b', previous_send_at: 'a' },
    { state: 'scheduled', send_at: 'a' },
    { send_at: 'b' },
  ],
  [{ was: 'failed' }, { state: 'failed' }, {}],
  [{ environment: 'live', was: 'bounce', reason: 'asked' }, { reason: 'bounce' }, { reason: 'asked' }],
])('entries of earlier releases are understood: %j', (detail, before, after) => {
  expect(auditedChange(detail)).toEqual({ before, after });
});

test.each([[{}], [{ provider: 'resend' }], [{ before: 'noon' }], [{ from: 3 }]])(
  '%j does not say what was before',
  (detail) => {
    expect(auditedChange(detail)).toBeNull();
  },
);

test('only members that change are recorded; something new has none', () => {
  expect(beforeChange({ a: 1, b: [2], c: null }, { a: 1, b: [3], c: undefined })).toEqual({
    before: { b: [2] },
  });
  expect(beforeChange({ a: 1 }, { a: 1 })).toEqual({});
  expect(beforeChange(null, { a: 1 })).toEqual({});
});
