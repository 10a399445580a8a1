import type { ChannelRule } from './channel-rule.ts';

export const sms: ChannelRule = (row) => {
  const to = row.address?.phone ?? row.contact_points?.find((point) => point.kind === 'phone')?.address;
  if (!to) return null;
  return (content) => ({
    channel: 'sms',
    to,
    text: content.text ?? '',
    ...(row.options?.from ? { from: row.options.from } : {}),
  });
};
