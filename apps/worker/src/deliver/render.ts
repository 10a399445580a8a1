import type { Channel } from '@carillon/core/channel';
import { resolveLocale } from '@carillon/core/locale';
import type { Content } from '@carillon/core/message';
import { renderContent } from '@carillon/core/templates/render';
import { loadTemplateContents } from '@carillon/db/queries/load-template-contents';
import type { Sql } from 'postgres';
import { type EmailLinks, NO_LINKS } from './email-links.ts';
import type { Claimed, Steps } from './steps.ts';

/** Template versions never change, so what was loaded once stays true; the bound only keeps memory in hand. */
const MAX_CACHED = 500;

type Locales = ReadonlyMap<string, Content>;

/**
 * The render step: template version + locale + data -> message. The text of inline content passes untouched; what an
 * e-mail's category adds to it (tracking, the way out) is added to both.
 */
export function createRender(sql: Sql, links: EmailLinks = NO_LINKS): Steps['render'] {
  const cache = new Map<string, Promise<Locales>>();

  const localesOf = (templateId: string, version: number, channel: Channel): Promise<Locales> => {
    const key = `${templateId}/${version}/${channel}`;
    const known = cache.get(key);
    if (known) return known;
    const loading = loadTemplateContents(sql, templateId, version, channel).then(
      (rows) => new Map(rows.map((row) => [row.locale, row.content])),
    );
    if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value!);
    cache.set(key, loading);
    loading.catch(() => cache.delete(key));
    return loading;
  };

  return async (claimed, compose) => {
    const { data, decorate } = links(claimed, compose);
    if (claimed.content) return { ok: true, message: decorate(compose(claimed.content)) };
    const template = await contentOf(claimed, localesOf);
    if (!template) return impossible('template_missing', `template has no ${claimed.channel} version`);
    const rendered = renderContent(claimed.channel, template.content, data, template.key);
    if (!rendered.ok) return impossible(rendered.code, rendered.message);
    return { ok: true, message: decorate(compose(rendered.content)) };
  };
}

async function contentOf(
  { template_id, template_version, channel, locale }: Claimed,
  localesOf: (templateId: string, version: number, channel: Channel) => Promise<Locales>,
): Promise<{ content: Content; key: string } | null> {
  if (!template_id || template_version === null) return null;
  const locales = await localesOf(template_id, template_version, channel);
  const chosen = resolveLocale([...locales.keys()], [locale]);
  const content = chosen === null ? undefined : locales.get(chosen);
  return content ? { content, key: `${template_id}/${template_version}/${channel}/${chosen}` } : null;
}

function impossible(
  code: string,
  reason: string,
): { ok: false; end: { kind: 'impossible'; code: string; reason: string } } {
  return { ok: false, end: { kind: 'impossible', code, reason } };
}
