import { readFileSync } from 'node:fs';

/**
 * The only key that the simulated APNs accepts: a JWT does not carry its public key, so both sides need it. It is not
 * used anywhere else.
 */
export const SIMULATOR_APNS_KEY = {
  keyId: 'SIMULATOR0',
  teamId: 'CARILLON00',
  privateKey: readFileSync(
    new URL('../../../../packages/providers/fixtures/tls/apns-key.p8', import.meta.url),
    'utf8',
  ),
};
