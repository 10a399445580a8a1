/**
 * How a connection to PostgreSQL is encrypted, by libpq's words: parameters of the URL, and where the URL does not say,
 * the variables PGSSLMODE, PGSSLROOTCERT, PGSSLCERT and PGSSLKEY.
 * https://www.postgresql.org/docs/18/libpq-ssl.html
 *
 * Where this differs from libpq: without a root certificate the authorities that Node trusts count, and then
 * `verify-ca` checks the name too, as anybody gets a certificate of those; `prefer` checks no certificate, and does not
 * try again in the clear where pg_hba.conf refuses an encrypted connection; `allow` is `prefer`.
 */
export interface PostgresTls {
  mode: SslMode;
  /** A file, or `system` for the authorities that Node trusts; null where only libpq's place can hold one. */
  rootCert: string | null;
  cert: string | null;
  key: string | null;
}

export const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** The variables of libpq that count, with their words in a URL. */
export const TLS_VARIABLES = {
  PGSSLMODE: 'sslmode',
  PGSSLROOTCERT: 'sslrootcert',
  PGSSLCERT: 'sslcert',
  PGSSLKEY: 'sslkey',
} as const;

const FILES = ['sslrootcert', 'sslcert', 'sslkey'] as const;
const ALL = `one of ${SSL_MODES.join(', ')}`;

/** Further words of libpq about encryption, with the values that ask for nothing. Others are refused: they would be ignored. */
const NEUTRAL: Readonly<Record<string, readonly string[]>> = {
  sslcompression: ['0'],
  sslsni: ['1'],
  sslnegotiation: ['postgres'],
  sslcertmode: ['allow'],
  channel_binding: ['disable', 'prefer'],
  gssencmode: ['disable', 'prefer'],
};
const ABOUT_ENCRYPTION = /^(ssl|gss)|^(channel_binding|requiressl|require_auth|requirepeer|krbsrvname)$/;

/** @returns the settings, or what is wrong with the URL, as the rest of a sentence that begins with its setting. */
export function postgresTls(url: string): PostgresTls | { problem: string } {
  const parameters = new URL(url).searchParams;
  for (const [word, value] of parameters) {
    const isKnown = word === 'ssl' || word === 'sslmode' || (FILES as readonly string[]).includes(word);
    if (isKnown || !ABOUT_ENCRYPTION.test(word) || NEUTRAL[word]?.includes(value)) continue;
    return {
      problem: `has ${word}=${value}, which Carillon does not know: leave it out. It knows sslmode, ${FILES.join(', ')}`,
    };
  }
  const [rootCert, cert, key] = FILES.map((word) => parameters.get(word) || null) as [
    string | null,
    string | null,
    string | null,
  ];
  const given = parameters.get('sslmode') ?? parameters.get('ssl');
  const mode = given === null ? (rootCert === 'system' ? 'verify-full' : 'prefer') : modeOf(given);
  if (mode === null) return { problem: `has sslmode=${given}: it must be ${ALL}` };
  const file = FILES.find((word) => parameters.get(word));
  const said = given === null ? 'no sslmode (so prefer)' : `sslmode=${mode}`;
  if (mode === 'disable' && file !== undefined)
    return {
      problem: `has ${file}=${parameters.get(file)} and ${said}, which encrypts nothing: write sslmode=verify-full, or leave ${file} out`,
    };
  if (mode === 'prefer' && rootCert !== null)
    return {
      problem: `has sslrootcert=${rootCert} and ${said}, which checks no certificate: write sslmode=verify-full`,
    };
  if (rootCert === 'system' && mode !== 'verify-full')
    return {
      problem: `has sslrootcert=system and ${said}: anybody gets a certificate of a public authority, so write sslmode=verify-full`,
    };
  return { mode, rootCert, cert, key };
}

/** Also what older releases of Carillon took: the parameter `ssl`, and `allow`. */
function modeOf(word: string): SslMode | null {
  if (word === 'true') return 'verify-full';
  if (word === 'false') return 'disable';
  if (word === 'allow') return 'prefer';
  return SSL_MODES.find((mode) => mode === word) ?? null;
}

/** @returns the URL with what the variables say where it says nothing itself. Files of the variables do not count where its own sslmode checks none. */
export function withTlsVariables(url: string, variables: Readonly<Partial<Record<string, string>>>): string {
  const full = new URL(url);
  const own = full.searchParams.get('sslmode') ?? full.searchParams.get('ssl');
  for (const [name, word] of Object.entries(TLS_VARIABLES)) {
    const value = variables[name];
    if (value === undefined || full.searchParams.has(word)) continue;
    if (own !== null && (word === 'sslmode' || modeOf(own) === 'disable')) continue;
    if (own !== null && modeOf(own) === 'prefer' && word === 'sslrootcert') continue;
    full.searchParams.set(word, value);
  }
  return full.href;
}

/** @returns the URL without these words: a client that does not know them would send them to the server as parameters. */
export function withoutTls(url: string): string {
  const bare = new URL(url);
  for (const word of [...bare.searchParams.keys()])
    if (ABOUT_ENCRYPTION.test(word)) bare.searchParams.delete(word);
  return bare.href;
}
