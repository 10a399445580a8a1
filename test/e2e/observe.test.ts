import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningSystem, runningSystem } from '../support/running-system.ts';
import { until } from '../support/until.ts';

/** `npm start -- --observe`, as a newcomer uses it. */
let system: RunningSystem;
beforeAll(async () => {
  system = await runningSystem({}, ['--observe']);
}, 180_000);
afterAll(() => system?.stop());

const page = async (path: string) => (await fetch(`${system.run().traces}${path}`)).text();

test('the first message can be followed in the viewer, from the request to the call of its provider', async () => {
  const id = await system.send({
    to: { email: 'ok@example.test' },
    channel: 'email',
    content: { subject: 'Hi', text: 'Hi' },
  });
  const path = await until(
    'the trace',
    async () => /\/traces\/[0-9a-f]{32}/.exec(await page(`/?find=${id}`))?.[0],
  );
  const trace = await until('every step', async () => {
    const text = await page(path);
    return text.includes('send resend') ? text : null;
  });
  for (const step of ['POST /v1/notifications', 'send email-normal', 'process email-normal', id])
    expect(trace).toContain(step);
});

test('Prometheus, where it can be had, scrapes every program and reads every rule', async () => {
  const { prometheus } = system.run();
  if (prometheus === undefined) return console.warn('no Prometheus on this machine and none from a mirror');
  const ask = async <T>(what: string): Promise<T> => {
    const { data } = (await (await fetch(`${prometheus}/api/v1/${what}`)).json()) as { data: T };
    return data;
  };
  const jobs = await until('every program to be scraped', async () => {
    const { activeTargets: targets } = await ask<{
      activeTargets: { health: string; labels: { job: string } }[];
    }>('targets');
    const up = targets.filter(({ health }) => health === 'up');
    return up.length === 5 ? up.map(({ labels }) => labels.job) : null;
  });
  expect(jobs.sort()).toEqual([
    'carillon-api',
    'carillon-dashboard',
    ...Array.from({ length: 3 }, () => 'carillon-worker'),
  ]);
  const { groups } = await ask<{ groups: { rules: { name: string; lastError?: string }[] }[] }>('rules');
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThan(20);
  expect(rules.filter(({ lastError }) => lastError)).toEqual([]);
});
