import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { NOT_MADE_REASONS } from '@carillon/core/campaign/counts';
import { CAMPAIGN_STATES } from '@carillon/core/campaign/states';
import { CAMPAIGN_STATE_WORDS, NOT_MADE_WORDS } from '@carillon/core/campaign/wording';
import { UNAVAILABLE_REASONS } from '@carillon/core/notification/sent-content';
import { STATES } from '@carillon/core/notification/states';
import {
  ACTOR_WORDS,
  actorWords,
  BREAKER_WORDS,
  DECISION_WORDS,
  ERROR_WORDS,
  errorWords,
  HELD_WORDS,
  OUTCOME_WORDS,
  PHASE_WORDS,
  RECEIPT_WORDS,
  SKIP_WORDS,
  STATE_WORDS,
  SUPPRESSION_WORDS,
  UNAVAILABLE_WORDS,
  type Words,
} from '@carillon/core/notification/wording';
import { BREAKER_STATES } from '@carillon/core/provider/breaker';
import { OUTCOME_CLASSES, PHASES } from '@carillon/core/provider/outcome';
import { PROVIDER_PHRASES, providerPhrase, SMTP_PHRASES } from '@carillon/core/provider/provider-words';
import { RECEIPT_KINDS } from '@carillon/core/provider/receipt';
import { SUPPRESSION_REASONS } from '@carillon/core/recipient/suppression';
import { SMTP_ENHANCED, SMTP_SUBJECTS } from '@carillon/providers/smtp/enhanced-codes';
import { SKIP_REASONS } from '@carillon/services/bulk/move';
import { describe, expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const sources = (pattern: string) =>
  globSync(pattern, { cwd: ROOT })
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => ({ file, text: readFileSync(path.join(ROOT, file), 'utf8') }));
/** What a pattern with one group finds in these files, each once. */
const matches = (files: { text: string }[], pattern: RegExp): string[] =>
  [...new Set(files.flatMap(({ text }) => [...text.matchAll(pattern)].map(([, found]) => found!)))].sort();

