import type { Page } from '../page.ts';

export const pages: Page[] = [
  {
    path: '/compose',
    title: 'Send a message',
    group: 'Messages',
    scope: 'notifications:write',
    load: () => import('./compose.tsx'),
  },
];
