import type { FieldError } from '@carillon/core/text/problem';
import { type Behaviour, MODES, type Mode, type Provider } from './behaviour.ts';
import { CODE_IS, PROVIDERS } from './simulated.ts';

const MAX_LATENCY_MS = 600_000;
const MAX_SECONDS = 86_400;
const FIELDS = ['provider', 'latency_ms', 'error_rate', 'status', 'code', 'mode', 'for_seconds'];

/**
 * Reads the body of `PUT /behaviour`. Only `provider` is required. A `status` alone means that every request answers
 * with it, and an additional `code` sets the provider's error code in the answer (`CODE_IS`). Absent and null are the
 * same.
 *
 * @returns the behaviour, or one error per wrong field, each with the value, the bound and the remedy.
 */
export function readBehaviour(body: unknown, nowMs: number): Behaviour | FieldError[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return [
      { path: '', message: `must be a JSON object, got ${show(body)}; send {"provider": "*"} at least` },
    ];
  }
  const given = body as Record<string, unknown>;
  const errors: FieldError[] = [];
  for (const name of Object.keys(given)) {
    if (!FIELDS.includes(name)) {
      errors.push({ path: name, message: `is not a field; the fields are ${FIELDS.join(', ')}` });
    }
  }
  const number = (path: string, min: number, max: number, whole: boolean): number | null => {
    const value = given[path] ?? null;
    if (value === null) return null;
    const isRight =
      typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value));
    if (isRight) return value;
    const kind = whole ? 'a whole number' : 'a number';
    errors.push({ path, message: `must be ${kind} from ${min} to ${max}, got ${show(value)}` });
    return null;
  };
  const oneOf = <T extends string>(path: string, choices: readonly T[], otherwise: T | null): T => {
    const value = given[path] ?? otherwise;
    if (choices.includes(value as T)) return value as T;
    errors.push({ path, message: `must be one of ${choices.join(', ')}, got ${show(value)}` });
    return choices[0]!;
  };

  const provider = oneOf<Provider | '*'>('provider', ['*', ...PROVIDERS], null);
  const mode = oneOf<Mode>('mode', MODES, 'ok');
  const latencyMs = number('latency_ms', 0, MAX_LATENCY_MS, false);
  const errorRate = number('error_rate', 0, 1, false);
  const status = number('status', 400, 599, true);
  const forSeconds = number('for_seconds', 0.001, MAX_SECONDS, false);
  const code = given.code ?? null;
  if (code !== null && (typeof code !== 'string' || !/^[\x20-\x7e]{1,200}$/.test(code))) {
    errors.push({ path: 'code', message: `must be 1 to 200 ASCII characters, got ${show(code)}` });
  } else if (code !== null && (status === null || CODE_IS[provider as Provider] === undefined)) {
    const takers = Object.keys(CODE_IS).join(', ');
    errors.push({ path: 'code', message: `goes with a status, and with one of the providers ${takers}` });
  }
  if (errors.length > 0) return errors;
  return {
    provider,
    mode,
    latency_ms: latencyMs ?? 0,
    error_rate: errorRate ?? (mode === 'ok' && status !== null ? 1 : 0),
    status,
    ...(typeof code === 'string' ? { code } : {}),
    expires_at: forSeconds === null ? null : new Date(nowMs + forSeconds * 1000).toISOString(),
  };
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
