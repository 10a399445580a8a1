import { expect, test } from 'vitest';
import { PRIORITIES } from '../notification/priority.ts';
import { isCampaignWorker, workerName } from './worker-name.ts';

test('the name of a worker says what it delivers and whether it runs campaigns', () => {
  expect(workerName(['normal', 'bulk'], false)).toBe('carillon-worker-normal+bulk');
  expect(workerName([], true)).toBe('carillon-worker-campaigns');
  expect(workerName([], false)).toBe('carillon-worker');
});

test('is read from the names of its sessions, those for set statements too', () => {
  for (const name of [workerName([], true), workerName(PRIORITIES, true)]) {
    expect(isCampaignWorker(name)).toBe(true);
    expect(isCampaignWorker(`${name}-sets`)).toBe(true);
  }
  for (const name of [workerName([], false), workerName(PRIORITIES, false), 'carillon-api', 'campaigns', ''])
    expect(isCampaignWorker(name)).toBe(false);
});

test('has no more bytes than PostgreSQL keeps of an application_name', () => {
  expect(Buffer.byteLength(`${workerName(PRIORITIES, true)}-sets`)).toBeLessThanOrEqual(63);
});
