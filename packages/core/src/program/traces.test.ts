import { describe, expect, test } from 'vitest';
import { parseTraceparent, traceparentOf } from './traces.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('parseTraceparent', () => {
  test('reads what traceparentOf writes', () => {
    const written = traceparentOf({ traceId: TRACE, spanId: SPAN, traceFlags: 1 });
    expect(written).toBe(`00-${TRACE}-${SPAN}-01`);
    expect(parseTraceparent(written)).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      traceFlags: 1,
      isRemote: true,
    });
  });

  test('reads the sampled bit alone: the other bits have no meaning here', () => {
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-03`)?.traceFlags).toBe(1);
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-02`)?.traceFlags).toBe(0);
  });

  test.each([
    null,
    undefined,
    7,
    {},
    '',
    `01-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE}-${SPAN}-01\n`,
    ` 00-${TRACE}-${SPAN}-01`,
  ])('ignores %j', (text) => {
    expect(parseTraceparent(text)).toBeNull();
  });
});

test('a span that is not sampled has no traceparent', () => {
  expect(traceparentOf({ traceId: TRACE, spanId: SPAN, traceFlags: 0 })).toBeUndefined();
});
