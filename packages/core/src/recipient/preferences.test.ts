import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHANNELS } from '../notification/channel.ts';
import { PRIORITIES } from '../notification/priority.ts';
import {
  type CategoryWish,
  decide,
  NO_PREFERENCES,
  type Preferences,
  wantsCategory,
  wantsCategoryOn,
} from './preferences.ts';

const channel = fc.constantFrom(...CHANNELS);
const priority = fc.constantFrom(...PRIORITIES);
const category = fc.option(fc.string(), { nil: null });
const prefer = (over: Partial<Preferences>): Preferences => ({ ...NO_PREFERENCES, ...over });
const wish: fc.Arbitrary<CategoryWish> = fc.oneof(fc.boolean(), fc.dictionary(channel, fc.boolean()));
const rule = fc.record({ defaultOn: fc.boolean(), locked: fc.boolean() });

test('a person without preferences wants everything', () => {
  fc.assert(
    fc.property(channel, category, priority, (...[channel, category, priority]) => {
      expect(decide(NO_PREFERENCES, { channel, category, priority }).wanted).toBe(true);
    }),
  );
});

test('a channel opt-out holds for every category and priority, and for that channel only', () => {
  fc.assert(
    fc.property(channel, channel, category, priority, (off, used, category, priority) => {
      const preferences = prefer({ channels: { [off]: false } });
      const { wanted, by } = decide(preferences, { channel: used, category, priority });
      expect(wanted).toBe(off !== used);
      expect(by === 'channel').toBe(off === used);
    }),
  );
});

test('a category opt-out holds for that category, but never blocks a critical message', () => {
  const preferences = prefer({ categories: { marketing: false, orders: true } });
  const on = (category: string | null, priority: (typeof PRIORITIES)[number]) =>
    decide(preferences, { channel: 'email', category, priority }).by;
  expect(on('marketing', 'normal')).toBe('category');
  expect(on('marketing', 'bulk')).toBe('category');
  expect(on('marketing', 'critical')).toBe('lock');
  expect(on('orders', 'bulk')).toBe('category');
  expect(on('news', 'bulk')).toBe('nothing');
  expect(on(null, 'bulk')).toBe('nothing');
});

test('a category named like a member of every object is a category like any other', () => {
  for (const category of ['constructor', 'toString', '__proto__'])
    expect(decide(NO_PREFERENCES, { channel: 'sms', category, priority: 'bulk' }).wanted).toBe(true);
});

describe('the order of decision', () => {
  test('lock, cell, category, channel, default: the first that says something decides', () => {
    fc.assert(
      fc.property(
        channel,
        priority,
        fc.option(wish),
        fc.option(fc.boolean()),
        rule,
        (channel, priority, wish, way, rule) => {
          const preferences = prefer({
            channels: way === null ? {} : { [channel]: way },
            categories: wish === null ? {} : { news: wish },
          });
          const cell = (typeof wish === 'object' ? wish?.[channel] : undefined) ?? null;
          const whole = typeof wish === 'boolean' ? wish : null;
          // Each rule answers, or passes the question on with null.
          const isLocked = rule.locked || priority === 'critical';
          const rules: [string, boolean | null][] = [
            ['lock', isLocked ? way !== false || cell === true : null],
            ['cell', cell],
            ['category', whole === false ? false : null],
            ['channel', way === false ? false : null],
            ['category', whole],
            ['default', rule.defaultOn ? null : false],
            ['nothing', true],
          ];
          const [by, wanted] = rules.find(([, answer]) => answer !== null)!;
          const decision = decide(preferences, { channel, category: 'News', priority }, rule);
          expect(decision.wanted).toBe(wanted);
          expect(decision.by).toBe(by === 'lock' && !wanted ? 'channel' : by);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  test('switches of earlier releases mean what they meant: any that is off blocks', () => {
    fc.assert(
      fc.property(fc.option(fc.boolean()), fc.option(fc.boolean()), rule, (way, whole, rule) => {
        const preferences = prefer({
          channels: way === null ? {} : { email: way },
          categories: whole === null ? {} : { news: whole },
        });
        const { wanted } = decide(
          preferences,
          { channel: 'email', category: 'news', priority: 'normal' },
          rule,
        );
        expect(wanted).toBe(way !== false && (rule.locked || (whole ?? rule.defaultOn)));
      }),
    );
  });

  test('a cell that is on is an exception from a channel that is off', () => {
    const preferences = prefer({
      channels: { sms: false },
      categories: { orders: { sms: true }, news: true },
    });
    const bySms = (category: string) =>
      decide(preferences, { channel: 'sms', category, priority: 'normal' }).wanted;
    expect([bySms('orders'), bySms('news'), bySms('other')]).toEqual([true, false, false]);
  });

  test('another channel of the route may be wanted unless the whole category is off', () => {
    const off = { defaultOn: false, locked: false };
    const onlyHere = (over: Partial<Preferences>, rule = { defaultOn: true, locked: false }) =>
      decide(prefer(over), { channel: 'email', category: 'news', priority: 'normal' }, rule).onlyHere;
    expect(onlyHere({ channels: { email: false } })).toBe(true);
    expect(onlyHere({ categories: { news: { email: false } } })).toBe(true);
    expect(onlyHere({ categories: { news: { sms: true } } }, off)).toBe(true);
    expect(onlyHere({ categories: { news: false } })).toBe(false);
    expect(onlyHere({}, off)).toBe(false);
  });
});

test('a category is wanted where one of its channels is', () => {
  expect(wantsCategory({ news: { email: false } }, 'News')).toBe(true);
  expect(wantsCategory({ news: { email: false, sms: false, push: false, in_app: false } }, 'news')).toBe(
    false,
  );
  expect(wantsCategory({ news: { email: true } }, 'news', false)).toBe(true);
  expect(wantsCategory({ news: { email: false } }, 'news', false)).toBe(false);
  expect(wantsCategoryOn({ news: { email: false } }, 'news', 'email')).toBe(false);
  expect(wantsCategoryOn({ news: { email: false } }, 'news', 'sms')).toBe(true);
  expect(wantsCategoryOn({ news: false }, 'news', 'sms')).toBe(false);
});
