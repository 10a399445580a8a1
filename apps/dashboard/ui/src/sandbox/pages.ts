import type { Page } from '../page.ts';

export const pages: Page[] = [
  {
    path: '/sandbox',
    title: 'Sandbox inbox',
    group: 'Developers',
    scope: 'sandbox:read',
    load: () => import('./inbox.tsx'),
  },
];
