import type { Page } from '../page.ts';

export const pages: Page[] = [
  {
    path: '/lanes',
    title: 'Lanes',
    group: 'Operations',
    scope: 'overview:read',
    load: () => import('./lanes.tsx'),
  },
];
