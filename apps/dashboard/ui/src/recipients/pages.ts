import type { Page } from '../page.ts';

export const pages: Page[] = [
  {
    path: '/recipients',
    title: 'Recipients',
    group: 'People',
    scope: 'recipients:read',
    load: () => import('./list.tsx'),
  },
  {
    path: '/recipients/$id',
    title: 'Recipient',
    scope: 'recipients:read',
    load: () => import('./recipient.tsx'),
  },
];