describe('everything that a person of support reads has words', () => {
  test.each<[string, readonly string[], Readonly<Record<string, Words>>]>([
    ['state', STATES, STATE_WORDS],
    ['outcome of an attempt', OUTCOME_CLASSES, OUTCOME_WORDS],
    ['phase of an attempt', PHASES, PHASE_WORDS],
    ['kind of report', RECEIPT_KINDS, RECEIPT_WORDS],
    ['reason of a suppression', SUPPRESSION_REASONS, SUPPRESSION_WORDS],
    ['reason why content is missing', [...UNAVAILABLE_REASONS, 'purged', 'not_permitted'], UNAVAILABLE_WORDS],
    ['reason why a bulk action skips', Object.keys(SKIP_REASONS), SKIP_WORDS],
    ['state of a breaker', BREAKER_STATES, BREAKER_WORDS],
    ['state of a campaign', CAMPAIGN_STATES, CAMPAIGN_STATE_WORDS],
    ['reason why a campaign leaves somebody out', NOT_MADE_REASONS, NOT_MADE_WORDS],
    ['held breaker', ['closed', 'open'], HELD_WORDS],
    ['decision', decisionCodes(), DECISION_WORDS],
    ['error code of ours', ownErrorCodes(), ERROR_WORDS],
  ])('each %s, and no other', (_what, codes, table) => {
    expect(Object.keys(table).sort()).toEqual([...codes].sort());
  });

  test('each service that writes into the timeline', () => {
    const files = [
      ...sources('db/{doubts,attempts,notifications,receipts,restore,outbox}/*.ts'),
      ...sources('apps/worker/src/**/*.ts'),
      ...sources('apps/api/src/routes/notifications/timeline.ts'),
    ];
    const actors = matches(files, /\bactor(?::| =) '([a-z]+)'/g);
    expect(actors).toEqual(expect.arrayContaining(['api', 'deliver', 'relay', 'resolver']));
    expect(actors.filter((actor) => !(actor in ACTOR_WORDS))).toEqual([]);
    expect(actorWords('staff:ada@example.com')).toBe('ada@example.com');
    expect(actorWords('receipt:twilio-eu')).toBe('A report of twilio-eu');
    expect(actorWords('key:abc')).toBe('API key abc');
  });

  test('each code in the table of a provider', async () => {
    const files = globSync('packages/providers/src/*/{codes,send}.ts', { cwd: ROOT });
    const seen: string[] = [];
    for (const file of files) {
      const provider = path.basename(path.dirname(file));
      const module = (await import(path.join(ROOT, file))) as Record<string, unknown>;
      for (const [name, table] of Object.entries(module)) {
        if (!/^[A-Z_]+_CODES$/.test(name) || provider === 'smtp') continue;
        seen.push(name);
        const codes = Object.keys(table as object);
        // A status stands for an answer without a code, and is stored as http_<status>.
        const stored = codes.map((code) => (/^[1-5]\d\d$/.test(code) ? `http_${code}` : code));
        expect(
          stored.filter((code) => providerPhrase(code, provider) === null),
          name,
        ).toEqual([]);
        const known = Object.keys(PROVIDER_PHRASES[provider] ?? {});
        expect(
          known.filter((code) => !codes.includes(code)),
          `${name} lost`,
        ).toEqual([]);
      }
    }
    expect(seen.length).toBeGreaterThanOrEqual(8);
  });

  test('each enhanced code of mail servers', () => {
    expect(Object.keys(SMTP_PHRASES).sort()).toEqual(Object.keys(SMTP_ENHANCED).sort());
    for (const subject of Object.keys(SMTP_SUBJECTS))
      expect(providerPhrase(`550 5.${subject}.99`, 'smtp'), subject).not.toBe('Mail server refused it');
    for (const code of ['421', '450', '452', '530', '535', '550', '552', '554'])
      expect(providerPhrase(code, 'smtp'), code).not.toBeNull();
  });
});

test('words are sentences for people: a short title, a meaning and what to do', () => {
  const all = [
    ...[STATE_WORDS, OUTCOME_WORDS, PHASE_WORDS, RECEIPT_WORDS, SUPPRESSION_WORDS, DECISION_WORDS],
    ...[ERROR_WORDS, UNAVAILABLE_WORDS, SKIP_WORDS, BREAKER_WORDS, HELD_WORDS],
    ...[CAMPAIGN_STATE_WORDS, NOT_MADE_WORDS],
  ].flatMap((table) => Object.entries(table));
  for (const [code, { title, means, next }] of all) {
    expect(title, code).toMatch(/^[A-Z][^.!_]{1,40}$/);
    for (const sentence of [means, next]) expect(sentence, code).toMatch(/^[A-Z].*\.$/);
  }
  const phrases = [...Object.values(PROVIDER_PHRASES), SMTP_PHRASES].flatMap((table) => Object.values(table));
  for (const phrase of phrases) expect(phrase).toMatch(/^[A-Z0-9][^_]{2,80}[^.]$/);
});

test('states of a group differ in their titles, so that a badge says which it is', () => {
  const tables = [STATE_WORDS, OUTCOME_WORDS, RECEIPT_WORDS, SUPPRESSION_WORDS, BREAKER_WORDS];
  for (const table of [...tables, CAMPAIGN_STATE_WORDS, NOT_MADE_WORDS]) {
    const titles = Object.values(table).map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  }
});

