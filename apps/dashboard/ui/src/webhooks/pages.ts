import type { Page } from '../page.ts';

export const pages: Page[] = [
  {
    path: '/webhooks',
    title: 'Webhooks',
    group: 'Developers',
    scope: 'webhooks:read',
    load: () => import('./list.tsx'),
  },
  {
    path: '/webhooks/$id',
    title: 'Webhook endpoint',
    scope: 'webhooks:read',
    load: () => import('./endpoint.tsx'),
  },
];
