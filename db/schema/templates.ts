import type { Content } from '@carillon/core/notification/message';
import type { PartName, PartTexts, UsedPart } from '@carillon/core/template/compile/parts';
import type { DraftTexts, SourceContent } from '@carillon/core/template/draft';
import { sql } from 'drizzle-orm';
import {
  check,
  foreignKey,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { apps } from './access.ts';
import { bytea, channel, environment, isChannel, isEnvironment, time } from './columns.ts';

/** A template's name and which of its versions is published. The text itself is in template_versions. */
export const templates = pgTable(
  'templates',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    appId: uuid('app_id')
      .notNull()
      .references(() => apps.id),
    environment: environment(),
    key: text('key').notNull(),
    publishedVersion: integer('published_version').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    unique('templates_key').on(t.appId, t.environment, t.key),
    check('templates_environment', isEnvironment(t.environment)),
  ],
);

/** One row per version, channel and locale; never changed, so that a pinned version renders the same forever. */
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
    /** The version whose texts a rollback published again as this one. */
    restoredFrom: integer('restored_from'),
    /** What its author wrote, where `content` was made of it (layout, partials, MJML, plain text); null: `content` itself. */
    source: jsonb('source').$type<SourceContent>(),
    /** The layouts and partials in it, as they were when it was published. */
    parts: jsonb('parts').$type<UsedPart[]>().notNull().default([]),
    /** Which filters and tags it is rendered with: those that there were when it was published. */
    engineVersion: smallint('engine_version').notNull().default(1),
  },
  (t) => [
    primaryKey({ columns: [t.templateId, t.version, t.channel, t.locale] }),
    check('template_versions_channel', isChannel(t.channel)),
  ],
);

/** What somebody is writing: at most one draft of each template. Publishing it removes it. */
export const templateDrafts = pgTable('template_drafts', {
  templateId: uuid('template_id')
    .primaryKey()
    .references(() => templates.id),
  /** By channel, then by locale; may have mistakes. */
  texts: jsonb('texts').$type<DraftTexts>().notNull(),
  /** The version that was published when it was begun; 0 for a template that never was. */
  basedOn: integer('based_on').notNull(),
  updatedBy: text('updated_by').notNull(),
  updatedAt: time('updated_at').notNull().defaultNow(),
  /** The layouts and partials that its texts name. */
  parts: jsonb('parts').$type<PartName[]>().notNull().default([]),
});

/**
 * Layouts and partials: what the templates of a tenant have in common. Published versions of templates hold their texts, so that
 * a change here changes none of them.
 */
export const templateParts = pgTable(
  'template_parts',
  {
    appId: uuid('app_id')
      .notNull()
      .references(() => apps.id),
    environment: environment(),
    kind: text('kind').notNull(),
    key: text('key').notNull(),
    /** Counts its changes, from 1. */
    version: integer('version').notNull(),
    texts: jsonb('texts').$type<PartTexts>().notNull(),
    /** The partials that its texts name. */
    parts: jsonb('parts').$type<PartName[]>().notNull().default([]),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
    updatedBy: text('updated_by').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.appId, t.environment, t.kind, t.key] }),
    check('template_parts_kind', sql`${t.kind} in ('layout', 'partial')`),
    check('template_parts_environment', isEnvironment(t.environment)),
  ],
);

/**
 * Earlier versions of layouts and partials; the current one is in template_parts. They go with their part, so that one that is made
 * again begins with version 1.
 */
export const templatePartVersions = pgTable(
  'template_part_versions',
  {
    appId: uuid('app_id').notNull(),
    environment: environment(),
    kind: text('kind').notNull(),
    key: text('key').notNull(),
    version: integer('version').notNull(),
    texts: jsonb('texts').$type<PartTexts>().notNull(),
    /** When this version was stored, and by whom. */
    createdAt: time('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.appId, t.environment, t.kind, t.key, t.version] }),
    foreignKey({
      name: 'template_part_versions_part',
      columns: [t.appId, t.environment, t.kind, t.key],
      foreignColumns: [templateParts.appId, templateParts.environment, templateParts.kind, templateParts.key],
    }).onDelete('cascade'),
  ],
);

/**
 * Files of an e-mail, by content or by a URL to fetch them from. Separate from the notification, whose row stays
 * narrow.
 */
export const attachments = pgTable(
  'attachments',
  {
    notificationId: uuid('notification_id').notNull(),
    position: smallint('position').notNull(),
    filename: text('filename').notNull(),
    contentType: text('content_type').notNull(),
    content: bytea('content'),
    url: text('url'),
    sizeBytes: integer('size_bytes'),
  },
  (t) => [
    primaryKey({ columns: [t.notificationId, t.position] }),
    check('attachments_content_or_url', sql`(${t.content} is null) <> (${t.url} is null)`),
  ],
);
