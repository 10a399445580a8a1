import { LANES, type Lane } from '@carillon/core/notification/lane';
import type { Producer } from '@carillon/queue/producer';
import { expect, test } from 'vitest';
import { type Depth, laneRoom } from './lane-room.ts';

/** A lane depth as Redis would return it, and how often it was queried. */
function asked(waiting: number, delayed = 0) {
  const asks: Lane[] = [];
  let clock = 0;
  const producer = {
    depth: async (lane: Lane) => {
      asks.push(lane);
      return { waiting, delayed, active: 0 };
    },
  } as Producer;
  const room = laneRoom(
    producer,
    () => {},
    () => clock,
  );
  const depth = async (lane: Lane) => (await room.depths([lane]))[0]!.depth;
  return { room, depth, asks, later: (ms: number) => (clock += ms) };
}

test('Redis is queried for the depth of a lane four times a second at most, however often the relay looks', async () => {
  const { depth, asks, later } = asked(3);
  for (let turn = 0; turn < 100; turn++) {
    expect((await depth('email-critical')).waiting).toBe(3);
    later(10);
  }
  expect(asks).toHaveLength(4);
});

test('each lane is queried separately', async () => {
  const { depth, asks } = asked(3);
  for (const lane of ['email-bulk', 'sms-bulk', 'email-bulk'] as const) await depth(lane);
  expect(asks).toEqual(['email-bulk', 'sms-bulk']);
});

test('jobs put in meanwhile count, and a lane that may be half full is queried each time', async () => {
  const { room, depth, asks } = asked(3);
  await depth('email-normal');
  room.filled('email-normal', 4000);
  expect((await depth('email-normal')).waiting).toBe(4003);
  room.filled('email-normal', 1000);
  expect((await depth('email-normal')).waiting).toBe(3);
  expect(asks).toHaveLength(2);
});

test('a lane with many waiting or delayed jobs is always queried', async () => {
  for (const full of [asked(5000), asked(0, 5000)]) {
    await full.depth('email-bulk');
    await full.depth('email-bulk');
    expect(full.asks).toHaveLength(2);
  }
});

const EMPTY: Depth = { waiting: 0, delayed: 0, active: 0 };

/** Redis masters that answer, refuse, or are silent, lane by lane. */
function masters() {
  const states = new Map<Lane, 'answers' | 'refuses' | 'is silent'>();
  const silent = new Map<Lane, (depth: Depth) => void>();
  const left: Lane[] = [];
  const producer = {
    depth: (lane: Lane) => {
      const state = states.get(lane) ?? 'answers';
      if (state === 'answers') return Promise.resolve(EMPTY);
      if (state === 'refuses') return Promise.reject(new Error('Connection is closed.'));
      return new Promise<Depth>((resolve) => silent.set(lane, resolve));
    },
  } as Producer;
  const room = laneRoom(producer, (_, lane) => void left.push(lane));
  const lanes = async () => (await room.depths(LANES.slice(0, 3))).map(({ lane }) => lane);
  return { states, silent, left, lanes };
}

test.each(['refuses', 'is silent'] as const)(
  'a lane whose master %s is left out until it answers, and the others go on',
  async (state) => {
    const { states, silent, left, lanes } = masters();
    const [first, second, third] = LANES as [Lane, Lane, Lane];
    states.set(second, state);
    for (let turn = 0; turn < 3; turn++) expect(await lanes()).toEqual([first, third]);
    expect(left).toEqual([second]);
    states.set(second, 'answers');
    silent.get(second)?.(EMPTY);
    await expect.poll(lanes).toEqual([first, second, third]);
    states.set(second, state);
    // Its answer is fresh for a moment.
    await expect.poll(lanes, { timeout: 5_000 }).toEqual([first, third]);
    expect(left).toEqual([second, second]);
  },
);

test('where no lane answers, that is the answer', async () => {
  const { states, lanes, left } = masters();
  for (const lane of LANES) states.set(lane, 'refuses');
  await expect(lanes()).rejects.toThrow('Connection is closed.');
  expect(left).toEqual([]);
});
