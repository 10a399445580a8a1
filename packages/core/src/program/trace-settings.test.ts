import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseConfig } from './config.ts';
import { traceSettings } from './trace-settings.ts';

const read = (env: Record<string, string>) => parseConfig(z.object(traceSettings()), env);

describe('the settings of traces', () => {
  test('are those of OpenTelemetry, with its defaults', () => {
    expect(read({})).toEqual({
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_HEADERS: {},
      OTEL_EXPORTER_OTLP_TIMEOUT: 10_000,
      OTEL_SDK_DISABLED: false,
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_TRACES_SAMPLER: 'parentbased_always_on',
      OTEL_TRACES_SAMPLER_ARG: 1,
      OTEL_RESOURCE_ATTRIBUTES: {},
      OTEL_BSP_SCHEDULE_DELAY: 5_000,
      OTEL_BSP_EXPORT_TIMEOUT: 30_000,
      OTEL_BSP_MAX_QUEUE_SIZE: 2_048,
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: 512,
    });
  });

  test('lists are decoded', () => {
    const { OTEL_EXPORTER_OTLP_HEADERS: headers } = read({
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20a%3D, x-team = b=c ,',
    });
    expect(headers).toEqual({ authorization: 'Basic a=', 'x-team': 'b=c' });
  });

  test.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318' }, 'must be a URL that starts with http://'],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://a.test/v1/traces' },
      'ends in /v1/traces, which is added to it. Leave that off',
    ],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'grpc://a.test' }, 'must be a URL that starts with http://'],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'is not supported. Use http/protobuf'],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http' }, 'must be http/protobuf or http/json'],
    [{ OTEL_TRACES_SAMPLER: 'sometimes' }, 'must be one of always_on'],
    [{ OTEL_TRACES_SAMPLER_ARG: '1.5' }, 'must be a number from 0 to 1'],
    [{ OTEL_TRACES_SAMPLER_ARG: 'half' }, 'must be a number from 0 to 1'],
    [{ OTEL_TRACES_EXPORTER: 'jaeger' }, 'must be otlp or none'],
    [{ OTEL_SDK_DISABLED: '1' }, 'must be true or false'],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'staging' }, 'must be a list of name=value'],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'a=%zz' }, 'must be a list of name=value'],
    [{ OTEL_BSP_MAX_QUEUE_SIZE: '0' }, 'must be a whole number from 1'],
  ])('%j is refused in one sentence with the remedy', (env, sentence) => {
    const [name, value] = Object.entries(env)[0]!;
    expect(() => read(env as unknown as Record<string, string>)).toThrow(`${name}="${value}" ${sentence}`);
  });

  test('a wrong list of headers is refused without its value: it holds credentials', () => {
    const refused = () => read({ OTEL_EXPORTER_OTLP_HEADERS: 'planted-secret' });
    expect(refused).toThrow('OTEL_EXPORTER_OTLP_HEADERS=(a secret of 14 characters) must be a list');
    expect(refused).not.toThrow('planted-secret');
  });
});
