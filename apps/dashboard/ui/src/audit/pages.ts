import type { Page } from '../page.ts';

export const pages: Page[] = [
  {
    path: '/audit',
    title: 'Audit log',
    group: 'Administration',
    scope: 'audit:read',
    load: () => import('./audit.tsx'),
  },
];
