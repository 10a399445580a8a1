import { canonicalJson } from '@carillon/core/notification/request-hash';
import { type DraftTexts, placedTexts } from '@carillon/core/template/draft';
import { ProblemError } from '@carillon/core/text/problem';
import { audit } from '@carillon/db/audit/audit';
import type { Tenant } from '@carillon/db/connection/tenant';
import { removeDraft, storeDraft } from '@carillon/db/templates/change-drafts';
import { type DraftRow, getDraft } from '@carillon/db/templates/drafts';
import { lockTemplate, publishTexts } from '@carillon/db/templates/put-template';
import { getTemplate, type NewTemplateText, type TemplateRow } from '@carillon/db/templates/templates';
import type { ActorContext } from '../context.ts';
import { holdParts } from './parts.ts';
import { noSuchTemplate } from './publish.ts';

interface DraftInput {
  tenant: Tenant;
  key: string;
  /** Throws if the draft is not the one that the change starts from. */
  unchanged?: ((current: DraftRow | null) => void) | undefined;
}

/**
 * Stores what somebody is writing; sends nothing and publishes nothing. The same texts again write nothing.
 *
 * @param input.texts of the right form; they may have mistakes.
 * @param input.basedOn the published version that they take into account; without it the one of the earlier draft, or
 *   the published one.
 */
export async function saveDraft(
  { db, actor }: ActorContext,
  input: DraftInput & { texts: DraftTexts; basedOn?: number | undefined },
): Promise<DraftRow> {
  const { tenant, key, texts, basedOn, unchanged } = input;
  return db.begin(async (tx) => {
    const locked = await lockTemplate(tx, tenant, key);
    const before = await getDraft(tx, tenant, key);
    if (before?.saved && sameTexts(before.texts, texts) && (basedOn ?? before.basedOn) === before.basedOn)
      return before;
    unchanged?.(before);
    await storeDraft(tx, locked, { texts, basedOn, actor });
    await audit(tx, {
      appId: tenant.appId,
      actor,
      action: 'template.draft',
      subject: `template:${key}`,
      detail: {
        environment: tenant.environment,
        based_on: basedOn ?? before?.basedOn ?? locked.version,
        texts: placedTexts(texts).map(({ channel, locale }) => `${channel}/${locale}`),
      },
    });
    return (await getDraft(tx, tenant, key))!;
  });
}

/**
 * Publishes the draft as a new version and removes it.
 *
 * @param input.draft as it was read.
 * @param input.texts its texts, checked.
 * @throws ProblemError 409 if the draft was changed after it was read.
 */
export async function publishDraft(
  { db, actor }: ActorContext,
  input: DraftInput & { draft: DraftRow; texts: readonly NewTemplateText[] },
): Promise<{ template: TemplateRow; created: boolean }> {
  const { tenant, key, draft, texts, unchanged } = input;
  return db.begin(async (tx) => {
    const locked = await lockTemplate(tx, tenant, key);
    const now = await getDraft(tx, tenant, key);
    unchanged?.(now);
    if (!now?.saved || !sameTexts(now.texts, draft.texts)) throw changedMeanwhile(key);
    const check = () => holdParts(tx, tenant, texts);
    const { created } = await publishTexts(tx, tenant, { key, locked, texts }, actor, check);
    const template = (await getTemplate(tx, tenant, key))!;
    await removeDraft(tx, { id: locked.id, version: template.publishedVersion });
    return { template, created };
  });
}

/** Removes the draft, if there is one. A template that was never published is gone then. */
export async function discardDraft(
  { db, actor }: ActorContext,
  { tenant, key, unchanged }: DraftInput,
): Promise<void> {
  await db.begin(async (tx) => {
    const before = await getDraft(tx, tenant, key);
    if (!before?.saved) return;
    const locked = await lockTemplate(tx, tenant, key);
    unchanged?.(await getDraft(tx, tenant, key));
    if (!(await removeDraft(tx, locked))) return;
    await audit(tx, {
      appId: tenant.appId,
      actor,
      action: 'template.discard_draft',
      subject: `template:${key}`,
      detail: { environment: tenant.environment },
    });
  });
}

/**
 * Publishes the texts of an earlier version again, as a new version: the history only grows, and both render alike.
 * The draft stays.
 *
 * @param input.unchanged throws if the published version is not the one that the change starts from.
 * @throws ProblemError 404.
 */
export async function rollBackTemplate(
  { db, actor }: ActorContext,
  input: {
    tenant: Tenant;
    key: string;
    version: number;
    unchanged?: ((current: TemplateRow | null) => void) | undefined;
  },
): Promise<TemplateRow> {
  const { tenant, key, version, unchanged } = input;
  return db.begin(async (tx) => {
    const old = await getTemplate(tx, tenant, key, version);
    if (old === null) throw noSuchTemplate(key, version);
    const locked = await lockTemplate(tx, tenant, key);
    const { texts } = old;
    const check = async () => unchanged?.(await getTemplate(tx, tenant, key));
    await publishTexts(tx, tenant, { key, locked, texts, restoredFrom: version }, actor, check);
    return (await getTemplate(tx, tenant, key))!;
  });
}

export function noSuchDraft(key: string): ProblemError {
  return new ProblemError(
    'invalid_state',
    `The template ${JSON.stringify(key.slice(0, 64))} has no draft to publish. PUT /v1/templates/{key}/draft makes one; what is published already needs nothing.`,
  );
}

function changedMeanwhile(key: string): ProblemError {
  return new ProblemError(
    'conflict',
    `The draft of ${JSON.stringify(key.slice(0, 64))} was changed while it was being published. Nothing was published; read it again.`,
  );
}

function sameTexts(a: DraftTexts, b: DraftTexts): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
