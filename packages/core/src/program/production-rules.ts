import { z } from 'zod';
import { LEAST_PASSWORD_LENGTH, whyGuessable, whyNotRandom } from '../access/guessable.ts';
import { parseKeyRing } from '../notification/envelope.ts';
import { parseRedisAddress } from './redis-address.ts';

/**
 * Everything that production refuses to start with: one rule per kind of setting, one sentence per refusal, with the
 * remedy. What a protected network may justify can be allowed by name in PRODUCTION_ALLOWS; a publicly known secret
 * cannot.
 */
export const ALLOWABLE = [
  'http-public-url',
  'private-webhooks',
  'no-redis-password',
  'no-database-password',
] as const;
export type Allowable = (typeof ALLOWABLE)[number];

/** The setting that allows by name what production refuses otherwise. */
export function productionAllows() {
  return z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(z.enum(ALLOWABLE, { error: `must be a comma-separated list of ${ALLOWABLE.join(', ')}` })))
    .optional()
    .describe(
      `what production may do although it is unsafe: a comma-separated list of ${ALLOWABLE.join(', ')}.`,
    );
}

interface Setting {
  name: string;
  value: string;
  isSecret: boolean;
}
interface Refusal {
  /** The rest of a sentence that begins with the setting's name. */
  why: string;
  /** What would allow it. */
  unless?: Allowable;
}
type Rule = (setting: Setting) => readonly Refusal[];

/** The sealing keys: each of them opens every sealed secret and signs links. */
const keys: Rule = ({ name, value }) => {
  const ring = name === 'ENCRYPTION_KEYS' ? parseKeyRing(value) : null;
  if (ring === null || 'problem' in ring) return [];
  return [...ring.keys].flatMap(([id, key]) => {
    const why = whyNotRandom(key);
    return why === undefined
      ? []
      : [
          {
            why: `has a key that anybody could guess: ${id} ${why}. Make one with "openssl rand -base64 32"; docs/provider-accounts.md says how to replace one that is in use.`,
          },
        ];
  });
};

const SERVERS = { postgres: 'no-database-password', redis: 'no-redis-password' } as const;

/** A server reached over a network without a password, or with a guessable one, is an open server. */
const serverPasswords: Rule = ({ value }) => {
  const server = serverIn(value);
  if (server === null) return [];
  const { password, words } = server;
  if (password === '')
    return [
      {
        why: 'has no password: put one into the URL, and have the server ask for it. Make one with "openssl rand -hex 24".',
        unless: SERVERS[server.kind],
      },
    ];
  const why = whyGuessable(password, words);
  if (why === undefined) return [];
  return [
    {
      why: `has a weak password, which ${why}: production needs ${LEAST_PASSWORD_LENGTH} or more that nobody would guess. Make one with "openssl rand -hex 24".`,
    },
  ];
};

/** The password of a server's URL, and the words in the URL that it must not repeat; null for any other setting. */
function serverIn(
  value: string,
): { kind: keyof typeof SERVERS; password: string; words: readonly string[] } | null {
  const redis = parseRedisAddress(value);
  if (!('problem' in redis) && redis.kind !== 'single') {
    const { user = '', password = '', hosts } = redis;
    const words = [user, ...hosts.map(({ host }) => host), ...('master' in redis ? [redis.master] : [])];
    return { kind: 'redis', password, words };
  }
  const parsed = URL.parse(value);
  const kind = parsed && /^(postgres|redis)/.exec(parsed.protocol)?.[1];
  if (!parsed || !kind) return null;
  const { password, username, hostname, pathname } = parsed;
  const words = [decoded(username), hostname, decoded(pathname.slice(1))];
  return { kind: kind as keyof typeof SERVERS, password: decoded(password), words };
}

const tokens: Rule = ({ name, value, isSecret }) => {
  if (!isSecret || name === 'ENCRYPTION_KEYS') return [];
  const why = whyGuessable(value);
  return why === undefined
    ? []
    : [{ why: `is a weak secret, which ${why}. Make one with "openssl rand -hex 24".` }];
};

/** Links carry tokens, and providers sign what they send to an address: without TLS both can be read in transit. */
const publicUrl: Rule = ({ name, value }) =>
  (name === 'PUBLIC_BASE_URL' || name === 'DASHBOARD_URL') && /^http:/i.test(value)
    ? [
        {
          why: 'begins with http://, so that links and receipts can be read and changed on the way: put a proxy with TLS before the API and use its https:// address.',
          unless: 'http-public-url',
        },
      ]
    : [];

const privateWebhooks: Rule = ({ name, value }) =>
  name === 'WEBHOOKS_ALLOW_PRIVATE' && value === 'true'
    ? [
        {
          why: '=true lets customers have requests sent into private networks: leave it out.',
          unless: 'private-webhooks',
        },
      ]
    : [];

const RULES: readonly Rule[] = [keys, serverPasswords, tokens, publicUrl, privateWebhooks];

/**
 * @param settings those that are set, as they were given.
 * @param allows the text of PRODUCTION_ALLOWS.
 * @returns one sentence for each setting and rule that forbids a start in production; never a secret.
 */
export function unsafeInProduction(settings: readonly Setting[], allows = ''): string[] {
  const allowed = new Set(allows.split(',').map((part) => part.trim()));
  return settings.flatMap((setting) =>
    RULES.flatMap((rule) => rule(setting))
      .filter(({ unless }) => unless === undefined || !allowed.has(unless))
      .map(({ why, unless }) => {
        const otherwise = unless === undefined ? '' : ` Or allow it: PRODUCTION_ALLOWS=${unless}.`;
        return `${setting.name}${why.startsWith('=') ? '' : ' '}${why}${otherwise}`;
      }),
  );
}

/** @param text of a URL; one that is malformed is taken as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
