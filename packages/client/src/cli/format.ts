import type { Notification, NotificationWithTimeline, TimelineEntry } from '../api-types.ts';

/** Reasons come from providers; one with a line break must not look like two entries. */
export const oneLine = (text: string): string => {
  const lines = text.split(/[\r\n]/);
  const inner = lines.map((line, index) => {
    const end = index === lines.length - 1 ? line : line.trimEnd();
    return index === 0 ? end : end.trimStart();
  });
  // A text may end in a break, or begin with one.
  return inner.filter((line, index) => line !== '' || index === 0 || index === lines.length - 1).join(' ');
};

/** `2026-11-21 10:15:30.123`: UTC, so that two terminals agree. */
export const formatTime = (time: string): string => time.replace('T', ' ').replace('Z', '');

export function formatEntry({ at, status, actor, reason }: TimelineEntry): string {
  return oneLine(
    `${formatTime(at)}  ${status.padEnd(10)}  ${reason}${actor === 'api' ? '' : `  (${actor})`}`,
  );
}

/** One line per notification. */
export function formatNotification(notification: Notification): string {
  const { created_at, id, status, channel, priority, provider, error } = notification;
  return [
    formatTime(created_at),
    id,
    status.padEnd(10),
    channel.padEnd(6),
    priority.padEnd(8),
    personOf(notification),
    provider ?? '',
    error ? error.code : '',
  ]
    .filter(Boolean)
    .join('  ');
}

/** The details of one notification, without its timeline. */
export function formatHead(notification: NotificationWithTimeline): string[] {
  const { id, status, route, channel, priority, category, template, template_version, attempt_count } =
    notification;
  const { provider, provider_message_id, error, next_attempt_at, expires_at, idempotency_key } = notification;
  const facts: [string, string | null | false][] = [
    ['to', personOf(notification)],
    ['channel', route.length > 1 ? `${channel} of ${route.join(', ')}` : channel],
    ['priority', `${priority}${category === null ? '' : `, category ${category}`}`],
    ['template', template !== null && `${template} v${template_version}`],
    ['key', idempotency_key],
    ['attempts', attempt_count > 0 && String(attempt_count)],
    ['provider', provider !== null && `${provider}${provider_message_id ? ` ${provider_message_id}` : ''}`],
    ['due', next_attempt_at !== null && formatTime(next_attempt_at)],
    ['expires', expires_at !== null && formatTime(expires_at)],
    ['error', error && `${error.code}${error.message ? `: ${error.message}` : ''}`],
  ];
  const lines = facts.flatMap(([name, value]) => (value ? [oneLine(`  ${name.padEnd(9)} ${value}`)] : []));
  return [`${id}  ${status}`, ...lines];
}

function personOf({ to }: Pick<Notification, 'to'>): string {
  const device = to.push && `${to.push.kind} ...${to.push.ends_with}`;
  return [to.recipient_id, to.email, to.phone, device].filter(Boolean).join(' ');
}
