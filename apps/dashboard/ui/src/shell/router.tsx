import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  retainSearchParams,
} from '@tanstack/react-router';
import { PAGES } from '../pages.ts';
import { ChoosePassword } from './choose-password.tsx';
import { HomePage } from './home.tsx';
import { NotFound, PageError } from './not-found.tsx';
import { Root } from './root.tsx';
import { parseSearch, type Search, writeSearch } from './search.ts';

/** Every page of the table, with its code loaded when it is opened. */
export function createAppRouter() {
  const root = createRootRoute({
    component: Root,
    notFoundComponent: NotFound,
    errorComponent: PageError,
    validateSearch: (search): Search => search as Search,
    // The app and the environment stay while one goes from page to page.
    search: { middlewares: [retainSearchParams(['app', 'env'] as never) as never] },
  });
  const routes = [
    createRoute({ getParentRoute: () => root, path: '/', component: HomePage }),
    createRoute({ getParentRoute: () => root, path: '/choose-password', component: ChoosePassword }),
    ...PAGES.map(({ path, load }) =>
      createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load) }),
    ),
  ];
  return createRouter({
    routeTree: root.addChildren(routes),
    defaultPreload: 'intent',
    scrollRestoration: true,
    parseSearch,
    stringifySearch: writeSearch,
  });
}
