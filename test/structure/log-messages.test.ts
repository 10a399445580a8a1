import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/**
 * Lines are counted by their message, and a value in a message escapes the list of fields: so messages are constant
 * texts, and values are fields (core/program/log-fields.ts).
 */
const ROOT = path.join(import.meta.dirname, '../..');
const SOURCES = ['apps/{api,worker,dashboard}/src/**/*.ts', 'packages/!(client)/src/**/*.ts', 'db/**/*.ts'];
/** Commands that people run, and the log itself. */
const LEFT_OUT =
  /\.test\.ts$|^db\/(?:dump-schema|migrate|rotate-keys)\.ts$|^packages\/core\/src\/program\/(?:log|standard-output)\.ts$/;

const files = globSync(SOURCES, { cwd: ROOT, exclude: ['**/node_modules/**'] }).filter(
  (file) => !LEFT_OUT.test(file),
);

const CALL = /\b[lL]og\??\.(?:debug|info|warn|error)\(\s*/g;
/** A literal without values, after which the fields or the end follow. */
const CONSTANT = /^(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"),?\s*[){\w]/;

/** The calls of a log in a source, each from its first argument on. */
function messagesOf(source: string): string[] {
  return [...source.matchAll(CALL)].map(({ 0: call, index }) => source.slice(index + call.length));
}

const isConstant = (message: string): boolean => CONSTANT.test(message);

test.each([
  ["log.warn('a text', { lane });", true],
  ['log.warn("it\'s a text");', true],
  ["log.error(\n      'a text',\n      fields,\n    );", true],
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: the sources that are refused
  ['log.warn(`lane ${lane}`);', false],
  ['deps.log.info(`no value`);', false],
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above
  ["log.warn('lane ' + lane);", false],
  ["log.info(isNew ? 'a' : 'b', {});", false],
  ['log.error(message, { error });', false],
])('%s: %s', (source, constant) => {
  expect(messagesOf(source).map(isConstant)).toEqual([constant]);
});

test('every message of a log is a constant text', () => {
  const calls = files.flatMap((file) =>
    messagesOf(readFileSync(path.join(ROOT, file), 'utf8')).map((message) => ({ file, message })),
  );
  expect(calls.length).toBeGreaterThan(30);
  const wrong = calls.filter(({ message }) => !isConstant(message));
  expect(wrong.map(({ file, message }) => `${file}: ${message.slice(0, 80)}`)).toEqual([]);
});

test('programs write to their log and to nothing else', () => {
  // What a program says before it has a log, and why it cannot start.
  const allowed = /process\.stderr\.write\(`\$\{startFailure\(/g;
  const own = /\bconsole\.\w+\(|process\.std(?:out|err)\.write\(|\bwriteLine\(/;
  const wrong = files.filter((file) =>
    own.test(readFileSync(path.join(ROOT, file), 'utf8').replace(allowed, '')),
  );
  expect(wrong).toEqual([]);
});
