import { type SentContent, sentContent } from '@carillon/core/notification/sent-content';
import type { Renderer } from '@carillon/core/template/render/budgeted-render';
import { audit } from '@carillon/db/audit/audit';
import type { Tenant } from '@carillon/db/connection/tenant';
import { readContentFacts } from '@carillon/db/notifications/read-content-facts';
import type { ActorContext } from '../context.ts';
import { noSuchNotification } from './moved.ts';

/**
 * Reads what was sent. The audit entry is written before the content is returned.
 *
 * @param input.tenant null: of any app.
 * @param input.baseUrl PUBLIC_BASE_URL, as the workers read it: without it e-mails carry no links.
 * @throws ProblemError 404.
 */
export async function readSentContent(
  { db, actor }: ActorContext,
  input: { tenant: Tenant | null; id: string; render: Renderer; baseUrl: string | undefined },
): Promise<SentContent> {
  const { tenant, id, render, baseUrl } = input;
  const facts = await readContentFacts(db, tenant, id);
  if (facts === null) throw noSuchNotification(id);
  const content = await sentContent(facts, render, baseUrl?.replace(/\/+$/, '') ?? null);
  if (content.contents.length > 0) {
    await audit(db, {
      appId: facts.appId,
      actor,
      action: 'notification.read_content',
      subject: `notification:${id}`,
    });
  }
  return content;
}
