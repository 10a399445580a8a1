import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/**
 * The client runs in Node, Deno, Bun, browsers and edge runtimes: it imports only its own files and uses only globals
 * that all of them have. The command line is a program for Node and apart.
 */
const SRC = path.join(import.meta.dirname, '../../packages/client/src');
const EVERYWHERE: ReadonlySet<string> = new Set([
  'AbortController',
  'AbortSignal',
  'Headers',
  'ReadableStream',
  'Response',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'URLSearchParams',
  'atob',
  'clearTimeout',
  'crypto',
  'fetch',
  'globalThis',
  'setTimeout',
]);
/** What the language itself brings. */
const LANGUAGE =
  /^(Array|ArrayBuffer|Boolean|Date|Error|JSON|Map|Math|NaN|Number|Object|Promise|Set|String|Symbol|TypeError|Uint8Array|WeakMap|encodeURIComponent|undefined)$/;
/** Everything that Node has as a global, and what only browsers have. */
const GLOBALS = new Set([
  ...Object.getOwnPropertyNames(globalThis),
  'require',
  'module',
  'exports',
  '__dirname',
  '__filename',
  'window',
  'document',
  'location',
  'localStorage',
  'XMLHttpRequest',
  'Deno',
  'Bun',
]);

const files = globSync('**/*.ts', { cwd: SRC }).filter(
  (file) => !file.startsWith('cli') && !file.includes('.test.') && file !== 'api-types.ts',
);
const read = (file: string): string => readFileSync(path.join(SRC, file), 'utf8');

/** Without comments and string literals; code in a template's `${}` is kept. */
const code = (file: string): string =>
  read(file)
    .replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
    .replaceAll(/'(?:[^'\\\n]|\\.)*'/g, "''")
    .replaceAll(/`[^`]*`/g, (template) =>
      [...template.matchAll(/\$\{([^}]*)\}/g)].map((match) => match[1]).join(' '),
    );

test('imports only its own files, and none of the command line', () => {
  expect(files.length).toBeGreaterThan(15);
  const foreign = files.flatMap((file) =>
    [...read(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)]
      .map((match) => match[1]!)
      .filter((specifier) => !/^\.\.?\//.test(specifier) || specifier.includes('/cli/'))
      .map((specifier) => `${file} imports ${specifier}`),
  );
  expect(foreign).toEqual([]);
});

test('uses only globals that every runtime has', () => {
  const foreign = files.flatMap((file) =>
    // A name after a dot is a member, one before a colon (or `?:`) a property.
    [...code(file).matchAll(/(?<![\w$.#])([A-Za-z_$][\w$]*)(?![\w$]|\??:)/g)]
      .map((match) => match[1]!)
      .filter((name) => GLOBALS.has(name) && !EVERYWHERE.has(name) && !LANGUAGE.test(name))
      .map((name) => `${file} uses ${name}`),
  );
  expect([...new Set(foreign)]).toEqual([]);
});

test('each of the allowed globals is there', () => {
  expect([...EVERYWHERE].filter((name) => !(name in globalThis))).toEqual([]);
});
