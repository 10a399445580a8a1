import { expect, test } from 'vitest';
import type { Cap } from '../recipient/preferences.ts';
import {
  type CapUse,
  capsOn,
  describeCap,
  MAX_CAP_COUNT,
  MAX_CAP_WINDOW_SECONDS,
  MAX_CAPS,
  reachedCap,
} from './caps.ts';

const use = (notificationId: string, over: Partial<CapUse> = {}): CapUse => ({
  notificationId,
  channel: 'sms',
  category: 'marketing',
  ageMs: 0,
  ...over,
});
const twoAnHour: Cap = { max: 2, window_seconds: 3600 };

test('a cap limits what it names, and everything where it names nothing', () => {
  const ofSms: Cap = { channel: 'sms', max: 1, window_seconds: 60 };
  const ofMarketing: Cap = { category: 'marketing', max: 1, window_seconds: 60 };
  const ofBoth: Cap = { channel: 'sms', category: 'marketing', max: 1, window_seconds: 60 };
  const all = [twoAnHour, ofSms, ofMarketing, ofBoth];
  expect(capsOn(all, { channel: 'sms', category: 'marketing' })).toEqual(all);
  expect(capsOn(all, { channel: 'sms', category: null })).toEqual([twoAnHour, ofSms]);
  expect(capsOn(all, { channel: 'email', category: 'marketing' })).toEqual([twoAnHour, ofMarketing]);
  expect(capsOn(all, { channel: 'email', category: 'orders' })).toEqual([twoAnHour]);
});

test('the last one that fits goes, the next is refused', () => {
  expect(reachedCap([twoAnHour], [use('a')], 'new')).toBeNull();
  expect(reachedCap([twoAnHour], [use('a'), use('b')], 'new')).toBe(twoAnHour);
});

test('a use stops counting when the window has passed, not before', () => {
  const uses = (ageMs: number) => [use('a', { ageMs }), use('b')];
  expect(reachedCap([twoAnHour], uses(3_599_999), 'new')).toBe(twoAnHour);
  expect(reachedCap([twoAnHour], uses(3_600_000), 'new')).toBeNull();
});

test('a notification’s own use never counts against it', () => {
  expect(reachedCap([{ max: 1, window_seconds: 60 }], [use('a')], 'a')).toBeNull();
});

test('uses of other channels and categories count only against caps that cover them', () => {
  const ofSms: Cap = { channel: 'sms', max: 1, window_seconds: 60 };
  const ofOrders: Cap = { category: 'orders', max: 1, window_seconds: 60 };
  expect(reachedCap([ofSms], [use('a', { channel: 'email' })], 'new')).toBeNull();
  expect(reachedCap([ofOrders], [use('a', { category: null })], 'new')).toBeNull();
  expect(reachedCap([ofSms, ofOrders], [use('a')], 'new')).toBe(ofSms);
});

test('every cap must allow it: the strictest decides', () => {
  const oneADay: Cap = { max: 1, window_seconds: 86_400 };
  expect(reachedCap([twoAnHour, oneADay], [use('a', { ageMs: 7_200_000 })], 'new')).toBe(oneADay);
});

test('is described in words', () => {
  expect(describeCap(twoAnHour)).toBe('at most 2 in 3600 s');
  expect(describeCap({ ...twoAnHour, channel: 'sms', category: 'marketing' })).toBe(
    'at most 2 (sms, category marketing) in 3600 s',
  );
});

test('the limits are those that the API documents: 20 caps, 1000 messages, 31 days', () => {
  expect([MAX_CAPS, MAX_CAP_COUNT, MAX_CAP_WINDOW_SECONDS]).toEqual([20, 1000, 2_678_400]);
});

test('a category is compared in its one form, also where the cap was stored in another', () => {
  const cap: Cap = { category: 'Marketing', max: 1, window_seconds: 60 };
  expect(capsOn([cap], { channel: 'sms', category: 'MARKETING' })).toEqual([
    { ...cap, category: 'marketing' },
  ]);
});