describe('the words of an error code', () => {
  test("are the provider's phrase, with what the outcome means and asks for", () => {
    const words = errorWords({ code: '21610', outcome: 'bad_recipient', provider: 'twilio' });
    expect(words.title).toBe('Recipient answered STOP to this sender');
    expect(words.next).toBe(OUTCOME_WORDS.bad_recipient.next);
    expect(errorWords({ code: '550 5.1.1', outcome: 'bad_recipient', provider: 'smtp' }).title).toBe(
      'Mailbox does not exist',
    );
    expect(errorWords({ code: 'http_503', outcome: 'transient' }).title).toBe('Provider has a fault');
  });

  test('are our own for our own codes, and the report for what a report failed', () => {
    expect(errorWords({ code: 'timeout', outcome: 'in_doubt', provider: 'twilio' })).toBe(
      ERROR_WORDS.timeout,
    );
    expect(errorWords({ code: 'bounced' })).toBe(RECEIPT_WORDS.bounced);
  });

  test('are those of the provider where it uses the same name', () => {
    const words = errorWords({ code: 'invalid_number', outcome: 'bad_recipient', provider: 'termii' });
    expect(words.title).toBe('Number is not valid');
    expect(words.next).toBe(OUTCOME_WORDS.bad_recipient.next);
  });

  test('say of an unknown code what its outcome means', () => {
    const words = errorWords({ code: '99999', outcome: 'rejected', provider: 'twilio' });
    expect(words).toEqual({ ...OUTCOME_WORDS.rejected, title: 'Code 99999' });
    expect(errorWords({ code: 'whatever' }).next).toContain('documentation of the provider');
  });
});

test('the words need nothing of Node, so that a browser can show them', () => {
  for (const { file, text } of sources(
    'packages/core/src/{notification/wording,campaign/wording,provider/provider-words}.ts',
  )) {
    const imports = [...text.matchAll(/^import (type )?.* from '(.+)';$/gm)].map(([, type, from]) => ({
      type,
      from,
    }));
    expect(
      imports.filter(({ type, from }) => !type && from !== '../provider/provider-words.ts'),
      file,
    ).toEqual([]);
  }
});

/** From the union in the judge, and the codes that the explanation adds. */
function decisionCodes(): string[] {
  const [judge] = sources('packages/core/src/notification/judge.ts');
  const union = /export type RefusalCode =([^;]+);/.exec(judge!.text)![1]!;
  const explained = matches(
    sources('packages/services/src/notifications/explain.ts'),
    /\bcode: '([a-z_]+)'/g,
  );
  return [...new Set([...[...union.matchAll(/'([a-z_]+)'/g)].map(([, code]) => code!), ...explained])];
}

/** Every code that is written into `error_code` by a literal in the pipeline, the providers and their statements. */
function ownErrorCodes(): string[] {
  const pipeline = [
    ...sources('apps/worker/src/{deliver,maintenance/resolve}/**/*.ts'),
    ...sources('packages/core/src/{notification/{judge,doubt,attempt-end},template/render/**/*}.ts'),
    ...sources('packages/services/src/notifications/render.ts'),
    ...sources('packages/providers/src/**/*.ts'),
    ...sources('db/{attempts,doubts,notifications,origins}/*.ts'),
  ];
  const failures = sources('packages/providers/src/outcome/call-failure.ts');
  const literal = [
    /\b(?:code|errorCode): (?:'[a-z_]+' \| )*'([a-z_]+)'/g,
    /\bnotSendable\(\s*'[^']+',\s*'([a-z_]+)'/g,
    /\bimpossible\('([a-z_]+)'/g,
    /\berror_code = '([a-z_]+)'/g,
    /\bUNSTORABLE = '([a-z_]+)'/g,
  ].flatMap((pattern) => matches(pipeline, pattern));
  const doubts = matches(
    sources('packages/core/src/notification/doubt.ts'),
    /\bcode: ('[a-z_]+'(?: \| '[a-z_]+')*)/g,
  );
  const union = doubts.flatMap((each) => each.replaceAll("'", '').split(' | '));
  const ofCalls = matches(failures, /^ {2}\w+: '([a-z_]+)',$/gm);
  const ofWords = matches(failures, /^ {2}([a-z_]+): '[a-z].* .*',$/gm);
  return [...new Set([...literal, ...union, ...ofCalls, ...ofWords])].filter((code) => code !== 'custom');
}
