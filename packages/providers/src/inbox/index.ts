import { z } from 'zod';
import { common } from '../accounts/account-fields.ts';
import { defineProvider } from '../provider.ts';

const settings = z.strictObject({ ...common, provider: z.literal('inbox') });

/** The in-app inbox: a table of this system, so acceptance is delivery. */
export const inbox = defineProvider({
  id: 'inbox',
  title: 'In-app inbox',
  channel: 'in_app',
  guarantee: 'A',
  order: 10,
  settings,
  async connect(_, { storeInboxMessage }) {
    const { inboxAdapter } = await import('./send.ts');
    return inboxAdapter((message, notificationId, mayWrite) => {
      const { appId, environment, recipientId, title, body, url = null } = message;
      const entry = { notificationId, appId, environment, recipientId, title, body, url };
      return storeInboxMessage(entry, mayWrite);
    });
  },
});
