import { expect, test } from 'vitest';
import { createGate } from './gate.ts';

/** Work that ends when the test says so. */
function work() {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let begun = false;
  return {
    run: async () => {
      begun = true;
      await ended;
    },
    end: () => end(),
    begun: () => begun,
  };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('no more notifications are in hand than the gate lets through', async () => {
  const gate = createGate(100);
  const [first, second, third] = [work(), work(), work()];
  const passes = [gate.pass(60, first.run), gate.pass(60, second.run), gate.pass(40, third.run)];
  await turn();
  expect([first.begun(), second.begun(), third.begun()]).toEqual([true, false, false]);
  first.end();
  await turn();
  expect([second.begun(), third.begun()]).toEqual([true, true]);
  second.end();
  third.end();
  await Promise.all(passes);
});

test('work larger than the gate passes alone instead of never', async () => {
  const gate = createGate(10);
  await expect(gate.pass(100, async () => 'done')).resolves.toBe('done');
});

test('work that throws gives its room back', async () => {
  const gate = createGate(1);
  await expect(gate.pass(1, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  await expect(gate.pass(1, async () => 'next')).resolves.toBe('next');
});

test('a closed gate turns away who waits and who comes, and lets what is inside finish', async () => {
  const gate = createGate(1);
  const inside = work();
  const passes = [
    gate.pass(1, async () => inside.run().then(() => 'finished')),
    gate.pass(1, async () => 'waited'),
  ];
  gate.close();
  inside.end();
  expect(await Promise.all([...passes, gate.pass(1, async () => 'came')])).toEqual(['finished', null, null]);
  expect(gate.isClosed()).toBe(true);
});

test('a lane whose calls hang leaves room for the others that share its gate', async () => {
  const shared = createGate(100);
  const [mail, text] = [createGate(70, shared), createGate(70, shared)];
  const [first, second, third] = [work(), work(), work()];
  const passes = [mail.pass(60, first.run), mail.pass(40, second.run), text.pass(40, third.run)];
  await turn();
  expect([first.begun(), second.begun(), third.begun()]).toEqual([true, false, true]);
  for (const { end } of [first, second, third]) end();
  await Promise.all(passes);
  shared.close();
  expect(mail.isClosed()).toBe(true);
  await expect(mail.pass(1, async () => 'came')).resolves.toBeNull();
});
