/** One example of a body. */
interface Example {
  summary: string;
  value: unknown;
}

const RECIPIENT = {
  email: 'ada@example.com',
  phone: '+14155550100',
  locale: 'en',
  time_zone: 'Europe/London',
};
const EMAIL = {
  to: { recipient_id: 'user_42' },
  channel: 'email',
  template: 'order_shipped',
  data: { name: 'Ada', order: 'A-17' },
  category: 'orders',
  idempotency_key: 'order-17-shipped',
};
const LATER = '2030-01-01T09:00:00Z';
const DEVICE = { fcm_token: 'fGciOiJSUzI1NiIsInR5cCI6' };

/**
 * Examples of request bodies by operation: at least one each, unless the schema of the body has its own `example`. A
 * test sends every one of them to the API.
 */
const EXAMPLES: Readonly<Record<string, Readonly<Record<string, Example>>>> = {
  sendNotification: {
    template: { summary: 'An e-mail from a template, to a recipient', value: EMAIL },
    inline: {
      summary: 'A text message to a number, with its text',
      value: {
        to: { phone: '+14155550100' },
        channel: 'sms',
        content: { text: 'Your code is 123456.' },
        priority: 'critical',
        ttl_seconds: 300,
      },
    },
    fallback: {
      summary: 'Push first, then SMS, then e-mail, tomorrow at nine',
      value: {
        to: { recipient_id: 'user_42' },
        route: ['push', 'sms', 'email'],
        template: 'order_shipped',
        data: { name: 'Ada', order: 'A-17' },
        send_at: LATER,
        event_id: 'order-17-shipped',
      },
    },
    attachment: {
      summary: 'An e-mail with a file',
      value: {
        to: { email: 'ada@example.com' },
        channel: 'email',
        content: { subject: 'Your invoice', text: 'It is attached.' },
        attachments: [{ filename: 'invoice.txt', content_type: 'text/plain', content: 'VG90YWw6IDEyLjUw' }],
      },
    },
  },
  sendNotificationBatch: {
    two: {
      summary: 'Two notifications',
      value: {
        notifications: [
          EMAIL,
          { to: { phone: '+14155550100' }, channel: 'sms', content: { text: 'Your order left today.' } },
        ],
      },
    },
  },
  explainNotification: { send: { summary: 'What would become of this send?', value: EMAIL } },
  rescheduleNotification: { later: { summary: 'At another time', value: { send_at: LATER } } },
  retryNotification: {
    plain: { summary: 'One that was certainly not sent', value: {} },
    doubt: { summary: 'One that may have arrived', value: { accept_duplicate_risk: true } },
  },
  markNotificationSent: {
    proof: {
      summary: 'What the provider showed',
      value: { provider_message_id: '0100018f2a', note: 'Seen in the log of the provider.' },
    },
  },
  startBulkAction: {
    dry: {
      summary: 'How many would be retried?',
      value: {
        action: 'retry',
        filter: { status: 'dead', created_after: '2026-11-29T00:00:00Z' },
        dry_run: true,
      },
    },
  },
  putRecipient: {
    person: {
      summary: 'A person with address, number, language and zone',
      value: { ...RECIPIENT, attributes: { plan: 'pro' } },
    },
  },
  addDevice: { fcm: { summary: 'An Android device', value: DEVICE } },
  removeDevice: { fcm: { summary: 'The same device', value: DEVICE } },
  putPreferences: {
    wishes: {
      summary: 'No SMS but of orders, no marketing, quiet at night, three news a week',
      value: {
        channels: { sms: false },
        categories: { marketing: false, orders: { sms: true } },
        quiet_hours: { start: '22:00', end: '07:00', time_zone: 'Europe/London' },
        caps: [{ category: 'news', max: 3, window_seconds: 604_800 }],
      },
    },
  },
  putMyPreferences: {
    category: {
      summary: 'No more news, everything else as before',
      value: { categories: { news: false } },
    },
    pause: {
      summary: 'End a pause, and send what it held',
      value: { paused_until: null },
    },
  },
  addSuppression: {
    manual: {
      summary: 'Asked by phone',
      value: { channel: 'email', address: 'gone@example.com', detail: 'asked by phone' },
    },
  },
  liftSuppression: { asked: { summary: 'Asked for mail again', value: { reason: 'asked by phone' } } },
  enableContactPoint: { asked: { summary: 'The address works again', value: { reason: 'asked by phone' } } },
  removeSuppression: {
    lift: { summary: 'Write to it again', value: { channel: 'email', address: 'gone@example.com' } },
  },
  openBreaker: { hold: { summary: 'Send nothing through it', value: { reason: 'maintenance until 18:00' } } },
  closeBreaker: {
    hold: { summary: 'Send through it in any case', value: { reason: 'its errors are known' } },
  },
  releaseBreaker: {
    release: { summary: 'Leave it to itself again', value: { reason: 'maintenance is over' } },
  },
  putProviderAccount: {
    smtp: {
      summary: 'A mail server',
      value: {
        provider: 'smtp',
        environments: ['live'],
        host: 'smtp.example.com',
        port: 587,
        from: 'Shop <orders@example.com>',
        credentials: { user: 'orders', pass: 'secret' },
      },
    },
    twilio: {
      summary: 'Twilio',
      value: {
        provider: 'twilio',
        environments: ['live'],
        from: '+14155550100',
        credentials: { account_sid: `AC${'0'.repeat(32)}`, auth_token: '0'.repeat(32) },
      },
    },
  },
  patchProviderAccount: {
    move: { summary: 'Try it first, at most 50 a second', value: { order: 0, rate_per_second: 50 } },
  },
  testProviderAccount: { me: { summary: 'To yourself', value: { to: { email: 'me@example.com' } } } },
  createWebhookEndpoint: {
    some: {
      summary: 'What went wrong',
      value: {
        url: 'https://shop.example.com/carillon',
        event_types: ['notification.failed', 'notification.bounced'],
      },
    },
  },
  patchWebhookEndpoint: { enable: { summary: 'Enable it again', value: { enabled: true } } },
  rotateWebhookSecret: { day: { summary: 'Both secrets for a day', value: { overlap_seconds: 86_400 } } },
  replayWebhookEvents: {
    day: {
      summary: 'The failures of a day again',
      value: {
        from: '2026-11-28T00:00:00Z',
        to: '2026-11-29T00:00:00Z',
        event_types: ['notification.failed'],
      },
    },
  },
  createApiKey: {
    sender: {
      summary: 'A key that can only send and look up',
      value: { name: 'shop', environment: 'test', scopes: ['notifications:write', 'notifications:read'] },
    },
  },
  rotateApiKey: { hour: { summary: 'Both keys for an hour', value: { overlap_seconds: 3_600 } } },
  createStaffMember: {
    viewer: { summary: 'A colleague', value: { email: 'sam@example.com', role: 'viewer' } },
  },
  resetStaffPassword: {
    lost: { summary: 'The password and the second factor are lost', value: { second_factor: true } },
  },
  patchStaffMember: { disable: { summary: 'Who left', value: { enabled: false } } },
};

interface Operation {
  operationId?: string;
  requestBody?: { content?: Record<string, { examples?: unknown }> };
}

/** Adds the examples. @param paths of the document; changed in place. */
export function addExamples(paths: Record<string, Record<string, unknown>>): void {
  for (const item of Object.values(paths)) {
    for (const operation of Object.values(item) as Operation[]) {
      const examples = EXAMPLES[operation.operationId ?? ''];
      const json = operation.requestBody?.content?.['application/json'];
      if (examples && json) json.examples = examples;
    }
  }
}
