import { withOwnData } from '@carillon/core/campaign/variables';
import type { AttemptEnd } from '@carillon/core/notification/attempt-end';
import type { Channel } from '@carillon/core/notification/channel';
import type { Compose } from '@carillon/core/notification/compose';
import {
  emailLinks,
  type Linked,
  type LinkedCategory,
  type LinkSettings,
} from '@carillon/core/notification/email-links';
import type { Environment } from '@carillon/core/notification/environment';
import type { Content, Message } from '@carillon/core/notification/message';
import { FROM_A_PROGRAM } from '@carillon/core/provider/email-headers';
import { resolveLocale } from '@carillon/core/recipient/locale';
import { isZone } from '@carillon/core/template/filters/wall-clock';
import type { Renderer, RenderRequest } from '@carillon/core/template/render/budgeted-render';
import { isPersonal, type RenderOptions } from '@carillon/core/template/render/render';
import { PoolBusy } from '@carillon/core/template/render/render-pool';
import type { SharedTurns } from '@carillon/core/template/render/shared-turns';
import { isKnownEngine } from '@carillon/core/template/syntax/engine-version';
import { loadOriginData } from '@carillon/db/origins/origins';
import type { Personal, Whose } from '@carillon/db/recipients/people';
import { loadTemplateContents } from '@carillon/db/templates/templates';
import type { Sql } from 'postgres';

/** Template versions never change, so cached ones stay valid; the limit only bounds memory. */
const MAX_CACHED = 500;

type Locales = ReadonlyMap<string, { content: Content; engine: number }>;

/** Contents of template versions by locale, by `<template>/<version>/<channel>`. */
export type TemplateCache = Map<string, Promise<Locales>>;

/** Variables that the notifications of an origin share, by its id. */
export type OriginCache = Map<string, Promise<Record<string, unknown>>>;

/** The fields of a notification that rendering needs; named like its columns. */
export interface Rendered extends Linked {
  origin_id?: string | null;
  template_id: string | null;
  template_version: number | null;
  locale: string | null;
  content: Content | null;
}

export interface RenderContext {
  sql: Sql;
  templates: TemplateCache;
  origins: OriginCache;
  groups: { findPersonal(whose: Whose): Promise<Personal> };
  categories: {
    settingsFor(appId: string, environment: Environment, category: string | null): LinkedCategory;
  };
  links: LinkSettings | null;
  renderer: Renderer;
  turns: SharedTurns;
}

export type RenderStep = { ok: true; message: Message } | { ok: false; end: AttemptEnd };

/**
 * The render step: template version + locale + data -> message. Inline content is final; the additions of an e-mail's
 * category (tracking, unsubscribe link) apply to both. A heavy template that cannot be rendered now returns the claim,
 * which costs no try.
 */
export async function render(ctx: RenderContext, given: Rendered, compose: Compose): Promise<RenderStep> {
  const { renderer, turns } = ctx;
  const row = given.origin_id ? await withShared(ctx, given, given.origin_id) : given;
  const { data, decorate } = emailLinks(row, compose, ctx.links, () =>
    ctx.categories.settingsFor(row.app_id, row.environment, row.category),
  );
  const request = await requestOf(ctx, row, data);
  if (request === null) return impossible('template_missing', `template has no ${row.channel} version`);
  if (request === 'newer') return { ok: false, end: LEFT_TO_NEWER };
  await turns.next();
  try {
    const rendered = await turns.of(() => renderer(row.app_id, request));
    if (!rendered.ok) return impossible(rendered.code, rendered.message);
    return { ok: true, message: turns.of(() => withHeaders(decorate(compose(rendered.content)))) };
  } catch (error) {
    if (!(error instanceof PoolBusy)) throw error;
    return { ok: false, end: { kind: 'unsent', retryInMs: error.retryInMs, reason: error.message } };
  }
}

/** While a new release is rolled out, older workers leave it what only that one can render. It costs no try. */
const LEFT_TO_NEWER: AttemptEnd = {
  kind: 'unsent',
  retryInMs: 5_000,
  reason: 'its template was published by a newer release, which renders it',
};

async function requestOf(
  ctx: RenderContext,
  row: Rendered,
  data: Readonly<Record<string, unknown>>,
): Promise<RenderRequest | 'newer' | null> {
  const { channel } = row;
  if (row.content) return { channel, content: row.content, data: null, options: {} };
  const chosen = await contentOf(ctx, row);
  if (chosen === null) return null;
  const { engine } = chosen;
  if (!isKnownEngine(engine)) return 'newer';
  const options = { ...(await settingOf(ctx, row, chosen)), engine, cacheKey: chosen.key };
  return { channel, content: chosen.content, data, options };
}

async function settingOf(
  { groups }: RenderContext,
  { app_id: appId, environment, recipient_id: recipientId }: Rendered,
  { locale, content }: Chosen,
): Promise<RenderOptions> {
  if (!isPersonal(content)) return { locale };
  const { timeZone, locale: ofPerson } = await groups.findPersonal({ appId, environment, recipientId });
  return {
    locale,
    ...(ofPerson === null ? {} : { formatLocale: ofPerson }),
    ...(timeZone !== null && isZone(timeZone) ? { timeZone } : {}),
  };
}

function localesOf({ sql, templates }: RenderContext, id: string, version: number, channel: Channel) {
  const key = `${id}/${version}/${channel}`;
  const known = templates.get(key);
  if (known) return known;
  const loading = loadTemplateContents(sql, id, version, channel).then(
    (rows) => new Map(rows.map(({ locale, content, engine }) => [locale, { content, engine }])),
  );
  if (templates.size >= MAX_CACHED) templates.delete(templates.keys().next().value!);
  templates.set(key, loading);
  loading.catch(() => templates.delete(key));
  return loading;
}

/** What a notification has itself counts more than what it shares. */
async function withShared(ctx: RenderContext, row: Rendered, originId: string): Promise<Rendered> {
  const shared = await sharedOf(ctx, originId);
  return { ...row, data: withOwnData(shared, row.data ?? {}) };
}

function sharedOf({ sql, origins }: RenderContext, id: string): Promise<Record<string, unknown>> {
  const known = origins.get(id);
  if (known) return known;
  const loading = loadOriginData(sql, id);
  if (origins.size >= MAX_CACHED) origins.delete(origins.keys().next().value!);
  origins.set(id, loading);
  loading.catch(() => origins.delete(id));
  return loading;
}

function withHeaders(message: Message): Message {
  return message.channel === 'email'
    ? { ...message, headers: { ...FROM_A_PROGRAM, ...message.headers } }
    : message;
}

interface Chosen {
  content: Content;
  engine: number;
  locale: string;
  key: string;
}

async function contentOf(
  ctx: RenderContext,
  { template_id, template_version, channel, locale }: Rendered,
): Promise<Chosen | null> {
  if (!template_id || template_version === null) return null;
  const locales = await localesOf(ctx, template_id, template_version, channel);
  const chosen = resolveLocale([...locales.keys()], [locale]);
  const text = chosen === null ? undefined : locales.get(chosen);
  if (chosen === null || text === undefined) return null;
  return { ...text, locale: chosen, key: `${template_id}/${template_version}/${channel}/${chosen}` };
}

function impossible(code: string, reason: string): RenderStep {
  return { ok: false, end: { kind: 'impossible', code, reason } };
}
