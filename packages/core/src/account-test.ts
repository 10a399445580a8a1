import type { Channel } from './channel.ts';
import type { Environment } from './environment.ts';
import type { Content } from './message.ts';

/**
 * A test of a provider account: an ordinary notification, pinned to the account. Whoever accepts one (the API, the
 * dashboard) takes from here what it says and when it is refused.
 */
export interface AccountTest {
  channel: Channel;
  content: Content;
  category: string;
  ttl_seconds: number;
}

/** A test that comes late tests something else. */
const TTL_SECONDS = 600;

export function accountTest({ id, channel }: { id: string; channel: Channel }): AccountTest {
  return { channel, content: contentOf(channel, id), category: 'account-test', ttl_seconds: TTL_SECONDS };
}

/** What nothing could come of: pinned to this account, it would only wait until it expires. Null if something could. */
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
