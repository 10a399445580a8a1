/** All tables, for Drizzle: one file each. */
export * from './access.ts';
export * from './attempts.ts';
export * from './audiences.ts';
export * from './bulk.ts';
export * from './campaigns.ts';
export * from './imports.ts';
export * from './inbox.ts';
export * from './installation.ts';
export * from './notifications.ts';
export * from './outbox.ts';
export * from './overview.ts';
export * from './preferences.ts';
export * from './providers.ts';
export * from './recipients.ts';
export * from './staff.ts';
export * from './templates.ts';
export * from './webhooks.ts';
