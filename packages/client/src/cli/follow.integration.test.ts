import { FINAL_STATES } from '@carillon/core/notification/states';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliUnderTest, cliUnderTest } from '../../../../test/support/cli-under-test.ts';
import { until } from '../../../../test/support/until.ts';
import { ENDED_BADLY, ENDED_WELL } from './follow.ts';

let cli: CliUnderTest;

beforeAll(async () => {
  cli = await cliUnderTest();
});
afterAll(() => cli.close());

/** A change as a worker, a person or a receipt makes it. */
const become = (id: string, state: string) =>
  cli.api.db.sql`
    with told as (
      insert into notification_history (notification_id, at, state, actor, reason)
      values (${id}, now(), ${state}, 'test', ${`it is\n\u001b[31m${state}`})
    )
    update notifications set state = ${state}, provider = 'p', provider_message_id = 'm' where id = ${id}`;

describe('status', () => {
  test('shows the details and the timeline', async () => {
    const id = await cli.sent('--category', 'welcome');
    const { code, out } = await cli.run(['status', id]);
    expect(code).toBe(0);
    expect(out[0]).toBe(`${id}  pending`);
    expect(out.join('\n')).toMatch(/to +ok@example.test[\s\S]*priority +normal, category welcome/);
    expect(out.at(-1)).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {2}pending {5}accepted$/);
  });

  test.each([
    ['delivered', 0],
    ['failed', 1],
  ])('--watch prints what happens until it is %s, and ends with %i', async (state, code) => {
    const id = await cli.sent();
    const watching = cli.start(['status', id, '--watch', '--every', '0.05']);
    await until('the first entry', () => watching.out.length === 1);
    await become(id, state);
    expect(await watching.code).toBe(code);
    expect(watching.out).toHaveLength(2);
    // Without line breaks and escapes: a provider's text must not control the terminal.
    expect(watching.out[1]).toMatch(new RegExp(`${state} +it is \ufffd\\[31m${state} {2}\\(test\\)$`));
  });

  test('one that does not exist ends with 1, no id with 2', async () => {
    const { code, err } = await cli.run(['status', '0b9d5cd8-5f0c-8f6e-9a55-3c7d0a9d1c11']);
    expect({ code, first: err[0] }).toEqual({ code: 1, first: expect.stringMatching(/^not_found: /) });
    expect((await cli.run(['status'])).code).toBe(2);
  });
});

describe('tail', () => {
  test('prints new ones and changes until Ctrl-C, oldest first', async () => {
    const category = ['--category', 'tailed'];
    const [one, two] = [await cli.sent(...category), await cli.sent(...category)];
    const tail = cli.start(['tail', ...category, '-n', '1', '--every', '0.05']);
    await until('the newest one', () => tail.out.length === 1);
    expect(tail.out[0]).toContain(two);
    const three = await cli.sent(...category);
    await until('the new one', () => tail.out.length === 2);
    expect(tail.out[1]).toContain(three);
    await become(one, 'cancelled');
    await until('the change', () => tail.out.length === 3);
    expect(tail.out[2]).toMatch(new RegExp(`${one} {2}cancelled`));
    tail.ctrlC();
    expect(await tail.code).toBe(0);
  });

  test('shows all of a burst larger than a page', async () => {
    const category = 'burst';
    const first = await cli.sent('--category', category);
    const tail = cli.start(['tail', '--category', category, '--every', '0.05', '--json']);
    await until('the first look', () => tail.out.length === 1);
    const item = {
      to: { email: 'ok@example.test' },
      channel: 'email',
      category,
      content: { subject: 'S', text: 'T' },
    };
    const batch = { notifications: Array.from({ length: 450 }, () => item) };
    await cli.api.request('POST', '/v1/notifications/batch', batch, { key: cli.apiKey });
    await until('all of them', () => tail.out.length === 451);
    const ids = tail.out.map((line) => (JSON.parse(line) as { id: string }).id);
    expect(new Set(ids).size).toBe(451);
    expect(ids[0]).toBe(first);
    tail.ctrlC();
    await tail.code;
  });

  test('of one follows its timeline beyond its final state', async () => {
    const id = await cli.sent();
    const tail = cli.start(['tail', id, '--every', '0.05', '--json']);
    await until('the first entry', () => tail.out.length === 1);
    await become(id, 'cancelled');
    await until('the end', () => tail.out.length === 2);
    expect(JSON.parse(tail.out[1]!)).toMatchObject({ id, status: 'cancelled', actor: 'test' });
    tail.ctrlC();
    expect(await tail.code).toBe(0);
  });

  test('an unknown filter value is refused with the valid ones', async () => {
    const { code, err } = await cli.run(['tail', '--status', 'sended']);
    expect(code).toBe(1);
    expect(err[0]).toMatch(/"sended" is not one of scheduled/);
  });
});

test('its list of final states is complete', () => {
  expect([...ENDED_WELL, ...ENDED_BADLY].sort()).toEqual([...FINAL_STATES].sort());
});
