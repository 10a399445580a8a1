import type { State } from '@carillon/core/states';
import type { Sql } from 'postgres';
import { audit } from './audit.ts';
import { writeHistory } from './history.ts';
import { mayHaveArrived } from './may-have-arrived.ts';

/**
 * A person pressed Retry in Bull Board: a dead or failed notification starts a new cycle of attempts. Leaves its trace
 * in the timeline and in the audit log. Any other state is left alone, and so is what may have arrived already: Bull
 * Board's button cannot ask whether it may arrive twice.
 *
 * @returns null, or why it must not be sent again: a sentence for the job that goes back to the failed set.
 */
export async function reviveByHand(sql: Sql, id: string): Promise<string | null> {
  return sql.begin(async (tx): Promise<string | null> => {
    const [row] = await tx<{ appId: string; state: State }[]>`
      select app_id as "appId", state from notifications
      where id = ${id}::uuid and state in ('dead', 'failed', 'in_doubt')
      for update`;
    if (!row) return null;
    const { appId, state } = row;
    if (await mayHaveArrived(tx, id, state)) {
      return `${state}: not sent again, because it may have arrived already. Mark it as sent, or send it again knowingly, on its page in the dashboard or by POST /v1/notifications/${id}/retry with {"accept_duplicate_risk": true}`;
    }
    await tx`
      update notifications set state = 'pending', tries = 0, tried = null, updated_at = now()
      where id = ${id}::uuid and state in ('dead', 'failed')`;
    const reason = 'retried by hand: a new cycle of attempts';
    await writeHistory(tx, { notificationId: id, state: 'pending', actor: 'bull-board', reason });
    await audit(tx, {
      appId,
      actor: 'system:deliver',
      action: 'notification.retried_in_bull_board',
      subject: `notification:${id}`,
      detail: { was: state },
    });
    return null;
  });
}
