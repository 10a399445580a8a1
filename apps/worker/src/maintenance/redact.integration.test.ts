import { FINAL_STATES, STATES, type State } from '@carillon/core/notification/states';
import { reviveByHand } from '@carillon/db/doubts/revive-by-hand';
import { retryNotification } from '@carillon/db/notifications/retry-notification';
import { putCategory } from '@carillon/db/preferences/change-categories';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { insertApp, insertNotification } from '../../../../test/support/rows.ts';
import { redact } from './redact.ts';

let bundle: LaneBundle;
let appId: string;
beforeAll(async () => {
  bundle = await laneBundle({ counts: 'kept' });
});
beforeEach(async () => {
  await bundle.db.sql`delete from notifications`;
  await bundle.db.sql`delete from categories`;
  appId = await insertApp(bundle.db.sql);
});
afterAll(() => bundle.close());

const say = (name: string, secret: boolean) =>
  putCategory(
    bundle.db.sql,
    { appId, environment: 'test' },
    name,
    {
      deliveryPolicy: 'resolve',
      resolveWithinSeconds: null,
      backoffSeconds: null,
      unsubscribable: false,
      trackOpens: false,
      trackClicks: false,
      secret,
      titles: {},
      descriptions: {},
      defaultOn: true,
      locked: false,
    },
    'key:test',
  );

interface Given {
  category?: string | null;
  state?: State;
  hoursAgo?: number;
}
async function message({ category = 'otp', state = 'sent', hoursAgo = 0 }: Given = {}): Promise<string> {
  const { sql } = bundle.db;
  const id = await insertNotification(sql, { appId, announced: false });
  await become(id, state);
  await sql`
    update notifications set category = ${category}, created_at = now() - make_interval(hours => ${hoursAgo}) where id = ${id}`;
  await sql`
    insert into delivery_attempts (notification_id, n, phase, channel, provider, outcome, finished_at, error_code, rendered)
    values (${id}, 1, 'answered', 'email', 'smtp', 'transient', now(), 'x', '{"text": "123456"}')`;
  await sql`
    insert into attachments (notification_id, position, filename, content_type, content)
    values (${id}, 0, 'a.txt', 'text/plain', '\\x00')`;
  return id;
}
async function become(id: string, state: State): Promise<void> {
  const { sql } = bundle.db;
  await sql`alter table notifications disable trigger transition_guard`;
  await sql`
    update notifications set state = ${state}, provider = 'smtp',
      next_attempt_at = ${['scheduled', 'retrying', 'in_doubt'].includes(state) ? new Date() : null},
      lease_token = ${state === 'sending' ? crypto.randomUUID() : null},
      lease_until = ${state === 'sending' ? new Date() : null}
    where id = ${id}`;
  await sql`alter table notifications enable trigger transition_guard`;
}
async function textsOf(id: string): Promise<string> {
  const [row] = await bundle.db.sql<[{ texts: string }]>`
    select concat_ws(' ', content, data,
      (select string_agg(rendered::text, '') from delivery_attempts where notification_id = n.id),
      (select string_agg(filename, '') from attachments where notification_id = n.id)) as texts
    from notifications n where id = ${id}`;
  return row.texts;
}
const REDACTED = '{}';
const WHOLE = /Hello from .*123456.*a\.txt/;
const duty = () => redact({ sql: bundle.db.sql });

test('the texts of a secret category are removed when a message is final, and stay while it may be tried', async () => {
  await say('otp', true);
  const ids = new Map<State, string>();
  for (const state of STATES) ids.set(state, await message({ state }));
  expect(await duty().runOnce()).toBe(FINAL_STATES.length);
  for (const [state, id] of ids) {
    const texts = await textsOf(id);
    if (FINAL_STATES.includes(state)) expect(texts, state).toBe(REDACTED);
    else expect(texts, state).toMatch(WHOLE);
  }
});

test('texts of a followed notification are removed as soon as it is final, and its retention counts from before', async () => {
  await say('otp', true);
  const id = await message({ state: 'in_doubt' });
  const redacting = duty();
  expect(await redacting.runOnce()).toBe(0);
  await become(id, 'sent');
  const updatedAt = () => bundle.db.sql`select updated_at from notifications where id = ${id}`;
  const before = await updatedAt();
  expect(await redacting.runOnce()).toBe(1);
  expect(await textsOf(id)).toBe(REDACTED);
  expect(await updatedAt()).toEqual(before);
  expect(await redacting.runOnce()).toBe(0);
});

test('other categories keep their texts; the settings of * apply to those without settings of their own', async () => {
  await say('*', true);
  await say('billing', false);
  const [open, none, unnamed] = [
    await message({ category: 'billing' }),
    await message({ category: null }),
    await message({ category: 'unnamed' }),
  ];
  expect(await duty().runOnce()).toBe(2);
  expect(await textsOf(open)).toMatch(WHOLE);
  for (const id of [none, unnamed]) expect(await textsOf(id)).toBe(REDACTED);
});

test('texts older than the process are removed too, and those sent before their category was secret', async () => {
  await say('otp', false);
  const old = [await message({ hoursAgo: 200 }), await message({ hoursAgo: 2 })];
  const redacting = duty();
  expect(await redacting.runOnce()).toBe(0);
  await say('otp', true);
  let count = 0;
  for (let turn = 0; turn < 20; turn++) count += await redacting.runOnce();
  expect(count).toBe(old.length);
  for (const id of old) expect(await textsOf(id)).toBe(REDACTED);
});

test.each<State>(['failed', 'dead'])('%s without its texts is not sent again, by anybody', async (state) => {
  await say('otp', true);
  const id = await message({ state });
  await duty().runOnce();
  const tenant = { appId, environment: 'test' } as const;
  const retry = await retryNotification(bundle.db.sql, tenant, id, true, 'key:test');
  expect(retry).toEqual({ outcome: 'redacted', state, redactedAt: expect.any(Date) });
  expect(await reviveByHand(bundle.db.sql, id)).toContain('its texts went');
  const [row] = await bundle.db.sql`select state from notifications where id = ${id}`;
  expect(row).toEqual({ state });
});
