import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliUnderTest, cliUnderTest } from '../../../../test/support/cli-under-test.ts';

let cli: CliUnderTest;

beforeAll(async () => {
  cli = await cliUnderTest();
});
afterAll(() => cli.close());

test('without a command lists the commands, and --help of each command lists its options', async () => {
  const help = await cli.run(['--help']);
  expect(help.code).toBe(0);
  for (const command of ['send', 'status', 'tail', 'find', 'content', 'import']) {
    expect(help.out.join('\n')).toContain(`  ${command} `);
    expect((await cli.run([command, '--help'])).out[0]).toContain(`carillon ${command}`);
  }
  expect((await cli.run([])).code).toBe(2);
});

test('refuses an unknown command', async () => {
  const { code, err } = await cli.run(['sned']);
  expect({ code, err }).toEqual({
    code: 2,
    err: [
      'There is no command "sned"; there are send, status, tail, find, content, inbox, audiences, recipients, campaigns, import.',
    ],
  });
});
