import { apns } from './apns/index.ts';
import { fcm } from './fcm/index.ts';
import { generic } from './generic/index.ts';
import { inbox } from './inbox/index.ts';
import { postmark } from './postmark/index.ts';
import type { AnyProvider } from './provider.ts';
import { resend } from './resend/index.ts';
import { sendgrid } from './sendgrid/index.ts';
import { ses } from './ses/index.ts';
import { smtp } from './smtp/index.ts';
import { termii } from './termii/index.ts';
import { twilio } from './twilio/index.ts';
import { webPush } from './web-push/index.ts';

/** Every provider, in display order. */
export const PROVIDERS = [
  resend,
  sendgrid,
  postmark,
  ses,
  smtp,
  twilio,
  termii,
  fcm,
  apns,
  webPush,
  generic,
  inbox,
] as const;

export type ProviderId = (typeof PROVIDERS)[number]['id'];

export const PROVIDER_IDS: readonly ProviderId[] = PROVIDERS.map(({ id }) => id);

/** Without the account types, which a list of several providers cannot keep. */
export const DEFINITIONS: readonly AnyProvider[] = PROVIDERS;

const BY_ID: ReadonlyMap<string, AnyProvider> = new Map(DEFINITIONS.map((each) => [each.id, each]));

/** @returns undefined for an unknown provider. */
export function findDefinition(id: string): AnyProvider | undefined {
  return BY_ID.get(id);
}

export function definitionOf(id: ProviderId): AnyProvider {
  return BY_ID.get(id)!;
}
