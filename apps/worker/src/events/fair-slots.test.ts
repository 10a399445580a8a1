import { expect, test } from 'vitest';
import { createFairSlots, type FairSlots, SHARE, type Slot } from './fair-slots.ts';

const QUICK = 50;
const LATE = 15_000;

/** Takes all slots an endpoint gets now. */
function takeAll(slots: FairSlots, endpoint: string, app: string): Slot[] {
  slots.belongs(endpoint, app);
  const taken: Slot[] = [];
  for (let slot = slots.take(endpoint); slot !== null; slot = slots.take(endpoint)) taken.push(slot);
  return taken;
}

/** Answers quickly until its share no longer grows. */
function prove(slots: FairSlots, endpoint: string, app: string): void {
  for (let k = 0; k < SHARE.quick; k++)
    for (const slot of takeAll(slots, endpoint, app)) slots.give(slot, QUICK);
}

test('an endpoint begins with one slot, and each quick answer adds one up to its bound', () => {
  const slots = createFairSlots();
  const counts = Array.from({ length: SHARE.quick + 2 }, () => {
    const [first, ...others] = takeAll(slots, 'e', 'a');
    for (const slot of others) slots.give(slot, null);
    slots.give(first!, QUICK);
    return others.length + 1;
  });
  expect(counts).toEqual([...Array.from({ length: SHARE.quick }, (_, k) => k + 1), SHARE.quick, SHARE.quick]);
});

test.each([
  ['a timeout', LATE, SHARE.late],
  ['a slow answer', 5_000, SHARE.slow],
])('%s shrinks the share of the endpoint', (_, tookMs, share) => {
  const slots = createFairSlots();
  prove(slots, 'e', 'a');
  const taken = takeAll(slots, 'e', 'a');
  expect(taken).toHaveLength(SHARE.quick);
  for (const slot of taken) slots.give(slot, tookMs);
  expect(takeAll(slots, 'e', 'a')).toHaveLength(share);
});

test('a slot that was not used for a call changes no share', () => {
  const slots = createFairSlots();
  prove(slots, 'e', 'a');
  for (const slot of takeAll(slots, 'e', 'a')) slots.give(slot, null);
  expect(takeAll(slots, 'e', 'a')).toHaveLength(SHARE.quick);
});

/** 50 endpoints of each of this many apps take their slots, and never answer. */
function hang(slots: FairSlots, apps: number): void {
  for (let app = 0; app < apps; app++)
    for (let k = 0; k < 50; k++) takeAll(slots, `${app}/${k}`, `app ${app}`);
}

test.each([1, 20, 100])(
  'with %i apps of 50 hanging endpoints each an endpoint that answers waits for none of them, not even for those of its own app',
  (apps) => {
    const slots = createFairSlots();
    prove(slots, 'good', 'app 0');
    hang(slots, apps);
    expect(takeAll(slots, 'good', 'app 0')).toHaveLength(SHARE.quick);
  },
);

test('with 20 apps of 50 hanging endpoints each there is room for a new endpoint of another app', () => {
  const slots = createFairSlots();
  hang(slots, 20);
  expect(takeAll(slots, 'new', 'another app')).toHaveLength(1);
});

test('endpoints that were quick and begin to hang leave room too', () => {
  const slots = createFairSlots();
  for (let app = 0; app < 20; app++) for (let k = 0; k < 10; k++) prove(slots, `${app}/${k}`, `app ${app}`);
  for (let app = 0; app < 20; app++) for (let k = 0; k < 10; k++) takeAll(slots, `${app}/${k}`, `app ${app}`);
  expect(takeAll(slots, 'new', 'another app')).toHaveLength(1);
});

test('an endpoint whose app is learnt later counts for that app from then on', () => {
  const slots = createFairSlots(17);
  const taken = Array.from({ length: 16 }, (_, k) => slots.take(`e${k}`));
  for (let k = 0; k < 16; k++) slots.belongs(`e${k}`, 'a');
  for (const slot of taken.slice(0, 8)) slots.give(slot!, LATE);
  expect(slots.take('e0')).toBeNull();
  expect(slots.take('new')).not.toBeNull();
});
