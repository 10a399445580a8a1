import { expect, test } from 'vitest';
import { ownChanges } from './own-changes.ts';

function browser() {
  const kept = new Map<string, string>();
  let at = 1_000_000;
  const store = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
  const now = () => at;
  return { page: () => ownChanges(store, now), pass: (ms: number) => (at += ms) };
}

test('a read asks for an answer that is newer than the last change of this browser', () => {
  const { page, pass } = browser();
  const [one, other] = [page(), page()];
  expect(one.headers()).toEqual({});
  one.changed();
  expect(one.headers()).toEqual({ 'Carillon-Max-Lag': '0.000' });
  pass(2_500);
  expect(other.headers()).toEqual({ 'Carillon-Max-Lag': '2.500' });
  other.changed();
  pass(1);
  expect(one.headers()).toEqual({ 'Carillon-Max-Lag': '0.001' });
});

test('what was changed longer ago than any answer may be behind is no matter, nor is a clock that was set back', () => {
  const { page, pass } = browser();
  const one = page();
  one.changed();
  pass(-5_000);
  expect(one.headers()).toEqual({ 'Carillon-Max-Lag': '0.000' });
  pass(5_000 + 3_600_000);
  expect(one.headers()).toEqual({});
});
