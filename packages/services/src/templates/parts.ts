import { canonicalJson } from '@carillon/core/notification/request-hash';
import {
  namedParts,
  type PartName,
  type PartTexts,
  placedPartTexts,
} from '@carillon/core/template/compile/parts';
import { ProblemError } from '@carillon/core/text/problem';
import { audit } from '@carillon/db/audit/audit';
import type { Tenant } from '@carillon/db/connection/tenant';
import { lockPart, lockParts, reaches, removePart, storePart } from '@carillon/db/templates/change-parts';
import { findParts, getPart, type PartRow, type PartUsers, usersOfParts } from '@carillon/db/templates/parts';
import type { NewTemplateText } from '@carillon/db/templates/templates';
import type { TransactionSql } from 'postgres';
import { type ActorContext, refusedField } from '../context.ts';

/**
 * Creates or changes a layout or partial. Published templates stay as they are; those that are published from now on have the
 * new texts. The same texts again change nothing.
 *
 * @param input.texts checked.
 * @param input.unchanged throws if the part is not the one that the change starts from.
 * @throws ProblemError 422 if it would render itself.
 */
export async function putPart(
  { db, actor }: ActorContext,
  input: {
    tenant: Tenant;
    name: PartName;
    texts: PartTexts;
    unchanged?: ((current: PartRow | null) => void) | undefined;
  },
): Promise<{ part: PartRow; created: boolean }> {
  const { tenant, name, texts, unchanged } = input;
  return db.begin(async (tx) => {
    await lockParts(tx, tenant);
    const before = await getPart(tx, tenant, name);
    if (before !== null && canonicalJson(before.texts) === canonicalJson(texts))
      return { part: before, created: false };
    unchanged?.(before);
    const parts = namedParts(placedPartTexts(texts).flatMap(({ text }) => Object.values(text) as string[]));
    if (await reaches(tx, tenant, parts, name))
      throw refusedField(
        'key',
        `the partial "${name.key}" would render itself, through another one: take one of them out`,
      );
    await storePart(tx, tenant, { ...name, texts, parts, actor });
    const part = (await getPart(tx, tenant, name))!;
    await audit(tx, {
      appId: tenant.appId,
      actor,
      action: `${name.kind}.put`,
      subject: `${name.kind}:${name.key}`,
      detail: { environment: tenant.environment, version: part.version },
    });
    return { part, created: before === null };
  });
}

/**
 * Deletes a layout or partial that nothing uses. One that is not there is no error.
 *
 * @throws ProblemError 409 that names what uses it.
 */
export async function deletePart(
  { db, actor }: ActorContext,
  input: {
    tenant: Tenant;
    name: PartName;
    unchanged?: ((current: PartRow | null) => void) | undefined;
  },
): Promise<void> {
  const { tenant, name, unchanged } = input;
  await db.begin(async (tx) => {
    await lockParts(tx, tenant);
    await lockPart(tx, tenant, name);
    const part = await getPart(tx, tenant, name);
    if (part === null) return;
    unchanged?.(part);
    const [users] = await usersOfParts(tx, tenant, [part]);
    const named = users && namesOf(users);
    if (named !== undefined && named.length > 0) throw stillUsed(name, named);
    await removePart(tx, tenant, name);
    await audit(tx, {
      appId: tenant.appId,
      actor,
      action: `${name.kind}.delete`,
      subject: `${name.kind}:${name.key}`,
      detail: { environment: tenant.environment, version: part.version },
    });
  });
}

/**
 * Keeps the parts in texts as they were read until the texts are published.
 *
 * @throws ProblemError 409 if one was changed or deleted meanwhile.
 */
export async function holdParts(
  tx: TransactionSql,
  tenant: Tenant,
  texts: readonly NewTemplateText[],
): Promise<void> {
  const used = new Map(
    texts.flatMap(({ parts = [] }) => parts.map((part) => [`${part.kind}:${part.key}`, part])),
  );
  const now = await findParts(
    tx,
    tenant,
    [...used.values()].map(({ kind, key }) => ({ kind, key })),
    { lock: true },
  );
  const current = new Map(now.map((part) => [`${part.kind}:${part.key}`, part.hash]));
  const changed = [...used].find(([id, { hash }]) => current.get(id) !== hash)?.[1];
  if (changed === undefined) return;
  throw new ProblemError(
    'conflict',
    `The ${changed.kind} ${JSON.stringify(changed.key)} was changed while the template was being published. Nothing was published; send the request again.`,
  );
}

/** One answer for a key that does not exist and for one of another app. */
export function noSuchPart({ kind, key }: PartName, version?: number): ProblemError {
  const named = `${kind} ${JSON.stringify(key.slice(0, 64))}`;
  return new ProblemError(
    'not_found',
    version === undefined
      ? `There is no ${named} in this app and environment. GET /v1/${kind}s lists them.`
      : `There is no version ${version} of the ${named}. GET /v1/${kind}s/{key}/versions lists those that there are.`,
  );
}

function namesOf({ templates, drafts, parts }: PartUsers): string[] {
  return [
    ...templates.map(({ key, version }) => `version ${version} of the template ${JSON.stringify(key)}`),
    ...drafts.map((key) => `the draft of the template ${JSON.stringify(key)}`),
    ...parts.map(({ kind, key }) => `the ${kind} ${JSON.stringify(key)}`),
  ];
}

const MAX_NAMED = 10;

function stillUsed({ kind, key }: PartName, users: readonly string[]): ProblemError {
  const more = users.length > MAX_NAMED ? ` and ${users.length - MAX_NAMED} more` : '';
  return new ProblemError(
    'invalid_state',
    `The ${kind} ${JSON.stringify(key)} is used by ${users.slice(0, MAX_NAMED).join(', ')}${more}. Publish them without it first; nothing was deleted.`,
  );
}
