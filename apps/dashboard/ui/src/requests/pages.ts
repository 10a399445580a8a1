import type { Page } from '../page.ts';

export const pages: Page[] = [
  {
    path: '/requests',
    title: 'Request log',
    group: 'Developers',
    scope: 'requests:read',
    load: () => import('./requests.tsx'),
  },
];
