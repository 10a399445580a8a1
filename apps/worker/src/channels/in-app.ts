import type { ChannelRule } from './channel-rule.ts';

export const inApp: ChannelRule = (row) => {
  const recipientId = row.recipient_id;
  if (!recipientId) return null;
  return (content) => ({
    channel: 'in_app',
    appId: row.app_id,
    environment: row.environment,
    recipientId,
    title: content.title ?? '',
    body: content.body ?? '',
    ...(content.url !== undefined ? { url: content.url } : {}),
  });
};
