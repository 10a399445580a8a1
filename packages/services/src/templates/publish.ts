import { ProblemError } from '@carillon/core/text/problem';
import type { Tenant } from '@carillon/db/connection/tenant';
import { lockTemplate, publishTexts } from '@carillon/db/templates/put-template';
import { getTemplate, type NewTemplateText, type TemplateRow } from '@carillon/db/templates/templates';
import type { ActorContext } from '../context.ts';
import { holdParts } from './parts.ts';

/**
 * Publishes texts together as a new version of a template; unchanged texts publish nothing.
 *
 * @param input.texts checked, with the variables that each needs.
 * @param input.unchanged throws if the published version is not the one that the change starts from.
 * @throws ProblemError 404 if it was deleted meanwhile.
 */
export async function publishTemplate(
  { db, actor }: ActorContext,
  input: {
    tenant: Tenant;
    key: string;
    texts: readonly NewTemplateText[];
    unchanged?: ((current: TemplateRow | null) => void) | undefined;
  },
): Promise<{ template: TemplateRow; created: boolean }> {
  const { tenant, key, texts, unchanged } = input;
  return db.begin(async (tx) => {
    const locked = await lockTemplate(tx, tenant, key);
    const check = async () => {
      unchanged?.(await getTemplate(tx, tenant, key));
      await holdParts(tx, tenant, texts);
    };
    const { version, created } = await publishTexts(tx, tenant, { key, locked, texts }, actor, check);
    const template = await getTemplate(tx, tenant, key, version);
    if (template === null) throw noSuchTemplate(key);
    return { template, created };
  });
}

/** One answer for a key that does not exist and for one of another app. */
export function noSuchTemplate(key: string, version?: number): ProblemError {
  const of = version === undefined ? '' : ` with a version ${version}`;
  return new ProblemError(
    'not_found',
    `There is no template ${JSON.stringify(key.slice(0, 64))}${of} in this app and environment. GET /v1/templates lists them.`,
  );
}
