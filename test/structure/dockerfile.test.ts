import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

/** The image is not built here. What its file names is looked up; test/deploy puts its files together and runs them. */
const ROOT = path.join(import.meta.dirname, '../..');
const text = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const lines = text('Dockerfile').split('\n');
/** Not in the production image. */
const DEVELOPMENT = ['apps/local', 'apps/simulator'];
const manifests = ['apps', 'packages']
  .flatMap((group) => readdirSync(path.join(ROOT, group)).map((name) => `${group}/${name}`))
  .concat('db')
  .filter((place) => existsSync(path.join(ROOT, place, 'package.json')) && !DEVELOPMENT.includes(place));

/** The lines of a stage, by its name; the last one, which is the image of the programs, has none. */
const stage = (name: string | null): string[] => {
  const start = lines.findLastIndex(
    (line) => line.startsWith('FROM') && (!name || line.endsWith(` AS ${name}`)),
  );
  const end = lines.findIndex((line, at) => at > start && line.startsWith('FROM'));
  return lines.slice(start, end === -1 ? undefined : end);
};

describe('Dockerfile', () => {
  test.each(manifests)('copies the manifest of %s before it installs', (place) => {
    const copied = lines.indexOf(`COPY ${place}/package.json ${place}/`);
    expect(copied).toBeGreaterThan(0);
    expect(copied).toBeLessThan(lines.findIndex((line) => line.startsWith('RUN npm ci')));
  });

  test('keeps the simulator and the local launcher out of the production image', () => {
    const copied = stage(null).filter((line) => line.startsWith('COPY apps'));
    expect(copied).toEqual(
      manifests.filter((place) => place.startsWith('apps/')).map((place) => `COPY ${place} ./${place}`),
    );
    expect(stage(null)[0]).toBe('FROM scratch');
  });

  test('prunes packages and collects what Node needs by scripts that are there', () => {
    const run = stage('packages').find((line) => line.startsWith('RUN deploy/image'))!;
    const scripts = [...run.matchAll(/deploy\/image\/\S+/g)].map(([script]) => script);
    expect(scripts).toHaveLength(2);
    for (const script of scripts) {
      expect(text(script)).toMatch(/^#!\/bin\/sh\n/);
      expect(statSync(path.join(ROOT, script)).mode & 0o111, script).toBe(0o111);
    }
    expect(text('.dockerignore')).toContain('\n!deploy/image\n');
  });

  test('puts carillon-admin on the path', () => {
    const [, target = ''] = /ln -s \/app\/(\S+) "\$root\/usr\/local\/bin\/carillon-admin"/.exec(
      text('deploy/image/base-files.sh'),
    )!;
    expect(text(target)).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(statSync(path.join(ROOT, target)).mode & 0o111).toBe(0o111);
  });

  test.each([
    ['the programs', null, 'USER node'],
    ['the simulator', 'simulator', 'USER node'],
    ['the proxy', 'tls', 'USER 1000:1000'],
  ])('runs %s as an ordinary user', (_what, name, user) => {
    expect(stage(name).findLast((line) => /^(USER|RUN|COPY)/.test(line))).toBe(user);
  });

  test('uses the Node that the checkout is tested with, and exact versions of everything else', () => {
    const major = process.versions.node.split('.')[0];
    const names = lines.flatMap((line) => /^FROM \S+ AS (\w+)$/.exec(line)?.[1] ?? []);
    const bases = lines
      .flatMap((line) => /^FROM (\S+)/.exec(line)?.[1] ?? [])
      .filter((base) => !names.includes(base));
    expect(bases).toEqual([`node:${major}-slim`, 'caddy:2.11.4', 'scratch']);
  });
});
