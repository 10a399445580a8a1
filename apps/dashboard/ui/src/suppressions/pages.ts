import type { Page } from '../page.ts';

export const pages: Page[] = [
  {
    path: '/suppressions',
    title: 'Suppressions',
    group: 'People',
    scope: 'suppressions:read',
    load: () => import('./list.tsx'),
  },
  {
    path: '/suppressions/$channel/$hash',
    title: 'Suppression',
    scope: 'suppressions:read',
    load: () => import('./suppression.tsx'),
  },
];
