import { encryptionKeys, environment, parseConfig } from '@carillon/core/program/config';
import { databaseAddress, databaseSettings } from '@carillon/core/program/database-settings';
import { startFailure } from '@carillon/core/program/explain-failure';
import { z } from 'zod';
import { openDatabase } from './connection/client.ts';
import { rewrapSecrets } from './provider-accounts/rewrap-secrets.ts';

/**
 * `npm run rotate-keys`: after a new key was put first in ENCRYPTION_KEYS (of every program), wraps all sealed secrets
 * with it. Then no secret needs the old key any more, but links in sent e-mails do: removing the key from the list
 * invalidates them.
 */
let at = '';
try {
  await rotate();
} catch (error) {
  const server = { what: 'PostgreSQL', setting: 'DATABASE_URL', at };
  process.stderr.write(`${startFailure('The rotation of keys', error, { server })}\n`);
  process.exitCode = 1;
}

async function rotate(): Promise<void> {
  const config = parseConfig(
    z.object({ ...databaseSettings(), ENCRYPTION_KEYS: encryptionKeys() }),
    environment(),
  );
  const address = databaseAddress(config);
  at = address.url;
  const db = openDatabase({ ...address, name: 'carillon-rotate-keys', connections: 1 });
  try {
    const { rewrapped, current } = await rewrapSecrets(db.sql, config.ENCRYPTION_KEYS);
    const { current: key } = config.ENCRYPTION_KEYS;
    process.stdout.write(
      `${rewrapped} secret(s) wrapped with the key "${key}", ${current} were already. Older keys only read unsubscribe and tracking links of e-mails that went out: keep them for as long as those should work.\n`,
    );
  } finally {
    await db.close();
  }
}
