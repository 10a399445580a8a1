import type { Page } from '../page.ts';

export const pages: Page[] = [
  {
    path: '/staff',
    title: 'Staff',
    group: 'Administration',
    scope: 'staff:*',
    load: () => import('./staff.tsx'),
  },
];
