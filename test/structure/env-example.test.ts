import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';

/**
 * `.env.example` is the manual of every setting. It is compared with the schema in the config.ts of every app:
 * a line `#KEY=value` gives a default, `#KEY=` says that there is none. A plain copy changes nothing.
 */
const ROOT = path.join(import.meta.dirname, '../..');
const lines = readFileSync(path.join(ROOT, '.env.example'), 'utf8').split('\n');

interface Setting {
  key: string;
  value: string;
  isDefault: boolean;
  explained: boolean;
}
const settings = lines.flatMap((line, index): Setting[] => {
  const match = /^(#?)([A-Z][A-Z0-9_]*)=(.*)$/.exec(line);
  if (!match) return [];
  return [
    {
      key: match[2]!,
      value: match[3]!,
      isDefault: match[1] === '#',
      explained: /^# /.test(lines[index - 1]!),
    },
  ];
});

const schemas = new Map<string, z.ZodObject>();
beforeAll(async () => {
  for (const file of globSync('apps/!(simulator)/{src,server}/config.ts', { cwd: ROOT })) {
    const { configSchema } = (await import(path.join(ROOT, file))) as { configSchema: z.ZodObject };
    schemas.set(file, configSchema);
  }
});

describe('.env.example', () => {
  test('names every setting of every program once, and no other', () => {
    expect(schemas.size).toBeGreaterThanOrEqual(3);
    const known = [...schemas.values()].flatMap((schema) => Object.keys(schema.shape));
    expect(settings.map(({ key }) => key).sort()).toEqual([...new Set(known)].sort());
  });

  test('explains each', () => {
    expect(settings.filter(({ explained }) => !explained)).toEqual([]);
  });

  test('sets nothing, and gives each default as it is', () => {
    expect(settings.filter(({ isDefault }) => !isDefault)).toEqual([]);
    for (const [file, schema] of schemas) {
      for (const [key, field] of Object.entries(schema.shape) as [string, z.ZodType][]) {
        const { value } = settings.find((setting) => setting.key === key)!;
        const given = field.safeParse(value === '' ? undefined : value);
        expect(given, `${key} in ${file}`).toEqual(field.safeParse(undefined));
      }
    }
  });
});
