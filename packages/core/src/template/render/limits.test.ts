import { expect, test } from 'vitest';
import * as limits from './limits.ts';

test('the limits of templates are those that the documentation names', () => {
  expect({ ...limits }).toEqual({
    MAX_SOURCE_LENGTH: 262_144,
    WORK_LIMIT: 2_000_000,
    NODE_COST: 10,
    CLOCK_LIMIT_MS: 200,
    MAX_NODES: 10_000,
    MAX_DEPTH: 50,
    MAX_NODE_LENGTH: 8_192,
    MAX_OUTPUT_LENGTH: {
      email: { subject: 998, text: 262_144, html: 524_288 },
      sms: { text: 1_600 },
      push: { title: 512, body: 2_048, url: 2_048 },
      in_app: { title: 512, body: 16_384, url: 2_048 },
    },
  });
});
