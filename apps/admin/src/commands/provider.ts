import { ProblemError } from '@carillon/core/text/problem';
import { listProviderAccounts } from '@carillon/db/provider-accounts/provider-accounts';
import { PROVIDERS } from '@carillon/providers/accounts/form-fields';
import { putProviderAccount } from '@carillon/services/provider-accounts/put';
import { verifyProviderAccount } from '@carillon/services/provider-accounts/verify';
import { viewProviderAccount } from '@carillon/services/provider-accounts/view';
import { EXIT, UsageError, type Verb } from '../command.ts';
import { readProviderConfig } from '../config.ts';
import { readInput } from '../read-input.ts';
import { table } from '../table.ts';

const add: Verb = {
  summary: 'adds a provider account, with its credentials from a file or standard input',
  usage: `carillon-admin provider add ID --file FILE

  --file FILE   JSON as PUT /v1/provider-accounts/{account} takes it, or - for standard input:
                { "provider": "resend", "environments": ["live"], "from": "Acme <hello@acme.example>", "credentials": { "api_key": "..." } }
                docs/providers.md has the fields of ${PROVIDERS.join(', ')}
  --replace     one that is there; what the file does not say of its credentials stays
  --disabled    nothing is sent through it until it is enabled

Needs ENCRYPTION_KEYS, the same as the API and the workers have: the credentials are sealed with the first of them.`,
  options: { file: { type: 'string' }, replace: { type: 'boolean' }, disabled: { type: 'boolean' } },
  words: 1,
  run: async ({ given, terminal, services }) => {
    const file = given.needed('file', 'a file with the account as JSON, or - for standard input');
    const { ring, publicBaseUrl } = readProviderConfig(terminal.env);
    const {
      enabled = true,
      id = given.words[0],
      ...words
    } = accountOf(await readInput(file, terminal), file);
    if (typeof enabled !== 'boolean') throw new UsageError(`"enabled" in ${file} must be true or false`);
    if (id !== given.words[0])
      throw new UsageError(
        `"id" in ${file} is another account than "${given.words[0]}"; give both the same, or leave it out`,
      );
    const { account, created } = await putProviderAccount(services(), {
      id: given.words[0]!,
      words,
      enabled: enabled && !given.flag('disabled'),
      ring,
      replace: given.flag('replace'),
    });
    const view = viewProviderAccount(account, publicBaseUrl);
    const receipts =
      view.receipts_url === null
        ? []
        : [`Give this address to the provider for receipts: ${view.receipts_url}`];
    return {
      json: view,
      lines: [
        `${created ? 'Added' : 'Replaced'} the ${account.channel} account ${account.id} (${account.provider}, ${account.enabled ? 'enabled' : 'disabled'}); its credentials are sealed with the key "${account.keyId ?? 'none'}". Workers follow within 10 seconds.`,
        ...receipts,
        `"carillon-admin provider verify ${account.id}" asks the provider whether they are good.`,
      ],
    };
  },
};

const verify: Verb = {
  summary: 'asks the provider of an account whether its credentials are good',
  usage: `carillon-admin provider verify ID

One cheap question that sends nothing. Exit code 0 if the account is healthy, 1 if it is not.
Needs ENCRYPTION_KEYS. An address in private networks is asked only with WEBHOOKS_ALLOW_PRIVATE=true.`,
  options: {},
  words: 1,
  run: async ({ given, terminal, services }) => {
    const id = given.words[0]!;
    const { ring, allowPrivate } = readProviderConfig(terminal.env);
    const verdict = await verifyProviderAccount(services(), { id, ring, allowPrivate });
    if (verdict.healthy)
      return {
        json: { id, healthy: true, why: null },
        lines: [`${id} is healthy: its provider takes these credentials.`],
      };
    return {
      json: { id, healthy: false, why: verdict.why },
      lines: [`${id} is not healthy: ${verdict.why}.`],
      code: EXIT.refused,
    };
  },
};

const list: Verb = {
  summary: 'lists provider accounts, never their credentials',
  usage: 'carillon-admin provider list',
  options: {},
  words: 0,
  run: async ({ services }) => {
    const rows = await listProviderAccounts(services().db);
    return {
      json: { data: rows.map((row) => viewProviderAccount(row, undefined)) },
      lines: table(
        rows.map((row) => [
          row.id,
          row.provider,
          row.channel,
          row.environments.join(','),
          row.enabled ? 'enabled' : 'disabled',
          `order ${row.position}`,
          `from ${row.managedBy}`,
        ]),
      ),
    };
  },
};

/** The parser's own message would quote the text, which holds credentials. */
function accountOf(
  text: string,
  file: string,
): Record<string, unknown> & { enabled?: unknown; id?: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ProblemError(
      'invalid_request',
      `${file} is not JSON. Write { "provider": "...", "credentials": { ... } } with double quotes.`,
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new ProblemError(
    'invalid_request',
    `${file} holds no JSON object, but ${Array.isArray(value) ? 'a list: give one account at a time' : `a ${typeof value}`}.`,
  );
}

export const provider = { add, verify, list };
