import { randomUUID } from 'node:crypto';
import type { InboxOwner } from '@carillon/core/inbox/message';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type CliUnderTest, cliUnderTest } from '../../../../test/support/cli-under-test.ts';
import { deliverInApp, insertRecipient } from '../../../../test/support/inbox-rows.ts';
import { until } from '../../../../test/support/until.ts';

let cli: CliUnderTest;
/** Of the environment in which the messages are. */
let env: Record<string, string>;
let owner: InboxOwner;
let person: string;

beforeAll(async () => {
  cli = await cliUnderTest();
  env = { CARILLON_API_KEY: await cli.api.key({ scopes: ['recipients:*', 'content:read'] }) };
});
afterAll(() => cli.close());
beforeEach(async () => {
  person = `user_${randomUUID()}`;
  owner = await insertRecipient(cli.api.db.sql, cli.api.appId, person);
});

const deliver = (title: string) => deliverInApp(cli.api.db.sql, owner, { title });
const run = (...line: string[]) => cli.run(['inbox', ...line], null, env);

test('list shows messages with their state, read marks one or all', async () => {
  const [a, b] = [await deliver('first'), await deliver('second')];
  const { out, code } = await run('list', person);
  expect(code).toBe(0);
  expect(out).toEqual([
    expect.stringMatching(new RegExp(`${b} {2}new {7}second$`)),
    expect.stringMatching(new RegExp(`${a} {2}new {7}first$`)),
  ]);
  expect((await run('read', person, a)).out[0]).toContain(`${a}  read      first`);
  const unread = await run('list', person, '--status', 'unread', '--json');
  expect(unread.out.map((line) => JSON.parse(line).id)).toEqual([b]);
  expect((await run('read', person, '--all')).out).toEqual(['1 marked as read, 0 unread']);
});

test('texts are not shown to a key without content:read', async () => {
  await deliver('private');
  const { out } = await cli.run(['inbox', 'list', person], null, {
    CARILLON_API_KEY: await cli.api.key({ scopes: ['recipients:read'] }),
  });
  expect(out[0]).toMatch(/texts need a key with content:read/);
  expect(out[0]).not.toContain('private');
});

test('tail prints what comes and what changes, and goes on where it was stopped', async () => {
  const old = await deliver('old');
  const tail = cli.start(['inbox', 'tail', person], null, env);
  await until('the beginning', () => tail.out.at(-1) === '  1 unread, 1 unseen');
  expect(tail.out[0]).toMatch(/^\+ .*old$/);
  await deliver('new');
  await until('the new one', () => tail.out.some((line) => /^\+ .*new$/.test(line)));
  await run('read', person, old);
  await until('the change', () => tail.out.some((line) => /^~ .*read {6}old$/.test(line)));
  tail.ctrlC();
  expect(await tail.code).toBe(0);
  const after = /^Go on with --after (\d+)$/.exec(tail.err.at(-1)!)![1]!;

  await deliver('meanwhile');
  const next = cli.start(['inbox', 'tail', person, '--after', after, '--json'], null, env);
  await until('what was missed', () => next.out.length >= 2);
  expect(next.out.map((line) => JSON.parse(line)).map((event) => event.message?.title ?? event.type)).toEqual(
    ['meanwhile', 'counts'],
  );
  next.ctrlC();
  expect(await next.code).toBe(0);
});

test('tail ends when the person is erased', async () => {
  const tail = cli.start(['inbox', 'tail', person], null, env);
  await until('the beginning', () => tail.out.length === 1);
  await cli.api.request('DELETE', `/v1/recipients/${person}`);
  expect(await tail.code).toBe(0);
  expect(tail.out.at(-1)).toBe('  closed: recipient_erased');
});

test('token prints a token that opens the inbox of this person', async () => {
  await deliver('hello');
  const { out, code } = await run('token', person, '--ttl', '60', '--scopes', 'inbox');
  expect(code).toBe(0);
  const answer = await cli.api.request('GET', '/v1/inbox', undefined, { key: out[0]! });
  expect(answer.body.data[0].title).toBe('hello');
  expect((await cli.api.request('GET', '/v1/my/preferences', undefined, { key: out[0]! })).status).toBe(403);
});

test.each([
  [['inbox'], /say what to do: list, tail, read, token/],
  [['inbox', 'praise', 'x'], /say what to do/],
  [['inbox', 'list'], /give one recipient/],
  [['inbox', 'list', 'a', 'b'], /give one recipient/],
  [['inbox', 'read', 'a'], /give one message, or --all/],
  [['inbox', 'read', 'a', 'm', '--all'], /give one message, or --all/],
  [['inbox', 'tail', 'a', '--after', '-1'], /--after/],
  [['inbox', 'token', 'a', '--ttl', '59'], /--ttl is "59"; it must be a whole number from 60 to 86400/],
])('%j is a bad command line', async (line, words) => {
  const { code, err } = await cli.run(line, null, env);
  expect(code).toBe(2);
  expect(err.join('\n')).toMatch(words);
});

test('an unknown recipient is refused', async () => {
  const { code, err } = await run('tail', 'nobody_at_all');
  expect(code).toBe(1);
  expect(err[0]).toMatch(/^not_found/);
});
