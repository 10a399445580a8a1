import { readFileSync } from 'node:fs';
import { ConfigError } from '@carillon/core/program/config';
import { parseAccounts } from '@carillon/providers/accounts/account-settings';
import type { z } from 'zod';
import type { Environment } from '../config.ts';
import { error, type Finding, ok, warning } from './finding.ts';
import { PROGRAMS, type Program } from './programs.ts';

/**
 * The settings of these programs in this environment, checked as each program checks them at startup.
 *
 * @returns one finding for each setting that is set or invalid, and one for all defaults.
 */
export function checkSettings(env: Environment, programs: readonly Program[]): Finding[] {
  const known = new Map<string, z.ZodType>(
    programs.flatMap((program) =>
      Object.entries(PROGRAMS[program].schema.shape as Record<string, z.ZodType>),
    ),
  );
  const isProduction = env.NODE_ENV === 'production';
  const now = problemsOf(env, programs);
  const inProduction = isProduction ? now : problemsOf({ ...env, NODE_ENV: 'production' }, programs);
  const isSet = (name: string) => env[name] !== undefined && env[name] !== '';

  const findings: Finding[] = [];
  let defaults = 0;
  for (const name of [...known.keys()].sort()) {
    const problems = now.get(name) ?? inProduction.get(name);
    if (problems) {
      for (const problem of problems)
        findings.push(wrong(name, problem, now.has(name), known.get(name)!, env));
    } else if (isSet(name)) findings.push(ok(`setting ${name}`, 'is set'));
    else defaults++;
  }
  for (const [name, problems] of now)
    if (!known.has(name))
      for (const problem of problems) findings.push(error('settings', problem, 'Correct it.'));
  findings.push(ok('settings', `${defaults} more are at their defaults (.env.example has them)`));
  if (!isProduction)
    findings.push(
      warning(
        'setting NODE_ENV',
        `is ${isSet('NODE_ENV') ? `"${env.NODE_ENV}"` : 'not set'}, so the programs would start with settings that are easy to guess`,
        'Set NODE_ENV=production, as the image does.',
      ),
    );
  if (programs.includes('worker')) findings.push(...providersFile(env.PROVIDERS_FILE));
  return [...findings, ...unknownNames(env, [...known.keys()])];
}

/** The startup errors of the programs, each once, by the setting it begins with. */
function problemsOf(env: Environment, programs: readonly Program[]): Map<string, string[]> {
  const sentences = new Set(
    programs.flatMap((program) => {
      try {
        PROGRAMS[program].read(env);
        return [];
      } catch (thrown) {
        if (thrown instanceof ConfigError) return thrown.problems;
        throw thrown;
      }
    }),
  );
  const byName = new Map<string, string[]>();
  for (const sentence of sentences) {
    const name = /^[A-Z][A-Z0-9_]*/.exec(sentence)?.[0] ?? '';
    byName.set(name, [...(byName.get(name) ?? []), sentence]);
  }
  return byName;
}

function wrong(name: string, problem: string, isNow: boolean, field: z.ZodType, env: Environment): Finding {
  const isMissing = env[name] === undefined || env[name] === '';
  const kind = isMissing ? 'missing' : field.safeParse(env[name]).success ? 'weak' : 'invalid';
  const [what = '', ...rest] = problem.split(/(?<=[.:]) (?=It is: |Make one |Or allow |put )/);
  const message = `${kind}: ${what.slice(name.length).replace(/^[\s:]+|[.:]$/g, '')}`;
  const remedy = rest.join(' ') || 'Correct it: .env.example says what it takes.';
  return isNow
    ? error(`setting ${name}`, message, remedy)
    : warning(`setting ${name}`, `${message} (refused with NODE_ENV=production)`, remedy);
}

function providersFile(file: string | undefined): Finding[] {
  if (file === undefined || file === '') return [];
  const check = 'setting PROVIDERS_FILE';
  try {
    const parsed = parseAccounts(readFileSync(file, 'utf8'));
    if ('accounts' in parsed) return [ok(check, `${file} names ${parsed.accounts.length} account(s)`)];
    return parsed.problems.map((problem) =>
      error(check, `${file}: ${problem}`, 'Correct it: docs/providers.md has the fields.'),
    );
  } catch (thrown) {
    return [
      error(
        check,
        `${file} cannot be read: ${(thrown as Error).message}`,
        'Give a path that workers can read, or leave it out.',
      ),
    ];
  }
}

/** Names that look like settings but are not: a typing error would silently leave the default. */
function unknownNames(env: Environment, known: readonly string[]): Finding[] {
  return Object.keys(env)
    .filter((name) => env[name] !== '' && !known.includes(name))
    .flatMap((name) => {
      const meant = known.find((each) => each.length > 6 && distance(name, each) <= 2);
      const isOurs = /^(WORKER|DASHBOARD)_/.test(name);
      if (meant === undefined && !isOurs) return [];
      const remedy =
        meant === undefined
          ? 'Leave it out: .env.example has all settings.'
          : `Write ${meant}, or leave it out.`;
      return [warning(`setting ${name}`, 'unknown: no program reads it', remedy)];
    });
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
