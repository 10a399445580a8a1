import { z } from 'zod';

/** The settings of every program that logs. */
export function logSettings() {
  return {
    LOG_LEVEL: z
      .enum(['debug', 'info', 'warn', 'error'])
      .default('info')
      .describe('the least urgent log lines to write: debug, info, warn or error.'),
    LOG_ERROR_TEXT: z
      .enum(['own', 'scrubbed'])
      .default('own')
      .describe(
        'whose error messages are logged: own (of Carillon) or scrubbed (of all, as far as rules recognise what is private; for development).',
      ),
  };
}
