import { expect, test } from 'vitest';
import { judgeEvents } from './announced.ts';
import { judgeJobs } from './stopped.ts';

const jobs = (before: number, during: number[]) => judgeJobs(before, during, 50).map(({ rule }) => rule);

test('a pause leaves no job in the lane, and makes no more of them than there are people', () => {
  expect(jobs(6, [6, 20, 50, 0])).toEqual([]);
  expect(jobs(6, [6, 51, 0])).toEqual(['jobs_multiplied']);
  expect(jobs(6, [6, 3, 1])).toEqual(['jobs_multiplied']);
});

test('a lane that was empty before the pause proves nothing', () => {
  expect(jobs(0, [0])).toEqual(['unproven']);
});

const events = (told: Record<string, number>, calls: number) =>
  judgeEvents(
    Object.entries(told).map(([type, n]) => ({ type, n })),
    calls,
    2,
  ).map(({ rule }) => rule);

test('a campaign announces each problem, and its end, once and to its endpoint', () => {
  expect(events({ 'campaign.completed': 1, 'notification.failed': 2 }, 3)).toEqual([]);
  expect(events({ 'campaign.completed': 1, 'notification.failed': 2 }, 2)).toEqual(['event_late']);
});

test('a provider that is slow for a moment makes doubts, which are announced too', () => {
  const slow = { 'notification.in_doubt': 3, 'provider.circuit_closed': 1 };
  expect(events({ 'campaign.completed': 1, 'notification.failed': 2, ...slow }, 7)).toEqual([]);
  expect(events({ 'campaign.completed': 1, ...slow }, 7)).toEqual(['event_unasked']);
});

test.each([
  ['its end twice', { 'campaign.completed': 2, 'notification.failed': 2 }],
  ['no end', { 'notification.failed': 2 }],
  ['a problem less', { 'campaign.completed': 1, 'notification.failed': 1 }],
  ['what was sent, too', { 'campaign.completed': 1, 'notification.failed': 2, 'notification.sent': 40 }],
  ['nothing', {}],
])('it announces %s', (_, told) => {
  expect(events(told, 3)).toEqual(['event_unasked']);
});
