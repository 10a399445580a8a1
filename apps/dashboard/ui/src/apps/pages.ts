import type { Page } from '../page.ts';

export const pages: Page[] = [
  {
    path: '/apps',
    title: 'Apps',
    group: 'Administration',
    scope: 'installation',
    load: () => import('./apps.tsx'),
  },
];
