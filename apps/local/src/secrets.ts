import { randomBytes, randomUUID } from 'node:crypto';
import { createApiKey } from '@carillon/core/access/api-key';
import { readJson, writeJson } from './atomic-file.ts';

/** Generated at the first start and kept (mode 0600), so that a second start prints the same keys and passwords. */
export interface Secrets {
  appId: string;
  testKey: string;
  liveKey: string;
  staffEmail: string;
  staffPassword: string;
  postgresPassword: string;
}

export function loadSecrets(file: string): Secrets {
  const kept = readJson<Partial<Secrets>>(file) ?? {};
  const secrets: Secrets = {
    appId: kept.appId ?? randomUUID(),
    testKey: kept.testKey ?? createApiKey('test').text,
    liveKey: kept.liveKey ?? createApiKey('live').text,
    staffEmail: kept.staffEmail ?? 'demo@carillon.example',
    staffPassword: kept.staffPassword ?? randomBytes(12).toString('base64url'),
    postgresPassword: kept.postgresPassword ?? randomBytes(16).toString('hex'),
  };
  writeJson(file, secrets);
  return secrets;
}
