import type { Channel } from '../notification/channel.ts';
import type { Environment } from '../notification/environment.ts';
import type { Content } from '../notification/message.ts';

/**
 * A test of a provider account: an ordinary notification, pinned to the account. The API and the dashboard take its
 * content and the reasons to refuse it from here.
 */
export interface AccountTest {
  channel: Channel;
  content: Content;
  category: string;
  ttl_seconds: number;
}

/** A late test would test a different situation. */
const TTL_SECONDS = 600;

export function accountTest({ id, channel }: { id: string; channel: Channel }): AccountTest {
  return { channel, content: contentOf(channel, id), category: 'account-test', ttl_seconds: TTL_SECONDS };
}

/** Why a test could not succeed: pinned to this account, it would only wait until it expires. Null if it could. */
export function whyUntestable(
  { enabled, environments }: { enabled: boolean; environments: readonly Environment[] },
  environment: Environment,
): 'wrong_environment' | 'disabled' | null {
  if (!environments.includes(environment)) return 'wrong_environment';
  return enabled ? null : 'disabled';
}

function contentOf(channel: Channel, id: string): Content {
  const text = `Test of ${id}`;
  if (channel === 'email') return { subject: text, text };
  return channel === 'sms' ? { text } : { title: text, body: text };
}
