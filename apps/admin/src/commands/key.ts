import { KEY_SCOPES } from '@carillon/core/access/access';
import { ENVIRONMENTS, type Environment } from '@carillon/core/notification/environment';
import { createKey } from '@carillon/services/api-keys/create';
import { listKeys, viewKey } from '@carillon/services/api-keys/list';
import { revokeKey } from '@carillon/services/api-keys/revoke';
import { DEFAULT_OVERLAP_SECONDS, MAX_OVERLAP_SECONDS, rotateKey } from '@carillon/services/api-keys/rotate';
import { findAppBy } from '@carillon/services/apps/find';
import { listApps } from '@carillon/services/apps/list';
import type { ReachContext } from '@carillon/services/context';
import { all } from '../all-pages.ts';
import type { Given } from '../command.ts';
import { UsageError, type Verb } from '../command.ts';
import { endOf, secondsOf } from '../duration.ts';
import { moment, table } from '../table.ts';

const create: Verb = {
  summary: 'makes an API key and prints it, this once',
  usage: `carillon-admin key create --environment live|test --name NAME --scope SCOPE [--scope SCOPE ...]

  --environment E   live reaches real providers, test only the simulator
  --name NAME       for people: which program has it
  --scope SCOPE     ${KEY_SCOPES.slice(0, 4).join(', ')},
                    ${KEY_SCOPES.slice(4).join(', ')}
  --installation    the scope installation, which brings admin with it: apps, staff, keys of every app
  --app APP         an id or a name; needed where there are several apps
  --expires WHEN    90d, 2027-06-30 or 2027-06-30T12:00:00Z (until it is revoked)
  --rate N          requests per second over all API processes (RATE_LIMIT_PER_SECOND)`,
  options: {
    environment: { type: 'string' },
    name: { type: 'string' },
    scope: { type: 'string', multiple: true },
    installation: { type: 'boolean' },
    app: { type: 'string' },
    expires: { type: 'string' },
    rate: { type: 'string' },
  },
  words: 0,
  run: async ({ given, services }) => {
    const environment = environmentOf(given.needed('environment', `one of ${ENVIRONMENTS.join(', ')}`));
    const name = given.needed('name', 'for people, which program has the key');
    const scopes = [...given.list('scope'), ...(given.flag('installation') ? ['installation'] : [])];
    if (scopes.length === 0)
      throw new UsageError(`--scope is missing: one at least of ${KEY_SCOPES.join(', ')}`);
    const ratePerSecond = given.whole('rate', 1, 10_000_000) ?? null;
    const ctx = services();
    const expires = given.text('expires');
    const { key, text } = await createKey(ctx, {
      appId: await appIdOf(ctx, given),
      environment,
      name,
      scopes,
      ratePerSecond,
      expiresAt: expires === undefined ? null : await endOf(ctx.db, 'expires', expires),
    });
    const until = key.expiresAt === null ? 'until it is revoked' : `until ${moment(key.expiresAt)}`;
    return {
      json: { ...viewKey(key), key: text },
      lines: [
        `Made the ${environment} key ${key.id} "${key.name}" with the scopes ${key.scopes.join(', ')}, ${until}. It is not shown again:`,
        text,
      ],
    };
  },
};

const list: Verb = {
  summary: 'lists API keys, never their text',
  usage: `carillon-admin key list [--app APP] [--environment live|test]`,
  options: { app: { type: 'string' }, environment: { type: 'string' } },
  words: 0,
  run: async ({ given, services }) => {
    const ctx = services();
    const app = given.text('app');
    const appId = app === undefined ? undefined : (await findAppBy(ctx, app)).id;
    const wanted = given.text('environment');
    const environment = wanted === undefined ? undefined : environmentOf(wanted);
    const rows = await all((page) => listKeys(ctx, { ...page, appId, environment }));
    return {
      json: { data: rows.map(viewKey) },
      lines: table(
        rows.map((key) => [
          key.id,
          key.environment,
          key.state,
          key.name,
          key.scopes.join(','),
          `expires ${moment(key.expiresAt)}`,
          `used ${moment(key.lastUsedAt)}`,
          `app ${key.appId}`,
        ]),
      ),
    };
  },
};

const rotate: Verb = {
  summary: 'makes a key in the place of another and prints it, this once',
  usage: `carillon-admin key rotate KEY_ID [--overlap 24h] [--expires WHEN]

  --overlap TIME    how long the old one works on (24h); 0 revokes it: after a leak
  --expires WHEN    of the new key: 90d, 2027-06-30 (as long as the old one was made to live)`,
  options: { overlap: { type: 'string' }, expires: { type: 'string' } },
  words: 1,
  run: async ({ given, services }) => {
    const overlap = given.text('overlap');
    const overlapSeconds =
      overlap === undefined ? DEFAULT_OVERLAP_SECONDS : secondsOf('overlap', overlap, MAX_OVERLAP_SECONDS);
    const ctx = services();
    const expires = given.text('expires');
    const expiresAt = expires === undefined ? undefined : await endOf(ctx.db, 'expires', expires);
    const { key, text, old } = await rotateKey(ctx, { id: given.words[0]!, overlapSeconds, expiresAt });
    const oldEnds = old.revokedAt === null ? `works until ${moment(old.expiresAt)}` : 'is revoked';
    return {
      json: { ...viewKey(key), key: text, replaces: viewKey(old) },
      lines: [
        `Made the key ${key.id} in the place of ${old.id}, which ${oldEnds}. It is not shown again:`,
        text,
      ],
    };
  },
};

const revoke: Verb = {
  summary: 'ends a key for good',
  usage: 'carillon-admin key revoke KEY_ID\n\nEvery API process refuses it after 5 s at most.',
  options: {},
  words: 1,
  run: async ({ given, services }) => {
    const key = await revokeKey(services(), { id: given.words[0]! });
    return {
      json: viewKey(key),
      lines: [
        `Revoked the ${key.environment} key ${key.id} "${key.name}": it opens nothing after 5 s at most.`,
      ],
    };
  },
};

function environmentOf(text: string): Environment {
  const known = ENVIRONMENTS.find((each) => each === text);
  if (known) return known;
  throw new UsageError(`--environment is "${text}"; it must be one of ${ENVIRONMENTS.join(', ')}`);
}

/** The named app, or the only one. */
async function appIdOf(ctx: ReachContext, given: Given): Promise<string> {
  const named = given.text('app');
  if (named !== undefined) return (await findAppBy(ctx, named)).id;
  const { rows } = await listApps(ctx, { limit: 2 });
  if (rows.length === 1) return rows[0]!.id;
  throw new UsageError(
    rows.length === 0
      ? 'there is no app yet: "carillon-admin init" makes the first one'
      : '--app is missing: there are several apps, "carillon-admin app list" lists them',
  );
}

export const key = { create, list, rotate, revoke };
