import type { Page } from '../page.ts';

export const pages: Page[] = [
  {
    path: '/overview',
    title: 'Overview',
    group: 'Operations',
    scope: 'overview:read',
    load: () => import('./overview.tsx'),
  },
];
