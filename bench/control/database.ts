import { index, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';

/** One row per message: what a first version of such a service keeps. */
export const messages = pgTable(
  'messages',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    to: text('to').notNull(),
    subject: text('subject').notNull(),
    text: text('text').notNull(),
    status: text('status', { enum: ['queued', 'processing', 'sent', 'failed'] })
      .notNull()
      .default('queued'),
    providerMessageId: text('provider_message_id'),
    error: text('error'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [index('messages_by_time').on(t.createdAt)],
);

/** The same table in SQL; a real service would let drizzle-kit write it. */
export const CREATE_TABLES = `
  create table if not exists messages (
    id uuid primary key default gen_random_uuid(),
    "to" text not null,
    subject text not null,
    text text not null,
    status text not null default 'queued',
    provider_message_id text,
    error text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
  create index if not exists messages_by_time on messages (created_at);`;

export function openDatabase(url: string) {
  const client = postgres(url, { max: 20, onnotice: () => {} });
  return { db: drizzle(client), close: () => client.end({ timeout: 5 }) };
}
