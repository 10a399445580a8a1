import { storableReceipt } from '@carillon/core/text/outside-text';
import { ProblemError } from '@carillon/core/text/problem';
import type { ReceiptReading } from '@carillon/providers/receipts/reader';
import { RECEIPT_READERS } from '@carillon/providers/receipts/readers';
import { createReceiptIntake } from '@carillon/services/receipts/take-in';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { assertNotEncoded } from '../../middleware/body.ts';
import { readBytes } from '../../middleware/read-body.ts';
import { lookUpPermit, type StrangerLimit } from '../../middleware/stranger-limit.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { accountTrust } from '../../receipts/account-trust.ts';
import { createSns } from '../../receipts/sns.ts';
import { isAccountId } from '../provider-accounts/account-schema.ts';

const MAX_BYTES = 1024 * 1024;

const route = createRoute({
  method: 'post',
  path: '/v1/receipts/{provider}/{account}',
  operationId: 'receiveReceipt',
  summary: 'Receipts from a provider',
  description:
    "For providers, not for you: no API key, the provider's own signature over the raw bytes instead. Give this address to the provider as its webhook. Each receipt is applied once, however often it comes; a 2xx means that it is stored.",
  tags: ['Receipts'],
  security: [],
  request: {
    params: z.object({
      provider: z.enum(Object.keys(RECEIPT_READERS) as [string, ...string[]]),
      account: z.string().describe('The id of the provider account.'),
    }),
  },
  responses: {
    200: {
      description: 'Stored; the body is what the provider wants to read, often nothing.',
      content: { 'text/xml': { schema: z.string() } },
    },
    ...problemResponses('unauthenticated', 'not_found', 'too_large', 'unsupported_media_type', 'unavailable'),
  },
});

/** Registered before the middleware of /v1: receipts carry a signature and no API key. */
export function registerReceiveReceipt(
  app: Api,
  { db, clock, config, metrics, log, baseUrl }: ApiDeps,
  strangers: StrangerLimit,
): void {
  const trustFor = accountTrust(db.sql, config.ENCRYPTION_KEYS, clock);
  const sns = createSns();
  const takeIn = createReceiptIntake({
    db: db.sql,
    log,
    unstorable: (provider) => metrics.receipts(provider, 'unstorable', 1),
    hooks: metrics.applied,
    onGroup: metrics.receiptGroup,
  });

  app.openapi(route, async (c) => {
    const { provider, account } = c.req.valid('param');
    const trust = isAccountId(account) ? await trustFor(provider, account, lookUpPermit(strangers, c)) : null;
    if (trust === null) throw noSuchAccount(provider, account);
    assertNotEncoded(c);
    const request = {
      body: await readBytes(c, MAX_BYTES),
      header: (name: string) => c.req.header(name),
      url: publicUrl(baseUrl(), c.req.url),
      now: new Date(clock.now()),
    };
    const reading = await RECEIPT_READERS[provider]!.read(request, {
      certificateAt: sns.certificateAt,
      ...trust,
    });
    metrics.receipts(provider, outcomeOf(reading), reading.read === 'receipts' ? reading.receipts.length : 1);
    if (reading.read === 'refused') throw refusal(provider, reading.why);
    if (reading.read === 'confirmation') await sns.confirm(reading.url);
    else if (reading.receipts.length > 0)
      await takeIn(
        provider,
        reading.receipts.map((receipt) => ({ account, receipt: storableReceipt(receipt) })),
      );
    const answer = reading.read === 'receipts' ? reading.answer : undefined;
    return c.body(answer?.body ?? '', 200, answer ? { 'Content-Type': answer.contentType } : {});
  });
}

/** Never from `Host`, which the caller controls. */
function publicUrl(base: string, requested: string): string {
  const { pathname, search } = new URL(requested);
  return base + pathname + search;
}

const outcomeOf = (reading: ReceiptReading): string =>
  reading.read === 'refused' ? reading.why : reading.read;

function refusal(provider: string, why: string): ProblemError {
  return new ProblemError(
    'unauthenticated',
    `This is no receipt of ${provider} that can be believed (${why}). Check the signing secret of the account, the address the provider was given, and both clocks.`,
  );
}

function noSuchAccount(provider: string, account: string): ProblemError {
  return new ProblemError(
    'not_found',
    `There is no ${provider} account ${JSON.stringify(account.slice(0, 64))}. The address of receipts is /v1/receipts/<provider>/<account id>.`,
  );
}
