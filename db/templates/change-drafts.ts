import { type DraftTexts, partsNamedBy } from '@carillon/core/template/draft';
import type { TransactionSql } from 'postgres';
import type { LockedTemplate } from './put-template.ts';

/** Creates or replaces the draft of a locked template. An existing one keeps the version that it is based on. */
export async function storeDraft(
  tx: TransactionSql,
  { id, version }: LockedTemplate,
  { texts, basedOn, actor }: { texts: DraftTexts; basedOn?: number | undefined; actor: string },
): Promise<void> {
  await tx`
    insert into template_drafts (template_id, texts, based_on, updated_by, parts)
    values (
      ${id}, ${JSON.stringify(texts)}::text::jsonb, ${basedOn ?? version}, ${actor},
      ${JSON.stringify(partsNamedBy(texts))}::text::jsonb
    )
    on conflict (template_id) do update set
      texts = excluded.texts, parts = excluded.parts, updated_by = excluded.updated_by, updated_at = now(),
      based_on = case when ${basedOn !== undefined} then excluded.based_on else template_drafts.based_on end`;
}

/** Removes the draft of a locked template, and the template itself if no version of it was ever published. */
export async function removeDraft(tx: TransactionSql, { id, version }: LockedTemplate): Promise<boolean> {
  const gone = await tx`delete from template_drafts where template_id = ${id} returning template_id`;
  if (version === 0) await tx`delete from templates where id = ${id}`;
  return gone.length > 0;
}
