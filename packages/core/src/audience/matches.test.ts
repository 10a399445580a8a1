import { describe, expect, test } from 'vitest';
import { matches, type Person, type ResolvedFilter } from './matches.ts';
import { filterOf } from './read-filter.ts';
import { timeOfText } from './time-text.ts';

const NOW = new Date('2030-06-15T12:00:00Z');
const ada: Person = {
  id: 'ada',
  locale: 'pt-BR',
  timeZone: 'America/Sao_Paulo',
  createdAt: new Date('2030-06-01T00:00:00Z'),
  attributes: {
    plan: 'pro',
    age: 36,
    code: '36',
    vip: true,
    gone: null,
    tags: ['new', 7],
    address: { city: 'Recife' },
    'utm.source': 'mail',
    renewal: '2030-06-20',
    last_login: '2030-06-14T23:00:00-03:00',
  },
  emails: ['Ada@example.com'],
  phones: [],
  hasPush: true,
  categories: { news: false, offers: { sms: true }, alerts: { email: false } },
  lists: ['list-1'],
};
const RULES: Record<string, { defaultOn: boolean; locked: boolean }> = {
  security: { defaultOn: true, locked: true },
  offers: { defaultOn: false, locked: false },
  surveys: { defaultOn: false, locked: false },
};
const isAda = (filter: unknown) =>
  matches(filterOf(filter) as ResolvedFilter, ada, {
    now: NOW,
    ruleOf: (name) => RULES[name] ?? { defaultOn: true, locked: false },
  });
const is = (field: string, op: string, value?: unknown) => isAda({ field, op, value });

describe('Ada, who is on the plan pro, 36, and has no phone, matches', () => {
  test.each<[string, string, unknown?]>([
    ['attributes.plan', 'eq', 'pro'],
    ['attributes.plan', 'in', ['free', 'pro']],
    ['attributes.plan', 'contains', 'ro'],
    ['attributes.plan', 'starts_with', 'p'],
    ['attributes.age', 'gte', 36],
    ['attributes.age', 'lt', 36.5],
    ['attributes.vip', 'eq', true],
    ['attributes.tags', 'contains', 'new'],
    ['attributes.tags', 'contains', 7],
    ['attributes.address.city', 'eq', 'Recife'],
    ['attributes.utm\\.source', 'eq', 'mail'],
    ['attributes.renewal', 'within_days', -7],
    ['attributes.renewal', 'after', '2030-06-20'],
    ['attributes.last_login', 'within_days', 1],
    ['attributes.last_login', 'before', '2030-06-15T02:00:01Z'],
    ['locale', 'starts_with', 'PT'],
    ['time_zone', 'eq', 'america/sao_paulo'],
    ['email', 'eq', 'ada@example.com'],
    ['email', 'contains', '@Example.'],
    ['phone', 'not_exists'],
    ['push', 'exists'],
    ['created_at', 'within_days', 14.5 + 0.5],
    ['category.security', 'eq', true],
    ['category.news', 'eq', false],
    ['category.offers', 'eq', true],
    ['category.surveys', 'eq', false],
    ['category.alerts', 'eq', true],
    ['category.other', 'eq', true],
  ])('%s %s %j', (...condition) => {
    expect(is(...condition)).toBe(true);
    expect(isAda({ not: { field: condition[0], op: condition[1], value: condition[2] } })).toBe(false);
  });
});

test('what is not there, is null, or has another type does not match', () => {
  expect(is('attributes.none', 'eq', 'pro')).toBe(false);
  expect(is('attributes.gone', 'exists')).toBe(false);
  expect(is('attributes.code', 'gt', 1)).toBe(false);
  expect(is('attributes.code', 'eq', 36)).toBe(false);
  expect(is('attributes.age', 'contains', '3')).toBe(false);
  expect(is('attributes.tags', 'eq', 'new')).toBe(false);
  expect(is('attributes.tags.0', 'exists')).toBe(false);
  expect(is('attributes.plan', 'before', '2030-01-01')).toBe(false);
  expect(is('attributes.address', 'eq', 'Recife')).toBe(false);
});

test('the negative operators are the opposite, so they match also those without a value', () => {
  expect(is('attributes.none', 'ne', 'pro')).toBe(true);
  expect(is('attributes.none', 'not_in', ['pro'])).toBe(true);
  expect(is('attributes.none', 'not_exists')).toBe(true);
  expect(is('attributes.age', 'ne', '36')).toBe(true);
  expect(is('phone', 'ne', '+14155552671')).toBe(true);
  expect(is('attributes.plan', 'ne', 'pro')).toBe(false);
});

test('groups: all of nothing is everybody', () => {
  expect(isAda({ all: [] })).toBe(true);
  expect(isAda({ not: { all: [] } })).toBe(false);
  const [yes, no] = [
    { field: 'id', op: 'eq', value: 'ada' },
    { field: 'id', op: 'eq', value: 'bob' },
  ];
  expect(isAda({ any: [no, yes] })).toBe(true);
  expect(isAda({ all: [no, yes] })).toBe(false);
});

test('a list matches its members', () => {
  const facts = { now: NOW, ruleOf: () => ({ defaultOn: true, locked: false }) };
  expect(matches({ list: 'list-1' }, ada, facts)).toBe(true);
  expect(matches({ not: { list: 'list-2' } }, ada, facts)).toBe(true);
});

test('what became of a person in a campaign is asked by its id; who was planned for nothing has joined since', () => {
  const facts = { now: NOW, ruleOf: () => ({ defaultOn: true, locked: false }) };
  const [campaign, audience] = ['c1', { all: [] }];
  const has = (became: 'made' | 'failed' | 'not_made' | 'holdout' | undefined) =>
    (['not_made', 'failed'] as const)
      .filter((is) => matches({ campaign, is }, { ...ada, campaigns: became ? { c1: became } : {} }, facts))
      .concat(
        matches(
          { campaign, is: 'joined_since', audience },
          { ...ada, campaigns: became ? { c1: became } : {} },
          facts,
        )
          ? (['joined_since'] as never[])
          : [],
      );
  expect([has('made'), has('holdout')]).toEqual([[], []]);
  expect([has('failed'), has('not_made'), has(undefined)]).toEqual([
    ['failed'],
    ['not_made'],
    ['joined_since'],
  ]);
  expect(matches({ campaign, is: 'joined_since', audience: { not: { all: [] } } }, ada, facts)).toBe(false);
});

test('texts are times in the forms that systems write; without a zone they are UTC', () => {
  expect(timeOfText('2028-02-29')).toBe(Date.UTC(2028, 1, 29));
  expect(timeOfText('2030-06-15 08:00')).toBe(Date.UTC(2030, 5, 15, 8));
  expect(timeOfText('2030-06-15T08:00:00.5+02:00')).toBe(Date.UTC(2030, 5, 15, 6, 0, 0, 500));
  for (const text of [
    '2030-02-29',
    '2100-02-29',
    '0000-01-01',
    '2030-13-01',
    '2030-1-1',
    '15.06.2030',
    '2030-06-15T24:00',
    'x',
  ])
    expect(timeOfText(text), text).toBeNull();
});
