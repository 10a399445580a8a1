import type { Content } from '@carillon/core/message';
import { check, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { channel, isChannel, time } from './columns.ts';
import { templates } from './templates.ts';

/** One row per version, channel and locale; never changed, so that a pinned version renders the same for ever. */
export const templateVersions = pgTable(
  'template_versions',
  {
    templateId: uuid('template_id')
      .notNull()
      .references(() => templates.id),
    version: integer('version').notNull(),
    channel: channel(),
    locale: text('locale').notNull(),
    content: jsonb('content').$type<Content>().notNull(),
    /** Variables without a default that `data` must bring: checked when a send is accepted. */
    requiredVariables: text('required_variables').array().notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.templateId, t.version, t.channel, t.locale] }),
    check('template_versions_channel', isChannel(t.channel)),
  ],
);
