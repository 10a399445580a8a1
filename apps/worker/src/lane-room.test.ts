import type { Lane } from '@carillon/core/notification/lane';
import type { Producer } from '@carillon/queue/producer';
import { expect, test } from 'vitest';
import { laneRoom } from './lane-room.ts';

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
  return { room: laneRoom(producer, () => clock), asks, later: (ms: number) => (clock += ms) };
}

test('Redis is queried for the depth of a lane four times a second at most, however often the relay looks', async () => {
  const { room, asks, later } = asked(3);
  for (let turn = 0; turn < 100; turn++) {
    expect((await room.depth('email-critical')).waiting).toBe(3);
    later(10);
  }
  expect(asks).toHaveLength(4);
});

test('each lane is queried separately', async () => {
  const { room, asks } = asked(3);
  for (const lane of ['email-bulk', 'sms-bulk', 'email-bulk'] as const) await room.depth(lane);
  expect(asks).toEqual(['email-bulk', 'sms-bulk']);
});

test('jobs put in meanwhile count, and a lane that may be half full is queried each time', async () => {
  const { room, asks } = asked(3);
  await room.depth('email-normal');
  room.filled('email-normal', 4000);
  expect((await room.depth('email-normal')).waiting).toBe(4003);
  room.filled('email-normal', 1000);
  expect((await room.depth('email-normal')).waiting).toBe(3);
  expect(asks).toHaveLength(2);
});

test('a lane with many waiting or delayed jobs is always queried', async () => {
  for (const full of [asked(5000), asked(0, 5000)]) {
    await full.room.depth('email-bulk');
    await full.room.depth('email-bulk');
    expect(full.asks).toHaveLength(2);
  }
});
