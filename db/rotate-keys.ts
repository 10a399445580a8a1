import { encryptionKeys, parseConfig, url } from '@carillon/core/config';
import { z } from 'zod';
import { openDatabase } from './client.ts';
import { rewrapSecrets } from './queries/rewrap-secrets.ts';

/**
 * `npm run rotate-keys`: after a new key was put first in ENCRYPTION_KEYS (of every program), wraps all sealed secrets with
 * it. Then no secret needs the old key any more, but links in e-mails that went out do: leaving the list, it takes them along.
 */
const config = parseConfig(
  z.object({ DATABASE_URL: url('postgres', 'postgresql'), ENCRYPTION_KEYS: encryptionKeys() }),
  process.env,
);
const db = openDatabase({ url: config.DATABASE_URL, name: 'carillon-rotate-keys', connections: 1 });
try {
  const { rewrapped, current } = await rewrapSecrets(db.sql, config.ENCRYPTION_KEYS);
  const { current: key } = config.ENCRYPTION_KEYS;
  process.stdout.write(
    `${rewrapped} secret(s) wrapped with the key "${key}", ${current} were already. Older keys only read unsubscribe and tracking links of e-mails that went out: keep them for as long as those should work.\n`,
  );
} finally {
  await db.close();
}
