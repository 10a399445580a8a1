import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, NO_PREFERENCES, type Preferences } from '../recipient/preferences.ts';
import { quietUntil } from '../recipient/quiet-hours.ts';
import { SUPPRESSION_REASONS } from '../recipient/suppression.ts';
import { CHANNELS } from './channel.ts';
import { type Facts, type JudgedMessage, type Judgement, judge, judgeBy } from './judge.ts';
import { PRIORITIES } from './priority.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const message = (over: Partial<JudgedMessage> = {}): JudgedMessage => ({
  channel: 'email',
  category: 'news',
  priority: 'normal',
  recipient_id: 'ada',
  expires_at: null,
  ...over,
});
const wishes = (over: Partial<Preferences>): Preferences => ({ ...NO_PREFERENCES, ...over });
const facts = (over: Partial<Facts> = {}): Facts => ({
  preferences: null,
  address: 'usable',
  suppression: null,
  ...over,
});
const codeOf = (judgement: Judgement) =>
  judgement.verdict === 'refuse' ? judgement.code : judgement.verdict;

const CAP = { max: 1, window_seconds: 3600 };
const NOON = { start: '11:00', end: '13:00', time_zone: 'UTC' };

describe('the time', () => {
  test('a message is too late from expires_at on, and not a millisecond before', () => {
    const at = (ms: number) => codeOf(judge(message({ expires_at: new Date(NOW + ms) }), facts(), NOW));
    expect([at(-1), at(0), at(1)]).toEqual(['expired', 'expired', 'send']);
  });

  test('quiet hours hold it until a little after their end, and a hold that it would not survive ends it now', () => {
    const preferences = wishes({ quiet_hours: NOON });
    const held = judge(message(), facts({ preferences }), NOW);
    expect(held).toMatchObject({ code: 'quiet_hours', end: { kind: 'held', forMs: 3_600_250 } });
    const until = (ms: number) => {
      const expires_at = new Date(NOW + 3_600_000 + ms);
      return codeOf(judge(message({ expires_at }), facts({ preferences }), NOW));
    };
    expect([until(0), until(1)]).toEqual(['expires_in_quiet_hours', 'quiet_hours']);
  });

  test('quiet hours begin with their first minute and end before their last', () => {
    const at = (time: string) =>
      codeOf(judge(message(), facts({ preferences: wishes({ quiet_hours: NOON }) }), Date.parse(time)));
    expect(at('2026-03-10T10:59:59.999Z')).toBe('send');
    expect(at('2026-03-10T11:00:00.000Z')).toBe('quiet_hours');
    expect(at('2026-03-10T12:59:59.999Z')).toBe('quiet_hours');
    expect(at('2026-03-10T13:00:00.000Z')).toBe('send');
  });
});

describe('a pause', () => {
  const at = (ms: number) => new Date(NOW + ms).toISOString();
  const paused = (until: string | null, over: Partial<Preferences> = {}) =>
    facts({ preferences: wishes({ paused_until: until, ...over }) });

  test('holds every message until a little after its end, in any category, and then holds nothing', () => {
    expect(judge(message(), paused(at(60_000)), NOW)).toMatchObject({
      code: 'paused',
      end: {
        kind: 'held',
        forMs: 60_250,
        reason: 'the recipient has paused all messages (until 2026-03-10T12:01:00.000Z)',
      },
    });
    const locked = { ...paused(at(1)), category: { defaultOn: true, locked: true } };
    expect(codeOf(judge(message(), locked, NOW))).toBe('paused');
    for (const until of [at(0), at(-1), null])
      expect(codeOf(judge(message(), paused(until), NOW))).toBe('send');
  });

  test('is read as PostgreSQL writes a time', () => {
    expect(codeOf(judge(message(), paused('2026-03-10T14:00:00.5+02:00'), NOW))).toBe('paused');
    expect(codeOf(judge(message(), paused('2026-03-10T13:59:59.5+02:00'), NOW))).toBe('send');
  });

  test('does not hold a critical message, and ends one that would expire meanwhile', () => {
    expect(codeOf(judge(message({ priority: 'critical' }), paused(at(60_000)), NOW))).toBe('send');
    const expiring = (ms: number) =>
      codeOf(judge(message({ expires_at: new Date(NOW + ms) }), paused(at(60_000)), NOW));
    expect([expiring(60_000), expiring(60_001)]).toEqual(['expires_in_pause', 'paused']);
  });

  test('that ends within quiet hours holds until those end', () => {
    const night = { start: '11:00', end: '20:00', time_zone: 'UTC' };
    const held = judge(message(), paused('2026-03-11T15:00:00Z', { quiet_hours: night }), NOW);
    expect(held).toMatchObject({ code: 'paused', end: { forMs: 32 * 3_600_000 + 250 } });
    const outside = judge(message(), paused('2026-03-11T08:00:00Z', { quiet_hours: night }), NOW);
    expect(outside).toMatchObject({ code: 'paused', end: { forMs: 20 * 3_600_000 + 250 } });
  });

  test('holds only what is wanted', () => {
    const off = paused(at(60_000), { categories: { news: false } });
    expect(codeOf(judge(message(), off, NOW))).toBe('category_opted_out');
  });
});

