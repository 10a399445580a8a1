import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';

describe('the command line of npm start', () => {
  it('needs nothing: default ports, .carillon next to package.json, private servers', () => {
    expect(readOptions([], {})).toEqual({
      dataDir: path.join(import.meta.dirname, '../../../.carillon'),
      portBase: null,
      load: 0,
      campaign: 0,
      quiet: false,
      observe: false,
      databaseUrl: null,
      redisUrl: null,
      logLevel: 'info',
      errorTexts: 'scrubbed',
      leaseSeconds: null,
      nodeEnv: 'development',
      traces: {},
    });
  });

  it('takes every option, and servers from the environment', () => {
    const args = [
      '--port-base',
      '4000',
      '--data',
      '/tmp/x',
      '--load',
      '500',
      '--campaign',
      '2000',
      '--quiet',
    ];
    expect(
      readOptions(args, {
        DATABASE_URL: 'postgres://db',
        REDIS_URL: '',
        LOG_LEVEL: 'warn',
        LOG_ERROR_TEXT: 'own',
        WORKER_LEASE_SECONDS: '8',
        NODE_ENV: 'test',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318',
      }),
    ).toEqual({
      dataDir: '/tmp/x',
      portBase: 4000,
      load: 500,
      campaign: 2000,
      quiet: true,
      observe: false,
      databaseUrl: 'postgres://db',
      redisUrl: null,
      logLevel: 'warn',
      errorTexts: 'own',
      leaseSeconds: '8',
      nodeEnv: 'test',
      traces: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' },
    });
  });

  it.each([
    [['--port-base', '80'], '--port-base is "80"; it must be a whole number from 1024 to 32755'],
    [['--port-base', '40000'], '--port-base is "40000"'],
    [['--load', 'many'], '--load is "many"; it must be a whole number from 1 to 1000000'],
    [['--prot-base', '4000'], "Unknown option '--prot-base'"],
  ])('refuses %j and says why', (args, message) => {
    expect(() => readOptions(args, {})).toThrow(message);
  });
});
