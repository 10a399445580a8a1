/** All tables, for Drizzle: one file each. */
export * from './api-keys.ts';
export * from './apps.ts';
export * from './audit-log.ts';
export * from './contact-points.ts';
export * from './delivery-attempts.ts';
export * from './inbox-messages.ts';
export * from './notification-history.ts';
export * from './notifications.ts';
export * from './outbox.ts';
export * from './provider-logs.ts';
export * from './recipients.ts';
export * from './redis-epoch.ts';
export * from './staff.ts';
export * from './staff-sessions.ts';
export * from './template-versions.ts';
export * from './templates.ts';
