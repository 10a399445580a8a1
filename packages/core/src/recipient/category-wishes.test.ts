import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHANNELS, type Channel } from '../notification/channel.ts';
import { byCategory, chooseCells, namedTwice, readCategoryWish } from './category-wishes.ts';
import { type CategoryWish, decide, NO_PREFERENCES, wantsCategoryOn } from './preferences.ts';

describe('what is read about a category', () => {
  test('is a switch, switches by channel, or nothing; in a cell of a table as text', () => {
    for (const [given, wish] of [
      [true, true],
      [false, false],
      ['true', true],
      [' FALSE ', false],
      ['', null],
      [null, null],
      [undefined, null],
      [{}, null],
      [{ email: false }, { email: false }],
      [
        { sms: 'true', in_app: false },
        { sms: true, in_app: false },
      ],
    ])
      expect(readCategoryWish(given)).toEqual({ wish });
  });

  test('else a fault that names the value and the remedy', () => {
    const fault = (given: unknown) => {
      const read = readCategoryWish(given);
      return 'problem' in read ? read.problem : null;
    };
    expect(fault('yes')).toBe('is "yes"; give true or false, or an object of these by channel');
    expect(fault(1)).toContain('is 1;');
    expect(fault([true])).toContain('is [true];');
    expect(fault({ fax: true })).toContain('names "fax", which is no channel; give email, sms, push, in_app');
    expect(fault({ email: 'no' })).toBe('says "no" about email; give true or false');
    expect(fault({ email: {} })).toBe('says {} about email; give true or false');
    expect(fault('x'.repeat(1000))).toContain(`is "${'x'.repeat(79)}...; give`);
    expect(fault('x'.repeat(78))).toContain(`is "${'x'.repeat(78)}"; give`);
  });

  test('is stored by canonical names, and any opt-out among older spellings counts', () => {
    expect(byCategory({ News: false, NEWS: true, Orders: { sms: true }, empty: {} })).toEqual({
      news: false,
      orders: { sms: true },
    });
    expect(namedTwice(['News', 'orders', 'NEWS'])).toBe('news');
    expect(namedTwice(['News', 'orders'])).toBeUndefined();
  });
});

describe('what is stored of a page', () => {
  const choose = (before: CategoryWish | null, ticks: Partial<Record<Channel, boolean>>, defaultOn = true) =>
    chooseCells(before, { ticks, defaultOn, off: [], wasOff: [] });

  test('is a switch where all ticks are the same', () => {
    expect(choose(null, { email: true, sms: true })).toBe(true);
    expect(choose(null, { email: true })).toBe(true);
    expect(choose({ sms: true }, { email: true })).toBe(true);
    expect(choose(true, { email: false, sms: false })).toBe(false);
    expect(choose({ sms: false }, { email: true, sms: true })).toBe(true);
    expect(choose({ in_app: true }, { email: false })).toEqual({ in_app: true, email: false });
  });

  test('names only what differs from the default', () => {
    expect(choose(null, { email: true, sms: false })).toEqual({ sms: false });
    expect(choose(null, { email: true, sms: false }, false)).toEqual({ email: true, sms: false });
    expect(choose(false, { email: true, sms: false })).toEqual({ sms: false, push: false, in_app: false });
  });

  const cells = fc.dictionary(fc.constantFrom(...CHANNELS), fc.boolean());
  const before: fc.Arbitrary<CategoryWish | null> = fc.option(fc.oneof(fc.boolean(), cells));
  const page = fc
    .subarray([...CHANNELS], { minLength: 1 })
    .chain((offered) =>
      fc.tuple(...offered.map((channel) => fc.boolean().map((tick) => [channel, tick] as const))),
    )
    .map((ticks): Partial<Record<Channel, boolean>> => Object.fromEntries(ticks));
  const channels = fc.subarray([...CHANNELS]);
  const stored = (wish: CategoryWish | null): Readonly<Record<string, CategoryWish>> =>
    wish === null ? {} : { news: wish };

  test('means what was ticked, and for channels that were not offered what it meant before', () => {
    fc.assert(
      fc.property(before, page, fc.boolean(), (before, ticks, defaultOn) => {
        const after = stored(choose(before, ticks, defaultOn));
        const isSwitch = typeof after.news === 'boolean';
        for (const channel of CHANNELS) {
          const means = wantsCategoryOn(after, 'news', channel, defaultOn);
          if (channel in ticks) expect(means).toBe(ticks[channel]);
          else if (!isSwitch) expect(means).toBe(wantsCategoryOn(stored(before), 'news', channel, defaultOn));
        }
      }),
      { numRuns: 3_000 },
    );
  });

  test('never makes an exception from a channel that is off', () => {
    fc.assert(
      fc.property(before, page, fc.boolean(), channels, channels, (before, ticks, defaultOn, off, wasOff) => {
        const categories = stored(chooseCells(before, { ticks, defaultOn, off, wasOff }));
        for (const channel of off) {
          const hadOne = typeof before === 'object' && before?.[channel] === true && wasOff.includes(channel);
          if (hadOne) continue;
          const preferences = { ...NO_PREFERENCES, categories, channels: { [channel]: false } };
          const message = { channel, category: 'news', priority: 'normal' } as const;
          expect(decide(preferences, message, { defaultOn, locked: false }).wanted).toBe(false);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
