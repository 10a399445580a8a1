import { UNAVAILABLE_WORDS } from '@carillon/core/notification/wording';
import { Anchor, List, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { tenantHeaders } from '../api/call.ts';
import { useHere } from '../api/session.tsx';
import { PageFrame } from '../elements/page.tsx';
import { Meaning } from '../elements/words.tsx';

/** Looked through at most: a person who serves more apps knows which one is meant. */
const MOST_PLACES = 20;

/** No such message here: it may be of another app or environment, or be removed by retention. */
export function NotHere({ id }: { id: string }) {
  const { session, tenant } = useHere();
  const places = session.apps
    .flatMap(({ id: app, name, scopes }) =>
      (['live', 'test'] as const)
        .filter((environment) => scopes[environment].length > 0)
        .map((environment) => ({ app, name, environment })),
    )
    .filter(({ app, environment }) => app !== tenant.app || environment !== tenant.environment)
    .slice(0, MOST_PLACES);
  const query = useQuery({
    queryKey: ['elsewhere', id],
    queryFn: async ({ signal }) => {
      const found = await Promise.all(
        places.map(async (place) => {
          const answer = await fetch(`/api/v1/notifications/${encodeURIComponent(id)}`, {
            headers: tenantHeaders(place),
            signal,
          });
          return answer.ok ? [place] : [];
        }),
      );
      return found.flat();
    },
    retry: false,
  });
  return (
    <PageFrame title="There is no such message here">
      <Stack gap="sm">
        <Text>
          In this app and environment there is no message with the id <span className="mono">{id}</span>.
        </Text>
        {query.data && query.data.length > 0 ? (
          <List>
            {query.data.map(({ app, name, environment }) => (
              <List.Item key={app + environment}>
                <Anchor href={`/notifications/${id}?app=${app}&env=${environment}`}>
                  It is in {name}, {environment}
                </Anchor>
              </List.Item>
            ))}
          </List>
        ) : (
          <>
            <Text>Either the id is not complete, or the message is removed:</Text>
            <Meaning words={UNAVAILABLE_WORDS.purged} />
          </>
        )}
      </Stack>
    </PageFrame>
  );
}
