import { type TemplateWarning, warnOfNewVariables, warnOfNoWayOut } from '@carillon/core/template/warnings';
import type { Tenant } from '@carillon/db/connection/tenant';
import { recentUse } from '@carillon/db/templates/recent-callers';
import type { NewTemplateText, TemplateRow } from '@carillon/db/templates/templates';
import type { Sql } from 'postgres';
import { requiredBy } from './template-schema.ts';

/**
 * What a new version means for those who send with it, by the last messages of the app: variables that they do not give, and
 * categories whose e-mails should have an unsubscribe link.
 *
 * @param before the version that was published until now; null if none was.
 */
export async function publishWarnings(
  sql: Sql,
  tenant: Tenant,
  { key, before, texts }: { key: string; before: TemplateRow | null; texts: readonly NewTemplateText[] },
): Promise<TemplateWarning[]> {
  if (before === null) return [];
  const [old, now] = [requiredBy(before.texts), requiredBy(texts)];
  const added = now.filter((name) => !old.includes(name));
  const withoutWayOut = texts.filter(
    ({ channel, content }) =>
      channel === 'email' && !`${content.html ?? ''} ${content.text ?? ''}`.includes('unsubscribe_url'),
  );
  if (added.length === 0 && withoutWayOut.length === 0) return [];
  const roots = [...new Set(added.map((name) => name.split('.', 1)[0]!))];
  const recent = await recentUse(sql, tenant, key, roots);
  return [
    ...warnOfNewVariables(old, now, recent),
    ...recent.categories
      .slice(0, 3)
      .flatMap((category) =>
        withoutWayOut.map(({ locale }) => warnOfNoWayOut(`channels.email.${locale}`, category)),
      ),
  ];
}
