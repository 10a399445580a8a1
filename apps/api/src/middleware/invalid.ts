import { type FieldError, ProblemError } from '@carillon/core/text/problem';
import { show } from '@carillon/core/text/show';
import type { z } from 'zod';

/** A failed schema as a 422 that names each field, its value, the bound and the remedy. */
export function invalidRequest(error: z.ZodError, input: unknown): ProblemError {
  return invalid(fieldErrors(error, input));
}

/** @param errors at least one. */
export function invalid(errors: readonly FieldError[]): ProblemError {
  const first = errors[0]!;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more, see errors)` : '';
  return new ProblemError(
    'invalid_request',
    `${first.path === '' ? '' : `${first.path}: `}${first.message}${more}`,
    {
      errors,
    },
  );
}

/** Zod's issues in the wording of this API, with the refused value. */
export function fieldErrors(error: z.ZodError, input: unknown): FieldError[] {
  return error.issues.flatMap((issue) => describe(issue, input));
}

function describe(issue: z.core.$ZodIssue, input: unknown, above: readonly PropertyKey[] = []): FieldError[] {
  const steps = [...above, ...issue.path];
  const path = steps.join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: path === '' ? key : `${path}.${key}`,
      message: `there is no field "${key}" here; check its spelling or leave it out`,
    }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // The branch that matched furthest is most likely the one that was meant.
    const closest = issue.errors.toSorted((a, b) => a.length - b.length)[0]!;
    return closest.flatMap((inner) => describe(inner, input, steps));
  }
  if (issue.code === 'invalid_key') {
    const words = issue.issues.map(reason).join('; ');
    return [{ path, message: `the name ${show(steps.at(-1))} ${words}` }];
  }
  const value = at(input, steps);
  if (value === undefined) return [{ path, message: `is missing${expectation(issue)}` }];
  return [{ path, message: `${show(value)} ${reason(issue)}` }];
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return `; give one of ${issue.values.join(', ')}`;
  if (issue.code === 'invalid_type') return `; give ${kind(issue.expected)}`;
  return issue.code === 'custom' ? `: ${issue.message}` : '';
}

function reason(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `is not ${kind(issue.expected)}`;
    case 'invalid_value':
      return `is not one of ${issue.values.join(', ')}`;
    case 'too_small':
      return `is too ${size(issue.origin, 'short', 'small')}; ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unit(issue.origin)}`;
    case 'too_big':
      return `is too ${size(issue.origin, 'long', 'large')}; at most ${issue.maximum}${unit(issue.origin)}`;
    default:
      return issue.message;
  }
}

function kind(expected: string): string {
  if (expected === 'int') return 'a whole number';
  if (expected === 'record') return 'an object';
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function size(origin: string, ofLength: string, ofAmount: string): string {
  return origin === 'string' || origin === 'array' ? ofLength : ofAmount;
}

function unit(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' items' : '';
}

function at(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const step of path) {
    if (value === null || typeof value !== 'object') return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}
