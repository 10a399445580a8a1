import type { Channel } from '../../notification/channel.ts';

/**
 * Built-in variables, which `data` need not contain. Without a value (a category that cannot be unsubscribed from, an
 * installation without a public address) they are null, so that `{% if unsubscribe_url %}` is false. A value of the
 * request under the same name takes precedence.
 */
const OURS: Readonly<Partial<Record<Channel, Readonly<Record<string, null>>>>> = {
  email: { unsubscribe_url: null, preferences_url: null },
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
