import type { PushTarget } from '@carillon/core/message';
import type { ContactPoint } from '@carillon/db/queries/claim-notifications';
import type { ChannelRule } from './channel-rule.ts';

/** Contact points come newest first: the device registered last is the one in the person's hand. */
export const push: ChannelRule = (row) => {
  const to = row.address?.push ?? row.contact_points?.map(targetOf).find((target) => target !== null);
  if (!to) return null;
  return (content) => ({
    channel: 'push',
    to,
    title: content.title ?? '',
    body: content.body ?? '',
    ...(content.url !== undefined ? { url: content.url } : {}),
  });
};

function targetOf(point: ContactPoint): PushTarget | null {
  if (point.kind === 'fcm') return { fcm_token: point.address };
  if (point.kind === 'apns') return { apns_token: point.address };
  if (point.kind === 'web_push' && point.keys)
    return { subscription: { endpoint: point.address, keys: point.keys } };
  return null;
}
