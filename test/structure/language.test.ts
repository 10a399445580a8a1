import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/**
 * The terms of the field, in names, comments, messages, logs and documentation. Each entry is a word that was used here
 * once and that a reader from outside does not know, with the term to use.
 */
const BANNED: readonly [RegExp, string][] = [
  [/\b(byteBudget|byte-budget)\b/i, 'memory limit'],
  [/\b(createSeats|createGate)\b|\bSeats\b/, 'concurrency limit'],
  [/\binsist\b/i, 'retry write'],
  [/watched-?send/i, 'the lines of deliver.ts'],
  [/able-?accounts/, 'eligible accounts'],
  [/\bkeep-?order\b/i, 'ordering'],
  [/\bby-?leader\b/i, 'leader task'],
  [/\b(neglected|stranded)\b/i, 'stuck'],
  [/unaccounted/i, 'stuck'],
  [/\/proving\//, 'test/contract'],
  [/account-?words\b/i, 'form fields'],
  [/sealed-?account\b/i, 'account encryption'],
  [/\bPLACING\b/, 'routing settings'],
  [/right-?of-?way|right of way/i, 'priority across processes'],
  [/\bkeep-?for(Seconds)?\b(?! )/i, 'TTL'],
  [/repeat-?proof\b/i, 'idempotent-retry evidence'],
  [/hear-?stop-?words/i, 'apply opt-out keywords'],
  [/follow-?receipts\b/i, 'apply receipt policy'],
  [/follow-?refusals\b/i, 'apply rejections'],
  [/give-?up-?addresses\b/i, 'suppress addresses'],
  [/\bstands? back\b|\bstand-?back\b/i, 'CPU priority'],
  [/\blast-?will\b|last will/i, 'dead-man switch'],
  [/\bleftovers\b/i, 'orphaned processes'],
  [/\bways-?out\b/i, 'resolutions'],
  [/\bmay-?or-?refuse\b/i, 'authorize'],
  [/\b(is|are|was|were) told\b/i, 'is notified, is updated, or who is sent what'],
  [/\bof no use any more\b/i, 'expired'],
  [/\bcomes? along\b/i, 'is bundled, or the term for it'],
  [/\bstands? beside\b/i, 'is mutually exclusive with, or is next to'],
  [/\bnames nobody\b/i, 'must contain one of'],
  [/\bbroke on our side\b/i, 'internal error'],
  [/\bcannot be believed\b/i, 'signature verification failed'],
  [/\bdoorbell\b/i, 'wake-up signal'],
  [/\bnobody moves\b/i, 'stuck notifications'],
  [/\bin so many words\b/i, 'explicitly'],
  [/\bought to\b/i, 'should'],
];

const ROOT = path.join(import.meta.dirname, '../..');

/** The changelog names what there was; migrations are applied and stay; golden files and licenses are not our prose. */
const LEFT_OUT =
  /^(CHANGELOG\.md|db\/migrations\/|test\/characterisation\/golden\/|package-lock\.json|.*LICENSE$|test\/structure\/language\.test\.ts$)/;
const TEXT = /\.(ts|mjs|md|json|ya?ml|css|sql|service)$|^(Dockerfile|\.env\.example)$/;

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => TEXT.test(file) && !LEFT_OUT.test(file) && existsSync(path.join(ROOT, file)));

test.each(BANNED)('%s is written nowhere: the term is "%s"', (banned) => {
  const found = files.flatMap((file) =>
    `${file}\n${readFileSync(path.join(ROOT, file), 'utf8')}`
      .split('\n')
      .flatMap((line, number) => (banned.test(line) ? [`${file}:${number}: ${line.trim()}`] : [])),
  );
  expect(found).toEqual([]);
});
