import { readFileSync } from 'node:fs';

/**
 * The one key the simulator's APNs knows: a JWT does not carry its public key, so both ends have to have it. It is
 * worth nothing elsewhere.
 */
export const SIMULATOR_APNS_KEY = {
  keyId: 'SIMULATOR0',
  teamId: 'CARILLON00',
  privateKey: readFileSync(new URL('../tls/apns-key.p8', import.meta.url), 'utf8'),
};
