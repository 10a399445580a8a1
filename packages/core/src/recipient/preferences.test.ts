import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHANNELS } from '../notification/channel.ts';
import { PRIORITIES } from '../notification/priority.ts';
import { NO_PREFERENCES, optedOut, type Preferences } from './preferences.ts';

const channel = fc.constantFrom(...CHANNELS);
const priority = fc.constantFrom(...PRIORITIES);
const category = fc.option(fc.string(), { nil: null });
const prefer = (over: Partial<Preferences>): Preferences => ({ ...NO_PREFERENCES, ...over });

test('a person without preferences wants everything', () => {
  fc.assert(
    fc.property(channel, category, priority, (...[channel, category, priority]) => {
      expect(optedOut(NO_PREFERENCES, { channel, category, priority })).toBeNull();
    }),
  );
});

test('a channel opt-out holds for every category and priority, and for that channel only', () => {
  fc.assert(
    fc.property(channel, channel, category, priority, (off, used, category, priority) => {
      const preferences = prefer({ channels: { [off]: false } });
      expect(optedOut(preferences, { channel: used, category, priority })).toBe(
        off === used ? 'channel' : null,
      );
    }),
  );
});

test('a category opt-out holds for that category, but never blocks a critical message', () => {
  const preferences = prefer({ categories: { marketing: false, orders: true } });
  const on = (category: string | null, priority: (typeof PRIORITIES)[number]) =>
    optedOut(preferences, { channel: 'email', category, priority });
  expect(on('marketing', 'normal')).toBe('category');
  expect(on('marketing', 'bulk')).toBe('category');
  expect(on('marketing', 'critical')).toBeNull();
  expect(on('orders', 'bulk')).toBeNull();
  expect(on('news', 'bulk')).toBeNull();
  expect(on(null, 'bulk')).toBeNull();
});

test('a category named like a member of every object is a category like any other', () => {
  for (const category of ['constructor', 'toString', '__proto__'])
    expect(optedOut(NO_PREFERENCES, { channel: 'sms', category, priority: 'bulk' })).toBeNull();
});
