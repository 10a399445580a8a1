import type { Page } from '../page.ts';

export const pages: Page[] = [
  {
    path: '/bulk',
    title: 'Bulk actions',
    group: 'Messages',
    scope: 'notifications:read',
    load: () => import('./list.tsx'),
  },
  {
    path: '/bulk/$id',
    title: 'Bulk action',
    scope: 'notifications:read',
    load: () => import('./progress.tsx'),
  },
];
