import type { KeptMail } from '@carillon/simulator/mailbox';
import { simulatorAccounts } from '@carillon/simulator/simulator-accounts';
import { type SimulatorUnderTest, simulatorUnderTest } from '@carillon/simulator/under-test';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../test/support/api.ts';
import { type LaneBundle, laneBundle } from '../../../test/support/lanes.ts';
import { stateOf } from '../../../test/support/rows.ts';
import { until } from '../../../test/support/until.ts';
import { type WorkerProcess, workerProcess } from '../../../test/support/worker-process.ts';

/** The whole path, request to provider, through a worker as it runs in production. */
const ENCRYPTION_KEYS = `k:${Buffer.alloc(32, 7).toString('base64')}`;

let simulator: SimulatorUnderTest;
let bundle: LaneBundle;
let api: ApiUnderTest;
let worker: WorkerProcess;

beforeAll(async () => {
  simulator = await simulatorUnderTest();
});
afterAll(() => simulator.end());
beforeEach(async () => {
  bundle = await laneBundle({ counts: 'off' });
  api = await apiUnderTest(bundle.databaseUrl, { env: { ENCRYPTION_KEYS } });
  await api.db.sql`
    insert into categories (app_id, environment, name, unsubscribable, track_opens)
    values (${api.appId}, 'live', 'news', true, true)`;
});
afterEach(async () => {
  await worker?.stop();
  await api.close();
  await bundle.close();
});

async function startWorker(env: Record<string, string>): Promise<void> {
  const { httpUrl, tlsPort, caFile, smtpUrl } = simulator;
  const accounts = simulatorAccounts({ httpUrl, tlsHost: '127.0.0.1', tlsPort, caFile, smtpUrl });
  worker = await workerProcess(bundle, accounts, ['normal'], { ENCRYPTION_KEYS, ...env });
}

async function sent(): Promise<KeptMail> {
  const content = { subject: 'News', text: 'Hi', html: '<p>Hi</p>' };
  const attachments = [{ filename: 'a.txt', content_type: 'text/plain', content: 'aGVsbG8=' }];
  const to = { email: 'ok@example.test' };
  const request = { to, channel: 'email', category: 'news', content, attachments };
  const { body } = await api.request('POST', '/v1/notifications', request);
  await until('the message to be sent', async () => (await stateOf(api.db.sql, body.id)).state === 'sent');
  const response = await fetch(`${simulator.httpUrl}/letters?notification_id=${body.id}`);
  return ((await response.json()) as { data: [KeptMail] }).data[0];
}

test('a worker that has the public address adds links and files', async () => {
  await startWorker({ PUBLIC_BASE_URL: 'https://api.example.test' });
  const { headers, html, attachments } = await sent();
  expect(headers['list-unsubscribe']).toMatch(/^<https:\/\/api\.example\.test\/v1\/unsubscribe\/[\w.-]+>$/);
  expect(html).toMatch(/<img src="https:\/\/api\.example\.test\/v1\/opens\//);
  expect(attachments).toEqual([{ filename: 'a.txt', content_type: 'text/plain', bytes: 5 }]);
  expect(worker.output()).not.toContain('PUBLIC_BASE_URL');
});

test('a worker without it logs that categories want links, and sends without them', async () => {
  await startWorker({});
  const { headers, html, attachments } = await sent();
  expect({ headers, html }).toEqual({
    headers: { 'auto-submitted': 'auto-generated' },
    html: '<p>Hi</p>',
  });
  expect(attachments).toHaveLength(1);
  await until('the warning', () => worker.output().includes('PUBLIC_BASE_URL is not set'));
});
