import { expect, test } from 'vitest';
import { type PointState, reachability } from './reachability.ts';

const point = (kind: PointState['kind'], over: Partial<PointState> = {}): PointState => ({
  kind,
  isDisabled: false,
  isSuppressed: false,
  ...over,
});

test('one usable contact point is enough, and the inbox needs none', () => {
  const points = [point('email'), point('fcm', { isDisabled: true }), point('apns')];
  expect(reachability(points, [], false)).toEqual({
    email: 'reachable',
    sms: 'no_contact_point',
    push: 'reachable',
    in_app: 'reachable',
  });
});

test('what stands in the way is named: the opt-out first, then the address', () => {
  expect(reachability([point('email', { isSuppressed: true })], ['email'], false).email).toBe('opted_out');
  expect(reachability([point('email', { isSuppressed: true })], [], false).email).toBe('suppressed');
  expect(reachability([point('email', { isDisabled: true })], [], false).email).toBe('disabled');
  const both = point('email', { isDisabled: true, isSuppressed: true });
  expect(reachability([both], [], false).email).toBe('suppressed');
  expect(reachability([], [], true).in_app).toBe('suppressed');
});
