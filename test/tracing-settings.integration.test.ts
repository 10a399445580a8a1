import { expect, test, vi } from 'vitest';
import { otlpReceiver } from './support/otlp-receiver.ts';
import { startProgram } from './support/program.ts';

/** What the settings of traces do at the start of each program: nothing without an endpoint, and a refusal when wrong. */
vi.setConfig({ testTimeout: 180_000 });

const PROGRAMS = {
  api: { script: 'apps/api/src/main.ts', isUp: /"message":"listening"/ },
  worker: { script: 'apps/worker/src/main.ts', isUp: /"message":"health is served"/ },
  dashboard: { script: 'apps/dashboard/server/main.ts', isUp: /"message":"dashboard listens"/ },
};
const NAMES = Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[];

/** Nothing listens on port 1: the programs start, and wait for their servers. */
const SERVERS = {
  DATABASE_URL: 'postgres://nobody:5f2c8f0e6a1b4c7d@127.0.0.1:1/none',
  REDIS_URL: 'redis://127.0.0.1:1',
  API_PORT: '0',
  WORKER_PORT: '0',
  DASHBOARD_PORT: '0',
};

/** Writes a line for each file of OpenTelemetry that a program loads, whoever imports it. */
const TELL_LOADED = `--import data:text/javascript,${encodeURIComponent(
  `import { registerHooks } from 'node:module';
  registerHooks({ load(url, context, next) {
    const found = /@opentelemetry\\/([\\w-]+)/.exec(url);
    if (found) process.stdout.write('loaded <' + found[1] + '>\\n');
    return next(url, context);
  } });`,
)}`;

async function loadedBy(name: keyof typeof PROGRAMS, env: Record<string, string> = {}): Promise<Set<string>> {
  const { script, isUp } = PROGRAMS[name];
  const program = startProgram(script, { ...SERVERS, ...env, NODE_OPTIONS: TELL_LOADED });
  try {
    await program.says(isUp);
  } finally {
    await program.stop();
  }
  return new Set([...program.output().matchAll(/loaded <([\w-]+)>/g)].map(([, found]) => found!));
}

test.each(NAMES)(
  'without an endpoint the %s loads the API of OpenTelemetry and nothing of its SDK',
  async (name) => {
    expect(await loadedBy(name)).toEqual(new Set(['api']));
  },
);

test('with one it loads the SDK, and the exporter of the protocol alone', async () => {
  const receiver = await otlpReceiver();
  const loaded = await loadedBy('api', {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  });
  await receiver.close();
  expect(loaded).toContain('sdk-trace');
  expect(loaded).toContain('exporter-trace-otlp-http');
  expect(loaded).not.toContain('exporter-trace-otlp-proto');
});

const WRONG: Record<string, string> = {
  OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  OTEL_TRACES_SAMPLER: 'sometimes',
};

test.each(NAMES)(
  'the %s refuses a wrong endpoint, protocol and sampler at boot, each with its remedy',
  async (name) => {
    const program = startProgram(PROGRAMS[name].script, { ...SERVERS, ...WRONG });
    expect(await program.exit).toBe(1);
    const output = program.output();
    expect(output).not.toMatch(/^\s+at /m);
    expect(output).toMatch(
      /OTEL_EXPORTER_OTLP_ENDPOINT="localhost:4318" must be a URL that starts with http:\/\//,
    );
    expect(output).toMatch(/OTEL_EXPORTER_OTLP_PROTOCOL="grpc" is not supported\. Use http\/protobuf/);
    expect(output).toMatch(/OTEL_TRACES_SAMPLER="sometimes" must be one of always_on/);
  },
);
