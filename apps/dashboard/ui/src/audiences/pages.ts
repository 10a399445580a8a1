import type { Page } from '../page.ts';

export const pages: Page[] = [
  {
    path: '/audiences',
    title: 'Audiences',
    group: 'People',
    scope: 'audiences:read',
    load: () => import('./list.tsx'),
  },
  {
    path: '/audiences/$key',
    title: 'Audience',
    scope: 'audiences:read',
    load: () => import('./audience.tsx'),
  },
];