describe('wishes', () => {
  test('an opt-out of a category by one channel lets the route continue, with a reason that names both', () => {
    const preferences = wishes({ categories: { news: { email: false } } });
    expect(judge(message(), facts({ preferences }), NOW)).toMatchObject({
      code: 'category_channel_opted_out',
      end: {
        state: 'skipped',
        onlyHere: true,
        reason: 'the recipient has opted out of the category news by email',
      },
    });
    expect(codeOf(judge(message({ channel: 'sms' }), facts({ preferences }), NOW))).toBe('send');
  });

  test('with an opt-in by one channel, a category that is off by default may continue to that channel', () => {
    const category = { defaultOn: false, locked: false };
    const preferences = wishes({ categories: { news: { sms: true } } });
    expect(judge(message(), facts({ category, preferences }), NOW)).toMatchObject({
      code: 'category_opted_out',
      end: { onlyHere: true },
    });
    expect(codeOf(judge(message({ channel: 'sms' }), facts({ category, preferences }), NOW))).toBe('send');
  });

  test('an opt-out of the channel or a suppression lets the route continue, one of the category ends it', () => {
    const channel = judge(message(), facts({ preferences: wishes({ channels: { email: false } }) }), NOW);
    expect(channel).toMatchObject({ code: 'channel_opted_out', end: { onlyHere: true, state: 'skipped' } });
    const suppressed = judge(message(), facts({ suppression: 'bounce' }), NOW);
    expect(suppressed).toMatchObject({
      code: 'address_suppressed',
      end: { onlyHere: true, state: 'suppressed' },
    });
    const category = judge(message(), facts({ preferences: wishes({ categories: { news: false } }) }), NOW);
    expect(category).toMatchObject({
      code: 'category_opted_out',
      end: { kind: 'unwanted', state: 'skipped' },
    });
    expect(category).not.toMatchObject({ end: { onlyHere: true } });
  });

  test('a critical message ignores categories, quiet hours and caps; never a channel or a suppression', () => {
    const critical = message({ priority: 'critical' });
    const ignored = wishes({ categories: { news: false }, quiet_hours: NOON, caps: [CAP] });
    expect(judge(critical, facts({ preferences: ignored }), NOW)).toEqual({ verdict: 'send' });
    const channels = wishes({ channels: { email: false } });
    expect(codeOf(judge(critical, facts({ preferences: channels }), NOW))).toBe('channel_opted_out');
    expect(codeOf(judge(critical, facts({ suppression: 'complaint' }), NOW))).toBe('address_suppressed');
  });

  test('a category that is off by default needs an opt-in, of recipients only', () => {
    const off = { defaultOn: false, locked: false };
    const judged = (over: Partial<Facts>, of = message()) =>
      codeOf(judge(of, facts({ category: off, ...over }), NOW));
    expect(judged({ preferences: null })).toBe('category_opted_out');
    expect(judged({ preferences: wishes({ categories: { other: true } }) })).toBe('category_opted_out');
    expect(judged({ preferences: wishes({ categories: { News: true } }) })).toBe('send');
    expect(judged({ preferences: null }, message({ priority: 'critical' }))).toBe('send');
    expect(judged({ preferences: null }, message({ recipient_id: null }))).toBe('send');
    expect(judge(message(), facts({ category: off }), NOW)).toMatchObject({
      end: { reason: 'the category news is off by default and the recipient has not opted in' },
    });
  });

  test('a locked category is sent against an opt-out of it, and not against one of the channel', () => {
    const category = { defaultOn: true, locked: true };
    const judged = (preferences: Preferences) =>
      codeOf(judge(message(), facts({ category, preferences }), NOW));
    expect(judged(wishes({ categories: { news: false } }))).toBe('send');
    expect(judged(wishes({ channels: { email: false } }))).toBe('channel_opted_out');
  });

  test('caps are looked up only for a known person and only where one limits the message', () => {
    const preferences = wishes({ caps: [CAP, { ...CAP, channel: 'sms' }] });
    expect(judge(message(), facts({ preferences }), NOW)).toEqual({
      verdict: 'ask',
      about: 'caps',
      caps: [CAP],
    });
    const bare = message({ recipient_id: null });
    expect(judge(bare, facts({ preferences }), NOW)).toEqual({ verdict: 'send' });
    const other = wishes({ caps: [{ ...CAP, channel: 'sms' }] });
    expect(judge(message(), facts({ preferences: other }), NOW)).toEqual({ verdict: 'send' });
    expect(judge(message(), facts({ preferences, cap: null }), NOW)).toEqual({ verdict: 'send' });
    expect(judge(message(), facts({ preferences, cap: CAP }), NOW)).toMatchObject({
      code: 'cap_reached',
      end: {
        kind: 'unwanted',
        state: 'skipped',
        reason: "the recipient's cap is reached: at most 1 in 3600 s",
      },
    });
  });
});

