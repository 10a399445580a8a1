import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { ConfigError } from '@carillon/core/program/config';
import { failureOf } from '@carillon/core/program/explain-failure';
import { type PostgresTls, postgresTls } from '@carillon/core/program/postgres-tls';

/**
 * TLS of a connection to PostgreSQL, as core/program/postgres-tls.ts describes it. Certificates are read for each new
 * connection, so that renewed ones need no restart.
 */

/** @throws ConfigError if the URL's words contradict each other. */
export function tlsOf(url: string): PostgresTls {
  const tls = postgresTls(url);
  if ('problem' in tls) throw new ConfigError([`DATABASE_URL ${tls.problem}.`]);
  return tls;
}

/** @throws ConfigError, in the words of the setting, if a file that the URL or libpq's places name cannot be used. */
export function refuseUnusableFiles(url: string, setting = 'DATABASE_URL'): void {
  try {
    filesOf(tlsOf(url));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([`${setting} ${(error as Error).message}.`]);
  }
}

/**
 * PostgreSQL's negotiation: asked in the clear, answered with one letter. https://www.postgresql.org/docs/18/protocol-flow.html
 *
 * @returns the socket to go on with: encrypted, or `raw` where the server has no TLS and that is allowed.
 */
export async function encrypt(raw: Socket, name: string, tls: PostgresTls): Promise<Socket> {
  const options = filesOf(tls);
  raw.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
  const answer = ((await said(raw, 'data')) as Buffer).toString('latin1');
  raw.pause();
  if (answer === 'N' && tls.mode === 'prefer') return raw.resume();
  // Anything behind the letter was not encrypted, and could be anybody's (CVE-2021-23222).
  if (answer !== 'S') throw failureOf('NO_TLS', 'PostgreSQL offers no TLS, but sslmode asks for it');
  const secure: TLSSocket = connectTls({
    ...options,
    socket: raw,
    host: name,
    ...(/^[\d.]+$|:/.test(name) ? {} : { servername: name }),
  });
  await said(secure, 'secureConnect').catch((cause) => {
    raw.destroy();
    throw Object.assign(cause, { [HANDSHAKE]: true });
  });
  return secure;
}

const HANDSHAKE = Symbol('failed in the handshake');

/** Whether TLS itself failed, and not the way to the server. */
export function isHandshake(error: unknown): boolean {
  return Object.hasOwn(error as object, HANDSHAKE);
}

/** Waits for an event of a socket that may fail or close instead. */
export function said(socket: Socket, event: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    socket.once(event, resolve);
    socket.once('error', reject);
    socket.once('close', () =>
      reject(Object.assign(new Error('PostgreSQL closed the connection'), { code: 'CONNECTION_CLOSED' })),
    );
  });
}

/** Where libpq has them, unless they are named. */
const PLACES = { rootCert: 'root.crt', cert: 'postgresql.crt', key: 'postgresql.key' } as const;

function filesOf({ mode, rootCert, cert, key }: PostgresTls, home = homedir()): ConnectionOptions {
  if (mode === 'disable') return {};
  const usual = (file: keyof typeof PLACES) => path.join(home, '.postgresql', PLACES[file]);
  const found = (file: keyof typeof PLACES, named: string | null) =>
    named ?? (existsSync(usual(file)) ? usual(file) : null);
  const rootFile = mode === 'prefer' || rootCert === 'system' ? null : found('rootCert', rootCert);
  const certFile = found('cert', cert);
  const isChecked = mode === 'verify-ca' || mode === 'verify-full' || rootFile !== null;
  const isNameChecked = mode === 'verify-full' || (mode === 'verify-ca' && rootFile === null);
  return {
    rejectUnauthorized: isChecked,
    ...(rootFile === null ? {} : { ca: certificate('sslrootcert', rootFile) }),
    ...(isNameChecked ? {} : { checkServerIdentity: () => undefined }),
    ...(certFile === null ? refuseLoneKey(key) : clientCertificate(certFile, key ?? usual('key'))),
  };
}

function refuseLoneKey(key: string | null): Record<never, never> {
  if (key === null) return {};
  throw unusable(`has sslkey=${key} and no sslcert: name the certificate that belongs to it`, key);
}

function clientCertificate(certFile: string, keyFile: string): Pick<ConnectionOptions, 'cert' | 'key'> {
  const cert = certificate('sslcert', certFile);
  const key = read('sslkey', keyFile);
  let fits: boolean;
  try {
    fits = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    throw unusable(
      `names sslkey=${keyFile}, which is no private key: give it as PEM, without a passphrase`,
      keyFile,
    );
  }
  if (fits) return { cert, key };
  throw unusable(
    `names sslkey=${keyFile}, which is not the key of sslcert=${certFile}: name those that belong together`,
    keyFile,
  );
}

function certificate(word: string, file: string): Buffer {
  const content = read(word, file);
  try {
    new X509Certificate(content);
    return content;
  } catch {
    throw unusable(`names ${word}=${file}, which holds no certificate: give it as PEM`, file);
  }
}

function read(word: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw unusable(
      `names ${word}=${file}, which cannot be read (${code}): correct the path, or its owner and mode`,
      file,
    );
  }
}

function unusable(message: string, file: string): Error {
  return Object.assign(failureOf('TLS_FILE', message), { path: file });
}
