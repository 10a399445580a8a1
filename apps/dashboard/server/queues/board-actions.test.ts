import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { boardActionOf } from './board-actions.ts';

interface Route {
  method: string;
  route: string;
}
const { appRoutes } = createRequire(import.meta.url)('@bull-board/api/dist/routes.js') as {
  appRoutes: { api: Route[] };
};
const changing = appRoutes.api.filter(({ method }) => method !== 'get');

test.each(changing)('every changing route of the installed Bull Board is known: $method $route', (route) => {
  const path = route.route
    .replace('/api', '')
    .replace(':queueName', 'email-bulk')
    .replace(':jobId', 'job-1')
    .replace(':queueStatus', 'failed')
    .replace(':schedulerId', 's');
  expect(boardActionOf(route.method.toUpperCase(), path).action).not.toBe('queue.unknown');
});

test('a retry names its lane and job, and is allowed with queues:work', () => {
  expect(boardActionOf('PUT', '/queues/email-bulk/0f%2D1/retry')).toEqual({
    action: 'queue.retry',
    needs: 'queues:work',
    lane: 'email-bulk',
    jobId: '0f-1',
  });
});

test('failed jobs may be cleaned with queues:work, waiting ones only with queues:administer', () => {
  expect(boardActionOf('PUT', '/queues/email-bulk/clean/failed').needs).toBe('queues:work');
  expect(boardActionOf('PUT', '/queues/email-bulk/clean/wait').needs).toBe('queues:administer');
  expect(boardActionOf('PUT', '/queues/email-bulk/obliterate').needs).toBe('queues:administer');
});

test('pausing every lane is distinguished from pausing one', () => {
  expect(boardActionOf('PUT', '/queues/pause')).toMatchObject({ action: 'queue.pause', lane: '*' });
  expect(boardActionOf('PUT', '/queues/pause/pause')).toMatchObject({ action: 'queue.pause', lane: 'pause' });
});

test.each([
  ['POST', '/queues/email-bulk/add'],
  ['PATCH', '/queues/email-bulk/job-1/update-data'],
  ['DELETE', '/queues/email-bulk'],
  ['PUT', '/queues/email-bulk/job-1/something-new'],
  ['PUT', '/queues//retry/failed'],
])('writing a payload and unclassified routes are refused to every role: %s %s', (method, path) => {
  expect(boardActionOf(method, path).needs).toBe('never');
});
