import { readToken, signToken } from '../access/signed-token.ts';
import type { KeyRing } from '../notification/envelope.ts';
import { ENVIRONMENTS, type Environment } from '../notification/environment.ts';

/** Payload of a link to the preference page of a recipient. No time limit: it stands in e-mails. */
export interface PreferencesLink {
  appId: string;
  environment: Environment;
  recipientId: string;
}

const PURPOSE = 'preferences';

/** @param baseUrl where the API is reached, without a slash at the end. */
export function preferencesUrl(baseUrl: string, ring: KeyRing, link: PreferencesLink): string {
  return `${baseUrl}/v1/preferences/${preferencesToken(ring, link)}`;
}

export function preferencesToken(
  ring: KeyRing,
  { appId, environment, recipientId }: PreferencesLink,
): string {
  return signToken(ring, PURPOSE, { a: appId, e: environment, r: recipientId });
}

/** @returns null for an invalid token. */
export function readPreferencesToken(ring: KeyRing, token: string): PreferencesLink | null {
  const said = readToken(ring, PURPOSE, token);
  if (said === null) return null;
  const { a, e, r } = said;
  const environment = ENVIRONMENTS.find((each) => each === e);
  if (typeof a !== 'string' || environment === undefined || typeof r !== 'string') return null;
  return { appId: a, environment, recipientId: r };
}
