import type { NotificationContent } from '@carillon/client/api-types';
import { OUTCOME_WORDS, UNAVAILABLE_WORDS } from '@carillon/core/notification/wording';
import { Alert, Button, Group, Stack, Tabs, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/call.ts';
import { useHere, useMay } from '../api/session.tsx';
import { Loading } from '../elements/data-table.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { Meaning, WordsMark } from '../elements/words.tsx';
import { ContentView } from './content-view.tsx';

/** What was sent. It is asked for by a button, because each reading is recorded. */
export function Sent({ id }: { id: string }) {
  const may = useMay();
  const { tenant } = useHere();
  const [wanted, setWanted] = useState(false);
  const query = useQuery({
    queryKey: [tenant.app, tenant.environment, 'content', id],
    queryFn: ({ signal }) => call('getNotificationContent', { path: { id } }, { signal }),
    enabled: wanted,
    staleTime: 60_000,
  });
  return (
    <Stack component="section" gap="sm" aria-label="What was sent">
      <Title order={2}>What was sent</Title>
      {!may('content:read') ? (
        <Hidden reason="not_permitted" />
      ) : !wanted ? (
        <Group gap="sm">
          <Button variant="default" onClick={() => setWanted(true)}>
            Show what was sent
          </Button>
          <Text size="sm" className="dim">
            Each reading is recorded in the audit log.
          </Text>
        </Group>
      ) : query.isError ? (
        <ProblemAlert error={query.error} retry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <Loading />
      ) : (
        <Contents content={query.data} />
      )}
    </Stack>
  );
}

export function Hidden({ reason }: { reason: keyof typeof UNAVAILABLE_WORDS }) {
  const words = UNAVAILABLE_WORDS[reason];
  return (
    <Alert color="gray" variant="outline" title={words.title}>
      <Meaning words={words} />
    </Alert>
  );
}

function Contents({ content: { unavailable, contents } }: { content: NotificationContent }) {
  if (unavailable !== null) return <Hidden reason={unavailable.reason} />;
  const [first] = contents;
  if (first === undefined) return <Text size="sm">There is nothing to show.</Text>;
  return (
    <Tabs defaultValue={first.channel} keepMounted={false}>
      {contents.length > 1 && (
        <Tabs.List>
          {contents.map(({ channel }) => (
            <Tabs.Tab key={channel} value={channel}>
              {channel}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      )}
      {contents.map((each) => (
        <Tabs.Panel key={each.channel} value={each.channel} pt={contents.length > 1 ? 'sm' : 0}>
          <Stack gap="sm">
            <Group gap="xs">
              <Text size="sm">
                {each.attempt_id === null ? 'As it will be sent' : `As ${each.provider} got it`}
              </Text>
              {each.outcome !== null && <WordsMark words={OUTCOME_WORDS[each.outcome]} />}
            </Group>
            <ContentView content={each} />
          </Stack>
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
