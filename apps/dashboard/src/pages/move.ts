import { html } from 'hono/html';
import type { Html } from './layout.ts';
import type { SettleView } from './settle.ts';

type MoveView = Pick<SettleView, 'frame' | 'notification'>;

/** For notifications whose sending has not begun. */
export function cancelForm({ frame, notification }: MoveView): Html {
  return html`<form class="push-right" method="post" action="/notifications/${notification.id}/cancel">
    <input type="hidden" name="token" value="${frame.formToken}">
    <button class="danger" type="submit">Cancel this notification</button>
  </form>`;
}

/** For scheduled notifications. */
export function rescheduleForm({ frame, notification }: MoveView): Html {
  const at = notification.sendAt?.toISOString().slice(0, 16) ?? '';
  return html`<form class="card move" method="post" action="/notifications/${notification.id}/reschedule">
  <input type="hidden" name="token" value="${frame.formToken}">
  <div class="field"><label for="send-at">Send at, UTC (a past time means now)</label><input id="send-at" name="send_at" type="datetime-local" required value="${at}"></div>
  <button type="submit">Reschedule</button>
</form>`;
}
