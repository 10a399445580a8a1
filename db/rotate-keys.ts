import { encryptionKeys, parseConfig, url } from '@carillon/core/config';
import { z } from 'zod';
import { openDatabase } from './client.ts';
import { rewrapSecrets } from './queries/rewrap-secrets.ts';

/**
 * `npm run rotate-keys`: after a new key was put first in ENCRYPTION_KEYS (of every program), wraps all sealed secrets with
 * it. When it says that none is left, the old key may leave the list.
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
    `${rewrapped} secret(s) wrapped with the key "${key}", ${current} were already. Older keys are not needed any more.\n`,
  );
} finally {
  await db.close();
}
