import { z } from 'zod';

/** `https://<key>@<host>/<project>`; a path may precede the project. https://docs.sentry.io/concepts/key-terms/dsn-explainer/ */
const DSN = /^https?:\/\/\w+(?::\w+)?@(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?(?:\/[\w.-]+)*\/\d+$/i;

/** The settings of every program that reports unexpected errors. The key of a DSN allows only to send errors. */
export function errorSettings() {
  return {
    SENTRY_DSN: z
      .string()
      .refine((text) => DSN.test(text) && URL.canParse(text), {
        error: 'is no DSN: it must look like https://<key>@<host>/<number of the project>',
      })
      .optional()
      .describe(
        'where unexpected errors are reported: the DSN of a project in Sentry, GlitchTip or Bugsink, copied from its settings. Without it none are.',
      ),
    SENTRY_ENVIRONMENT: z
      .string()
      .regex(/^[^\s/]{1,64}$/, 'must be 1 to 64 characters without spaces and slashes')
      .optional()
      .describe('the environment that reported errors name, such as staging; else that of NODE_ENV.'),
    SENTRY_RELEASE: z
      .string()
      .regex(/^[^\s/\\]{1,200}$/, 'must be 1 to 200 characters without spaces and slashes')
      .optional()
      .describe('the release that reported errors name, such as carillon@1.4.0; else they name none.'),
  };
}
