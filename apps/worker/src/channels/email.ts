import type { ChannelRule } from './channel-rule.ts';

export const email: ChannelRule = (row) => {
  const to = row.address?.email ?? row.contact_points?.find((point) => point.kind === 'email')?.address;
  if (!to) return null;
  return (content) => ({
    channel: 'email',
    to,
    subject: content.subject ?? '',
    ...(content.text !== undefined ? { text: content.text } : {}),
    ...(content.html !== undefined ? { html: content.html } : {}),
    ...(row.options?.from ? { from: row.options.from } : {}),
    ...(row.options?.reply_to ? { replyTo: row.options.reply_to } : {}),
  });
};
