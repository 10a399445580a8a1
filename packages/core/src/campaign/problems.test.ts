import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { passedSchedule, reviewProblems, staleReview } from './problems.ts';
import type { ReviewResult } from './review.ts';

const review = (over: Partial<ReviewResult> = {}): ReviewResult => ({
  matched: 1_200,
  reachable: { email: 1_000, sms: 100 },
  suppressed: 30,
  opted_out: 40,
  no_contact_point: 30,
  missing_variable: {},
  quiet_now: 12,
  unknown_zone: 3,
  ends_at: null,
  ...over,
});

describe('a review refuses', () => {
  test('nothing while somebody would get it', () => {
    expect(reviewProblems(review())).toEqual([]);
    expect(reviewProblems(review({ reachable: { in_app: 1 } }))).toEqual([]);
    expect(reviewProblems(review({ missing_variable: { name: 1_199 } }))).toEqual([]);
  });

  test('an audience of nobody', () => {
    const nobody = { matched: 0, reachable: {}, suppressed: 0, opted_out: 0, no_contact_point: 0 };
    expect(reviewProblems(review({ ...nobody, missing_variable: { name: 0 } }))).toEqual([
      {
        code: 'empty_audience',
        path: 'audience',
        detail: 'The audience selects nobody; change its filter or its list.',
        counts: { matched: 0, reachable: 0, no_contact_point: 0, suppressed: 0, opted_out: 0 },
      },
    ]);
  });

  test('an audience in which nobody would get it, with the reasons', () => {
    const [problem] = reviewProblems(
      review({ reachable: { email: 0 }, no_contact_point: 1_000, suppressed: 1, opted_out: 199 }),
    );
    expect(problem).toMatchObject({
      code: 'empty_audience',
      detail:
        'Of 1,200 recipients selected nobody would get it: 1,000 without an address for its channels, 1 suppressed and 199 opted out. Change the audience or the channels.',
      counts: { matched: 1_200, reachable: 0 },
    });
  });

  test('with those reasons only that there are', () => {
    const none = { reachable: {}, no_contact_point: 0, suppressed: 0, opted_out: 0 };
    const detailOf = (over: Partial<ReviewResult>) => reviewProblems(review({ ...none, ...over }))[0]!.detail;
    expect(detailOf({ matched: 1, opted_out: 1 })).toBe(
      'Of 1 recipient selected nobody would get it: 1 opted out. Change the audience or the channels.',
    );
    expect(detailOf({ matched: 2 })).toBe(
      'Of 2 recipients selected nobody would get it. Change the audience or the channels.',
    );
  });

  test('variables that nobody has, each by its name', () => {
    const problems = reviewProblems(review({ missing_variable: { zip: 1_200, name: 1_200, city: 5 } }));
    expect(problems.map(({ code, detail, counts }) => [code, detail.slice(0, 72), counts])).toEqual([
      [
        'missing_variables',
        'The template needs "name", which none of the 1,200 recipients selected h',
        { matched: 1_200, missing: 1_200 },
      ],
      [
        'missing_variables',
        'The template needs "zip", which none of the 1,200 recipients selected ha',
        { matched: 1_200, missing: 1_200 },
      ],
    ]);
  });

  test('exactly if nobody is reachable or a variable is missing everywhere', () => {
    const n = fc.nat(50);
    fc.assert(
      fc.property(n, n, n, fc.dictionary(fc.string(), n), (email, sms, matched, missing) => {
        const problems = reviewProblems(
          review({ matched, reachable: { email, sms }, missing_variable: missing }),
        );
        const isMissing = matched > 0 && Object.values(missing).some((each) => each >= matched);
        expect(problems.length > 0).toBe(email + sms === 0 || isMissing);
        for (const { detail } of problems) expect(detail).toMatch(/^[A-Z].*\.$/s);
      }),
    );
  });
});

describe('a review is stale', () => {
  const then = { template: 'a/3', audience: 'b', schedule: 'c' };
  const at = new Date('2026-12-01T10:00:00Z');

  test('once its template, audience or schedule has changed, and says which', () => {
    expect(staleReview(then, { ...then }, at)).toBeNull();
    expect(staleReview(then, { ...then, template: 'a/4' }, at)).toMatchObject({
      code: 'stale_review',
      path: 'template',
      detail:
        'The template has changed since the review of 2026-12-01T10:00:00.000Z; review the campaign again, and schedule what you then see.',
    });
    expect(staleReview(then, { template: 'a/4', audience: 'x', schedule: 'y' }, at)?.detail).toContain(
      'The template, audience and schedule have changed',
    );
    expect(staleReview(then, { ...then, schedule: 'y' }, at)?.path).toBe('schedule.send_at');
  });
});

test('a schedule in the past is refused with its time', () => {
  expect(passedSchedule('2020-01-01T00:00:00Z', 'has passed; give a later time')).toEqual({
    code: 'invalid_request',
    path: 'schedule.send_at',
    detail: '"2020-01-01T00:00:00Z" has passed; give a later time.',
    counts: {},
  });
});
