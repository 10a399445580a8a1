import type { State } from '@carillon/core/notification/states';
import type { Sql } from 'postgres';
import { mayHaveArrived } from '../attempts/late-answers.ts';
import { audit } from '../audit/audit.ts';
import { writeHistory } from '../notifications/history.ts';
import { countMove } from '../origins/count-changes.ts';

/**
 * A person pressed Retry in Bull Board: a dead or failed notification starts a new cycle of attempts. This is recorded
 * in the timeline and in the audit log. Any other state is left alone, and so is a notification that may have arrived
 * already: Bull Board's button cannot ask whether it may arrive twice.
 *
 * @returns null, or why it must not be sent again: a sentence for the job that goes back to the failed set.
 */
export async function reviveByHand(sql: Sql, id: string): Promise<string | null> {
  return sql.begin(async (tx): Promise<string | null> => {
    const [row] = await tx<
      {
        appId: string;
        state: State;
        redacted: boolean;
        originId: string | null;
        originVariant: number | null;
      }[]
    >`
      select app_id as "appId", state, redacted_at is not null as redacted, origin_id as "originId",
        origin_variant as "originVariant"
      from notifications
      where id = ${id}::uuid and state in ('dead', 'failed', 'in_doubt')
      for update`;
    if (!row) return null;
    const { appId, state } = row;
    if (row.redacted) {
      return `${state}: not sent again, because its category is secret and its texts went when it was final. Send a new notification`;
    }
    if (await mayHaveArrived(tx, id, state)) {
      return `${state}: not sent again, because it may have arrived already. Mark it as sent, or send it again knowingly, on its page in the dashboard or by POST /v1/notifications/${id}/retry with {"accept_duplicate_risk": true}`;
    }
    await tx`
      update notifications set state = 'pending', tries = 0, tried = null, updated_at = now()
      where id = ${id}::uuid and state in ('dead', 'failed')`;
    await countMove(tx, { ...row, was: state, state: 'pending' });
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
