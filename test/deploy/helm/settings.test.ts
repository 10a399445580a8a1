import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as api from '@carillon/api/config';
import * as dashboard from '@carillon/dashboard/config';
import * as worker from '@carillon/worker/config';
import { ROLES } from '@carillon/worker/roles';
import Ajv2020 from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { z } from 'zod';
import { ROOT } from '../alert-rules.ts';
import { DECIDED_BY_CHART, ENV_EXAMPLE } from '../settings-elsewhere.ts';

/** values.schema.json repeats names and bounds of the programs' settings, because helm can read nothing else. */
const read = (file: string): string => readFileSync(path.join(ROOT, 'deploy/helm', file), 'utf8');
const schema = JSON.parse(read('values.schema.json')) as {
  properties: object;
  $defs: {
    settings: {
      properties: Record<string, { type?: string; minimum?: number; maximum?: number; enum?: string[] }>;
    };
    roles: { items: { enum: string[] } };
  };
};
const ofChart = schema.$defs.settings.properties;
const ofPrograms = {
  ...api.configSchema.shape,
  ...dashboard.configSchema.shape,
  ...worker.configSchema.shape,
} as Record<string, z.ZodType>;
const accepts = new Ajv2020.Ajv2020({ strict: false }).compile({
  ...schema,
  $ref: '#/$defs/settings',
  ...{ type: undefined, properties: undefined, additionalProperties: undefined },
});
const valuesAccept = new Ajv2020.Ajv2020({ strict: false }).compile(schema);
const isTaken = (name: string, value: unknown): boolean =>
  accepts(JSON.parse(JSON.stringify({ [name]: value })));
const programTakes = (name: string, value: unknown): boolean =>
  ofPrograms[name]!.safeParse(String(value)).success;

/** Texts that no setting, or only some settings, can have. */
const TEXTS = [
  'nonsense!',
  'two words',
  'a/b',
  'info',
  'grpc',
  'http/json',
  'none',
  'always_on',
  'http-public-url',
  'http-public-url,private-webhooks',
  'https://notify.acme.example',
  'ftp://notify.acme.example',
  'http://localhost:4318/v1/traces',
  'http://localhost:4318?x=1',
  '10.0.0.0/8,fd00::/8',
  'localhost',
  'team=a%20b',
  'team',
  'x'.repeat(300),
];
/** Where the schema is less strict than the program, which then refuses at its start. */
const LEFT_TO_PROGRAM: Readonly<Record<string, string[]>> = {
  OTEL_EXPORTER_OTLP_ENDPOINT: ['http://localhost:4318/v1/traces'],
};

describe('settings of the chart', () => {
  test('are those of .env.example but for a list with reasons', () => {
    const expected = ENV_EXAMPLE.filter((name) => !(name in DECIDED_BY_CHART));
    expect(Object.keys(ofChart).sort()).toEqual(expected.sort());
    expect(Object.keys(DECIDED_BY_CHART).filter((name) => !ENV_EXAMPLE.includes(name))).toEqual([]);
  });

  test.each(Object.entries(ofChart).filter(([, { type }]) => type === 'integer' || type === 'number'))(
    '%s has the bounds of the program',
    (name, { minimum, maximum, type }) => {
      const step = type === 'integer' ? 1 : 0.5;
      for (const value of [minimum!, maximum!]) {
        expect(isTaken(name, value), `${name}=${value}`).toBe(true);
        expect(programTakes(name, value), `${name}=${value}`).toBe(true);
      }
      for (const value of [minimum! - step, maximum! + step]) {
        expect(isTaken(name, value), `${name}=${value}`).toBe(false);
        expect(programTakes(name, value), `${name}=${value}`).toBe(false);
      }
      expect(isTaken(name, 'ten')).toBe(false);
    },
  );

  test.each(Object.entries(ofChart).filter(([, { type }]) => type !== 'integer' && type !== 'number'))(
    '%s takes the texts that the program takes',
    (name, { type }) => {
      const values = type === 'boolean' ? [true, false] : TEXTS;
      for (const value of values.filter((each) => !LEFT_TO_PROGRAM[name]?.includes(String(each)))) {
        expect(isTaken(name, value), `${name}=${value}`).toBe(programTakes(name, value));
      }
      // Every choice of a list, in both.
      for (const choice of ofChart[name]!.enum?.filter(Boolean) ?? [])
        expect(programTakes(name, choice)).toBe(true);
      if (type !== 'boolean') expect(isTaken(name, '')).toBe(true);
    },
  );

  test('that are secrets are refused as values', () => {
    for (const name of Object.keys(DECIDED_BY_CHART))
      expect(isTaken(name, 'postgres://a:b@c/d'), name).toBe(false);
  });

  test('name the roles of a worker, alone and by group', () => {
    expect(schema.$defs.roles.items.enum.toSorted()).toEqual([...ROLES, 'deliver', 'relay'].sort());
  });
});

describe('values.schema.json', () => {
  test('accepts the default values, and describes each of them', () => {
    const values = parse(read('values.yaml')) as object;
    expect(valuesAccept(values)).toBe(true);
    // What helm itself hands to a chart that is part of another is described, too.
    expect(Object.keys(schema.properties).toSorted()).toEqual([...Object.keys(values), 'global'].sort());
  });

  test('refuses a key that it does not know, in every object that is the chart’s own', () => {
    const values = parse(read('values.yaml')) as Record<string, unknown>;
    const open = placesOf(values).filter((place) => {
      const changed = structuredClone(values);
      at(changed, place).notAKey = 1;
      return valuesAccept(changed);
    });
    // Labels and the like hold names of others; a number is refused there as well, but for `affinity`.
    expect(open).toEqual(['pods.affinity']);
  });
});

/** The paths of all objects in a value, the value itself among them as ''. */
function placesOf(value: Record<string, unknown>, prefix = ''): string[] {
  const below = Object.entries(value).flatMap(([key, each]) =>
    each !== null && typeof each === 'object' && !Array.isArray(each)
      ? placesOf(each as Record<string, unknown>, prefix ? `${prefix}.${key}` : key)
      : [],
  );
  return [prefix, ...below];
}

const at = (value: Record<string, unknown>, place: string): Record<string, unknown> =>
  place
    .split('.')
    .filter(Boolean)
    .reduce((object, key) => object[key] as Record<string, unknown>, value);
