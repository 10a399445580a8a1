import type { Page } from '../page.ts';

export const pages: Page[] = [
  {
    path: '/calendar',
    title: 'Scheduled',
    group: 'Messages',
    scope: 'notifications:read',
    load: () => import('./calendar.tsx'),
  },
];