describe('the address', () => {
  test('without one the channel is impossible; one that was removed meanwhile sends it back at no cost', () => {
    expect(judge(message(), facts({ address: 'none' }), NOW)).toMatchObject({
      code: 'no_contact_point',
      end: { kind: 'impossible' },
    });
    expect(judge(message(), facts({ address: 'moved' }), NOW)).toMatchObject({
      code: 'address_changed',
      end: { kind: 'unsent', retryInMs: 0 },
    });
  });

  test('an erased recipient gets nothing, whatever else is known', () => {
    const all = facts({
      erased: true,
      suppression: 'stop',
      preferences: wishes({ channels: { email: false } }),
    });
    expect(codeOf(judge(message({ priority: 'critical' }), all, NOW))).toBe('recipient_erased');
  });
});

const times = fc.integer({ min: -2 * 86_400_000, max: 2 * 86_400_000 });
const hours = fc.record({
  start: fc.constantFrom('00:00', '06:30', '11:59', '12:00', '22:00'),
  end: fc.constantFrom('00:01', '07:00', '12:00', '12:01', '23:59'),
  time_zone: fc.constantFrom('UTC', 'Africa/Lagos', 'America/New_York', 'Pacific/Apia'),
});
const anyMessage = fc.record({
  channel: fc.constantFrom(...CHANNELS),
  category: fc.constantFrom(null, 'news', 'billing'),
  priority: fc.constantFrom(...PRIORITIES),
  recipient_id: fc.constantFrom(null, 'ada'),
  expires_at: fc.option(times.map((ms) => new Date(NOW + ms))),
});
const anyPreferences = fc.record({
  channels: fc.constantFrom({}, { email: false }, { sms: false, email: true }),
  categories: fc.constantFrom<Preferences['categories']>(
    {},
    { news: false },
    { News: false, billing: true },
    { news: { email: false }, billing: { sms: true } },
  ),
  quiet_hours: fc.option(hours),
  paused_until: fc.option(times.map((ms) => new Date(NOW + ms).toISOString())),
  caps: fc.constantFrom<Preferences['caps']>(
    [],
    [CAP],
    [
      { ...CAP, channel: 'sms' },
      { ...CAP, category: 'news' },
    ],
  ),
});
const anyFacts: fc.Arbitrary<Required<Facts>> = fc.record({
  preferences: fc.option(anyPreferences),
  address: fc.constantFrom('usable', 'none', 'moved'),
  erased: fc.boolean(),
  category: fc.record({ defaultOn: fc.boolean(), locked: fc.boolean() }),
  suppression: fc.option(fc.constantFrom(...SUPPRESSION_REASONS)),
  cap: fc.option(fc.constant(CAP)),
});

test('facts that are looked up one by one lead to the same judgement as all at once', async () => {
  await fc.assert(
    fc.asyncProperty(anyMessage, anyFacts, times, async (given, known, ms) => {
      const { suppression, cap, ...first } = known;
      const asked: string[] = [];
      const stepwise = await judgeBy(given, first, () => NOW + ms, {
        suppression: async () => {
          asked.push('suppression');
          return suppression;
        },
        cap: async () => {
          asked.push('cap');
          return cap;
        },
      });
      const atOnce = judge(given, known, NOW + ms);
      // A cap is a fact only where one limits the message.
      if (asked.includes('cap') || codeOf(atOnce) !== 'cap_reached') expect(stepwise).toEqual(atOnce);
      else expect(stepwise).toEqual({ verdict: 'send' });
      // A cap is counted only where nothing else prevents the send.
      if (asked.includes('cap')) expect(['send', 'cap_reached']).toContain(codeOf(stepwise));
      expect(new Set(asked).size).toBe(asked.length);
    }),
    { numRuns: 2000 },
  );
});

test('nothing is sent too late, to a suppressed address, against an opt-out, in quiet hours or over a cap', () => {
  fc.assert(
    fc.property(anyMessage, anyFacts, times, (given, known, ms) => {
      if (judge(given, known, NOW + ms).verdict !== 'send') return;
      expect(known.erased).toBe(false);
      expect(known.address).toBe('usable');
      expect(known.suppression).toBeNull();
      expect(known.cap).toBeNull();
      if (given.expires_at) expect(given.expires_at.getTime()).toBeGreaterThan(NOW + ms);
      expect(known.preferences === null || decide(known.preferences, given, known.category).wanted).toBe(
        true,
      );
      if (given.priority === 'critical' || known.preferences === null) return;
      const { paused_until, quiet_hours } = known.preferences;
      expect(Date.parse(paused_until ?? '') > NOW + ms).toBe(false);
      expect(quiet_hours && quietUntil(quiet_hours, NOW + ms)).toBeNull();
    }),
    { numRuns: 5000 },
  );
});
