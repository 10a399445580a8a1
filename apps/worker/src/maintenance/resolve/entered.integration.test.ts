import { randomUUID } from 'node:crypto';
import { claimNotifications } from '@carillon/db/attempts/claim-notifications';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COUNTED_STATES, countedIn, watchEntered } from '../../../../../test/support/entered-states.ts';
import {
  type ResolverUnderTest,
  resolverUnderTest,
} from '../../../../../test/support/resolver-under-test.ts';
import { insertNotification, stateOf } from '../../../../../test/support/rows.ts';
import { until } from '../../../../../test/support/until.ts';
import { createMetrics } from '../../metrics.ts';
import { rescue } from '../rescue.ts';
import { sweep } from '../sweep.ts';

const metrics = createMetrics();
let it: ResolverUnderTest;
let entered: Awaited<ReturnType<typeof watchEntered>>;

beforeAll(async () => {
  it = await resolverUnderTest(metrics.delivery);
  entered = await watchEntered(it.db.sql, COUNTED_STATES);
});
afterAll(() => it.close());

const order = (provider: string, behaviour: Record<string, unknown>) =>
  it.simulator.behave({ provider, ...behaviour });
const calm = () => fetch(`${it.simulator.httpUrl}/behaviour`, { method: 'DELETE' });
const becomes = (id: string, wanted: string, olderBySeconds = 0) =>
  until(`${id} to become ${wanted}`, async () => {
    await it.age(id, olderBySeconds);
    await it.resolveOnce();
    return (await stateOf(it.db.sql, id)).state === wanted;
  });

test('however a doubt begins and ends, each state that is entered is counted once', async () => {
  const { sql } = it.db;
  // The same call again: in doubt again while the provider is broken, then accepted.
  await order('resend', { status: 500 });
  const repeated = await it.send('resend');
  await it.age(repeated, 0);
  await it.resolveOnce();
  await calm();
  await becomes(repeated, 'sent');
  // Evidence that the provider has it.
  await order('twilio', { mode: 'accept_then_drop' });
  const found = await it.send('twilio');
  await calm();
  await becomes(found, 'sent');
  // Sent again by policy, and given up by policy.
  await order('smtp', { mode: 'accept_then_drop' });
  const again = await it.send('smtp', { policy: 'at_least_once', priority: 'bulk' });
  const givenUp = await it.send('smtp', { policy: 'at_most_once' });
  await calm();
  await becomes(again, 'pending', 1200);
  await becomes(givenUp, 'dead', 1200);
  await it.deliverAgain(again);

  // Workers that never came back: found by rescue, and by the sweep where no open attempt leads to the claim.
  const { producer, appId } = it;
  const lost = await Promise.all([0, 1].map(() => insertNotification(sql, { appId, channel: 'sms' })));
  const lease = { channel: 'sms', provider: 'twilio', leaseToken: randomUUID(), leaseMs: 1 } as const;
  expect(await claimNotifications(sql, lost, lease)).toHaveLength(2);
  await sql`
    update notifications set lease_until = now() - interval '1 h', created_at = now() - interval '2 min'
    where id = any (${lost}::uuid[])`;
  await sql`
    update delivery_attempts set finished_at = now(), outcome = 'in_doubt' where notification_id = ${lost[1]!}`;
  const onEntered = metrics.entered;
  const wake = (): void => {};
  expect(await rescue({ sql, wake, onEntered }).runOnce()).toBe(1);
  expect(await sweep({ sql, producer, wake, onEntered }).runOnce()).toBeGreaterThanOrEqual(1);
  for (const id of lost) expect((await stateOf(sql, id)).state).toBe('in_doubt');

  const count = (samples: string, name: string): number =>
    Number(new RegExp(`^${name.replace(/[{}"]/g, '\\$&')} (\\d+)$`, 'm').exec(samples)?.[1] ?? 0);
  const text = await metrics.registry.metrics();
  expect(countedIn([text])).toEqual((await entered()).filter(({ state }) => state !== 'created'));
  expect(count(text, 'carillon_retries_total{provider="smtp",channel="email",priority="bulk"}')).toBe(1);
  expect(it.errors).toEqual([]);
});
