import { expect, test } from 'vitest';
import { KEY_MEMORY_MS } from './doubt.ts';
import { PRIORITIES } from './priority.ts';
import { type CallAfterRestore, holdsBack, mayRepeatUnknownCall, type Restore } from './restore.ts';

const TO = 1_800_000_000_000;
const restore: Restore = { to: TO, at: TO + 3_600_000, released: false };
const released: Restore = { ...restore, released: true };
/** A request with a key of the client's, made a minute after the restore, for an account that nothing can be asked. */
const call = (over: Partial<CallAfterRestore> = {}): CallAfterRestore => ({
  priority: 'normal',
  now: restore.at + 60_000,
  guarantee: 'D',
  hasLookup: false,
  fresh: true,
  keyed: true,
  suspect: false,
  checked: false,
  accepted: false,
  ...over,
});

test('bulk waits until the release, the others never do', () => {
  for (const priority of PRIORITIES) {
    expect(holdsBack(restore, priority)).toBe(priority === 'bulk');
    expect(holdsBack(released, priority)).toBe(false);
    expect(holdsBack(null, priority)).toBe(false);
  }
});

test('a request that may be a repeat is checked where that can be done, whatever its priority', () => {
  for (const priority of PRIORITIES) {
    expect(mayRepeatUnknownCall(restore, call({ priority, guarantee: 'A' }))).toBe(true);
    expect(mayRepeatUnknownCall(restore, call({ priority, guarantee: 'B', hasLookup: true }))).toBe(true);
  }
});

test('where it cannot be checked a critical one is sent and another waits for a person', () => {
  const forgotten = { guarantee: 'A', now: TO + KEY_MEMORY_MS } as const;
  for (const blind of [{}, { guarantee: 'C' }, { guarantee: 'B' }, forgotten] as const) {
    expect(mayRepeatUnknownCall(restore, call({ ...blind, priority: 'critical' }))).toBe(false);
    expect(mayRepeatUnknownCall(restore, call(blind))).toBe(true);
  }
});

test('a request without a key of the client, or made after the release, is new', () => {
  expect(mayRepeatUnknownCall(restore, call({ keyed: false }))).toBe(false);
  expect(mayRepeatUnknownCall(released, call())).toBe(false);
});

test('what the backup knew is a suspect at every account until it was checked there, or a person has it sent', () => {
  const suspect = { fresh: false, suspect: true };
  for (const each of [restore, released]) {
    expect(mayRepeatUnknownCall(each, call(suspect))).toBe(true);
    expect(mayRepeatUnknownCall(each, call({ ...suspect, priority: 'critical' }))).toBe(true);
    expect(mayRepeatUnknownCall(each, call({ ...suspect, checked: true }))).toBe(false);
    expect(mayRepeatUnknownCall(each, call({ ...suspect, accepted: true }))).toBe(false);
  }
  expect(mayRepeatUnknownCall(restore, call({ fresh: false }))).toBe(false);
});
