import type { Api } from '../deps.ts';
import { addCommonAnswers } from './common-answers.ts';
import { addExamples } from './examples.ts';
import { addReplicaAnswers } from './replica-answers.ts';

/** The OpenAPI 3.1 document, generated from the schemas that check the routes. */
export function openApiDocument(app: Api, baseUrl: string) {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Carillon',
      version: '1',
      description:
        'Email, SMS, push and in-app notifications that are not lost and not doubled. A 202 is answered after the commit: from then on the notification ends in exactly one final state or is visibly in doubt. Repeat a request with the same idempotency key as often as you like. Unknown fields and query parameters are refused, so are numbers and members that JSON readers lose (RFC 7493). Times are RFC 3339, errors are RFC 9457 problem details, also those of the HTTP layer itself.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: baseUrl }],
    security: [{ apiKey: [] }],
    tags: [
      { name: 'Notifications', description: 'Send, look up, cancel.' },
      { name: 'Inbox', description: 'What a recipient does with their own messages, by their own token.' },
      { name: 'Recipients', description: 'People and where they can be reached.' },
      { name: 'Audiences', description: 'Who campaigns are for: saved filters, and lists.' },
      { name: 'Suppressions', description: 'Addresses that are never written to.' },
      { name: 'Templates', description: 'Texts by channel and locale.' },
      {
        name: 'Categories',
        description: 'How messages of a kind are treated: what decides a doubt, when to try again.',
      },
      {
        name: 'Provider accounts',
        description: 'What messages go through: order, limits and sealed credentials. Installation-wide.',
      },
      {
        name: 'Webhooks',
        description: 'Events to your endpoints, signed by the Standard Webhooks specification.',
      },
      { name: 'Links', description: 'What links in messages lead to.' },
      { name: 'Receipts', description: 'Where providers report what became of a message.' },
      {
        name: 'Overview',
        description: 'What the installation does, and did in the last hours. Installation-wide.',
      },
      {
        name: 'Apps and keys',
        description: 'Tenants, and the keys that their programs have.',
      },
      {
        name: 'Staff and audit',
        description: 'Who may use the dashboard, and who changed what.',
      },
      {
        name: 'Breakers',
        description: 'What keeps traffic from provider accounts that fail. Installation-wide.',
      },
    ],
  });
  const paths = (document.paths ?? {}) as Record<string, Record<string, unknown>>;
  addCommonAnswers(paths);
  addReplicaAnswers(paths);
  addExamples(paths);
  return document;
}

/** Components that no route schema mentions. */
export function registerComponents(app: Api): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key: `cln_live_...` reaches real providers, `cln_test_...` only the simulator.',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'recipientToken', {
    type: 'http',
    scheme: 'bearer',
    description:
      'A token of one recipient, `crt_...`, which your server makes with POST /v1/recipients/{recipient_id}/tokens.',
  });
}
