import { z } from 'zod';
import { flag, wholeNumber } from './config.ts';

/**
 * The settings of traces, the same for every program. Names and meanings are those of OpenTelemetry:
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export const TRACE_SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** The members of a program's schema. */
export function traceSettings() {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector()
      .refine((text) => !TRACES_PATH.test(text), {
        error:
          'ends in /v1/traces, which is added to it. Leave that off, or write it as OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
      })
      .optional()
      .describe(
        'where traces are sent by OTLP over HTTP, without /v1/traces, for example http://localhost:4318; without it there are none.',
      ),
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector()
      .optional()
      .describe(
        'the whole URL that traces are sent to, in place of OTEL_EXPORTER_OTLP_ENDPOINT, for example http://localhost:4318/v1/traces.',
      ),
    OTEL_EXPORTER_OTLP_PROTOCOL: z
      .enum(['http/protobuf', 'http/json'], {
        error: ({ input }) =>
          input === 'grpc'
            ? 'is not supported. Use http/protobuf, and the port at which the collector takes HTTP (usually 4318)'
            : 'must be http/protobuf or http/json',
      })
      .default('http/protobuf')
      .describe('how traces are encoded: http/protobuf or http/json.'),
    OTEL_EXPORTER_OTLP_HEADERS: pairs()
      .prefault('')
      .describe(
        'headers of every export, as name=value, comma-separated and percent-encoded, for example authorization=Bearer%20abc.',
      )
      .meta({ secret: true, issuedElsewhere: true }),
    OTEL_EXPORTER_OTLP_TIMEOUT: wholeNumber(100, 60_000)
      .prefault('10000')
      .describe('milliseconds one export may take.'),
    OTEL_SDK_DISABLED: flag().prefault('false').describe('true switches traces off, whatever else is set.'),
    OTEL_TRACES_EXPORTER: z
      .enum(['otlp', 'none'], { error: 'must be otlp or none' })
      .default('otlp')
      .describe('otlp, or none to switch traces off.'),
    OTEL_TRACES_SAMPLER: z
      .enum(TRACE_SAMPLERS, { error: `must be one of ${TRACE_SAMPLERS.join(', ')}` })
      .default('parentbased_always_on')
      .describe(
        'which requests are traced. parentbased_...: as their traceparent says, the others by the rest of the name; traceidratio: the share OTEL_TRACES_SAMPLER_ARG.',
      ),
    OTEL_TRACES_SAMPLER_ARG: ratio()
      .prefault('1')
      .describe('the share of requests that traceidratio traces, from 0 to 1.'),
    OTEL_SERVICE_NAME: z
      .string()
      .max(255, 'must have at most 255 characters')
      .optional()
      .describe(
        'the name of the program in traces; else carillon-api, carillon-worker or carillon-dashboard.',
      ),
    OTEL_RESOURCE_ATTRIBUTES: pairs()
      .prefault('')
      .describe(
        'attributes of every span, as name=value, comma-separated and percent-encoded, for example deployment.environment.name=staging.',
      ),
    OTEL_BSP_SCHEDULE_DELAY: wholeNumber(10, 600_000)
      .prefault('5000')
      .describe('milliseconds between two exports.'),
    OTEL_BSP_EXPORT_TIMEOUT: wholeNumber(100, 600_000)
      .prefault('30000')
      .describe('milliseconds after which a batch that is being exported is given up.'),
    OTEL_BSP_MAX_QUEUE_SIZE: wholeNumber(1, 1_000_000)
      .prefault('2048')
      .describe('spans of one process that wait for their export; more are dropped and counted.'),
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: wholeNumber(1, 1_000_000)
      .prefault('512')
      .describe('spans in one export at most; no more than OTEL_BSP_MAX_QUEUE_SIZE.'),
  };
}

/** What the settings are after they were read. */
export type TraceSettings = Readonly<z.output<z.ZodObject<ReturnType<typeof traceSettings>>>>;

const TRACES_PATH = /\/v1\/traces\/?$/;

function collector() {
  const error = 'must be a URL that starts with http:// or https://, and has no query';
  return z.string().refine(
    (text) => {
      const parsed = URL.parse(text);
      return parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.search === '';
    },
    { error },
  );
}

function ratio() {
  const bound = 'must be a number from 0 to 1';
  return z
    .string()
    .regex(/^\d*\.?\d+$/, bound)
    .transform(Number)
    .pipe(z.number().min(0, bound).max(1, bound));
}

/** `name=value,name=value`, percent-encoded, as in the header `baggage`. */
function pairs() {
  return z.string().transform((text, context): Readonly<Record<string, string>> => {
    const found: Record<string, string> = {};
    for (const part of text.split(',')) {
      if (part.trim() === '') continue;
      const at = part.indexOf('=');
      const name = part.slice(0, at).trim();
      const value = decoded(part.slice(at + 1).trim());
      if (at > 0 && /^[\w.\-/]+$/.test(name) && value !== null) found[name] = value;
      else {
        const message = 'must be a list of name=value, comma-separated, with values percent-encoded';
        context.addIssue({ code: 'custom', message });
        return z.NEVER;
      }
    }
    return found;
  });
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
