import type { Page } from '../page.ts';

export const pages: Page[] = [
  {
    path: '/templates',
    title: 'Templates',
    group: 'Content',
    scope: 'templates:read',
    load: () => import('./list.tsx'),
  },
  { path: '/templates/$key', title: 'Template', scope: 'templates:read', load: () => import('./editor.tsx') },
];
