import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { anchors, type Page, page, pages, prose, ROOT } from './pages.ts';

const MAX_LINES = 200;
const INDEX = 'docs/README.md';
const all = pages();
const docs = all.filter(({ file }) => file.startsWith('docs/'));

interface Link {
  from: string;
  target: string;
  /** From the root of the repository; of a link within a page the page itself. */
  file: string;
  anchor: string | null;
}

/** The links of a page into this repository. */
function linksOf({ file, text }: Page): Link[] {
  return [...prose({ file, text }).matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1]!)
    .filter((target) => !/^(https?|mailto):/.test(target))
    .map((target) => {
      const [place, anchor = null] = target.split('#') as [string, string?];
      const to = place === '' ? file : path.join(path.dirname(file), place);
      return { from: file, target, file: to, anchor };
    });
}
const links = all.flatMap(linksOf);
const inWords = ({ from, target }: Link): string => `${from} -> ${target}`;

describe('links between pages', () => {
  test('lead to files that exist', () => {
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter(({ file }) => !existsSync(path.join(ROOT, file))).map(inWords)).toEqual([]);
  });

  test('lead to headings that exist', () => {
    const withAnchor = links.filter(({ anchor, file }) => anchor !== null && file.endsWith('.md'));
    expect(withAnchor.length).toBeGreaterThan(10);
    const broken = withAnchor.filter(
      ({ file, anchor }) => existsSync(path.join(ROOT, file)) && !anchors(page(file)).has(anchor!),
    );
    expect(broken.map(inWords)).toEqual([]);
  });

  test('in the published package lead nowhere else: its readers have no checkout', () => {
    const own = links.filter(({ from }) => from === 'packages/client/README.md');
    expect(own.filter(({ file }) => !file.startsWith('packages/client/')).map(inWords)).toEqual([]);
  });
});

describe('the pages under docs/', () => {
  test('are all in the index', () => {
    const listed = new Set(linksOf(page(INDEX)).map(({ file }) => file));
    expect(docs.map(({ file }) => file).filter((file) => file !== INDEX && !listed.has(file))).toEqual([]);
  });

  test(`have at most ${MAX_LINES} lines each`, () => {
    const long = docs.filter(({ text }) => text.split('\n').length - 1 > MAX_LINES);
    expect(long.map(({ file }) => file)).toEqual([]);
  });

  test('begin with one heading, and use each heading once', () => {
    for (const each of docs) {
      expect(each.text, each.file).toMatch(/^# \S/);
      const headings: readonly string[] = each.text.match(/^#+ .+$/gm) ?? [];
      expect(
        headings.filter((heading, at) => headings.indexOf(heading) !== at),
        each.file,
      ).toEqual([]);
    }
  });
});

describe('what pages name exists', () => {
  const sources = globSync('{apps,packages,db,deploy,test}/**/*.{ts,mjs,sql}', {
    cwd: ROOT,
    exclude: ['**/node_modules/**', '**/dist/**'],
  }).map((file) => readFileSync(path.join(ROOT, file), 'utf8'));
  const code = sources.join('\n');
  // The changelog names what there was.
  const spans = all
    .filter(({ file }) => file !== 'CHANGELOG.md')
    .flatMap(({ file, text }) =>
      [...text.matchAll(/`([^`\n]+)`/g)].map((match) => ({ file, span: match[1]! })),
    );
  const unknown = (known: (name: string) => boolean, pattern: RegExp): string[] =>
    spans.flatMap(({ file, span }) =>
      [...span.matchAll(pattern)]
        .map((match) => match[1]!)
        .filter((name) => !known(name))
        .map((name) => `${file}: ${name}`),
    );

  test('scripts of npm', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const client = JSON.parse(readFileSync(path.join(ROOT, 'packages/client/package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const known = { ...scripts, ...client.scripts };
    expect(unknown((name) => name in known, /\bnpm run ([\w:-]+)/g)).toEqual([]);
  });

  test('metrics', () => {
    expect(unknown((name) => code.includes(`'${name}'`), /\b(carillon_[a-z_]+)/g)).toEqual([]);
  });

  test('settings', () => {
    const settings = ['.env.example', 'docker-compose.yml'];
    const known = settings.map((file) => readFileSync(path.join(ROOT, file), 'utf8')).join('') + code;
    expect(unknown((name) => known.includes(name), /\b([A-Z][A-Z0-9]*_[A-Z0-9_]+)\b/g)).toEqual([]);
  });

  test('pages that code and configuration refer to', () => {
    const others = ['docker-compose.yml', '.env.example', 'Dockerfile'].map((file) =>
      readFileSync(path.join(ROOT, file), 'utf8'),
    );
    const named = [...sources, ...others].flatMap((text) =>
      [...text.matchAll(/\bdocs\/[\w./-]+\.md/g)].map(([file]) => file),
    );
    expect(named.length).toBeGreaterThan(10);
    expect([...new Set(named)].filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });
});
