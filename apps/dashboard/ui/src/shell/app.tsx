import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { CarillonError, onLostSession } from '../api/call.ts';
import { SESSION_KEY } from '../api/session.tsx';
import { createAppRouter } from './router.tsx';
import { nonce, theme } from './theme.ts';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What was shown stays, marked as stale, while the API is away (elements/stale.tsx).
      retry: (count, error) => count < 2 && !(error instanceof CarillonError && (error.status ?? 500) < 500),
    },
    mutations: { retry: false },
  },
});
// The page stays mounted below the sign-in form, so that a draft is there after it.
onLostSession(() => queries.setQueryData(SESSION_KEY, null));
const router = createAppRouter();

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <QueryClientProvider client={queries}>
        <Notifications position="bottom-right" />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
