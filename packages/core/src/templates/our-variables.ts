import type { Channel } from '../channel.ts';

/**
 * Variables that we bring and `data` need not. Where there is nothing to bring (a category that cannot be left, an
 * installation without a public address) they are null, so that `{% if unsubscribe_url %}` is false. What a request
 * brings under the same name wins.
 */
const OURS: Readonly<Partial<Record<Channel, Readonly<Record<string, null>>>>> = {
  email: { unsubscribe_url: null },
};

/** Those of a channel, each null. */
export function ourVariables(channel: Channel): Readonly<Record<string, null>> {
  return OURS[channel] ?? NONE;
}

/** @param path dotted, as `variableUse` returns it. */
export function isOurs(channel: Channel, path: string): boolean {
  return Object.hasOwn(ourVariables(channel), path.split('.', 1)[0]!);
}

const NONE: Readonly<Record<string, null>> = {};
