import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** Starts tracing in a process of its own, and says which modules of the SDK were loaded. */
const PROGRAM = `
import { registerHooks } from 'node:module';
const loaded = [];
registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
const { startTracing } = await import('@carillon/telemetry/tracing');
const { traceSettings } = await import('@carillon/core/program/trace-settings');
const { z } = await import('zod');
const settings = z.object(traceSettings()).parse(process.env);
const tracing = await startTracing({ service: 'carillon-api', settings, log: { info() {}, warn() {} } });
await tracing.stop();
console.log(JSON.stringify(loaded.filter((url) => /@opentelemetry[/](?!api[/])/.test(url))));
`;

function loadedWith(env: Record<string, string>): string[] {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    cwd: import.meta.dirname,
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as string[];
}

test('nothing of the SDK is loaded without an endpoint, or where traces are switched off', () => {
  const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:1';
  expect(loadedWith({})).toEqual([]);
  expect(loadedWith({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED: 'true' })).toEqual([]);
  const loaded = loadedWith({ OTEL_EXPORTER_OTLP_ENDPOINT }).join();
  expect(loaded).toContain('sdk-trace');
  // Only the exporter of the protocol.
  expect(loaded).toContain('exporter-trace-otlp-proto');
  expect(loaded).not.toContain('exporter-trace-otlp-http');
});
