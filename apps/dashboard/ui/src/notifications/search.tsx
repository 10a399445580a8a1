import type { SearchHit } from '@carillon/client/api-types';
import { SUPPRESSION_WORDS, type Words } from '@carillon/core/notification/wording';
import { Anchor, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, Navigate } from '@tanstack/react-router';
import { call } from '../api/call.ts';
import { useHere } from '../api/session.tsx';
import { Loading } from '../elements/data-table.tsx';
import { Empty } from '../elements/empty.tsx';
import { useFilters } from '../elements/filters.ts';
import { Mark } from '../elements/mark.tsx';
import { PageFrame } from '../elements/page.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { Time } from '../elements/time.tsx';
import { Meaning, StateMark } from '../elements/words.tsx';
import './message.css';
import { recipientOf } from './recipient-of.ts';

/** What the search box found. The id of one message leads straight to it. */
export default function SearchPage() {
  const [{ q = '' }] = useFilters(['q']);
  const { tenant } = useHere();
  const query = useQuery({
    queryKey: [tenant.app, tenant.environment, 'search', q],
    queryFn: ({ signal }) => call('search', { query: { q } }, { signal }),
    enabled: q !== '',
  });
  const hits = query.data?.data ?? [];
  const [only] = hits;
  if (hits.length === 1 && only?.kind === 'notification')
    return <Navigate to={`/notifications/${only.id}`} replace />;
  return (
    <PageFrame title={q === '' ? 'Search' : `Search: ${q}`}>
      {query.isError && <ProblemAlert error={query.error} retry={() => void query.refetch()} />}
      {query.isLoading && <Loading />}
      {query.data && hits.length === 0 && (
        <Empty title="Nothing has this name">
          In this app and environment there is no message, recipient, key or template of this name. Look
          whether the environment is the right one; beginnings work only for recipients and templates.
        </Empty>
      )}
      {q === '' && (
        <Text>
          The box above takes the id of a message, an e-mail address or phone number in any spelling, the id
          of a recipient, a provider's message id, an idempotency key, or the key of a template.
        </Text>
      )}
      {hits.length > 0 && (
        <ul aria-label="What was found" className="hits">
          {hits.map((hit) => (
            <li key={`${hit.kind} ${hit.id}`} className="card-row">
              <Hit hit={hit} typed={q} />
            </li>
          ))}
        </ul>
      )}
      {query.data?.more && (
        <Text size="sm" className="dim">
          There is more than is shown here; open the list of all messages of an address or a recipient.
        </Text>
      )}
    </PageFrame>
  );
}

function Hit({ hit, typed }: { hit: SearchHit; typed: string }) {
  const { kind, id, because, notification, suppression } = hit;
  switch (kind) {
    case 'notification':
      return (
        <Found because={because}>
          <Anchor component={Link} to={`/notifications/${id}`}>
            {notification ? `Message to ${recipientOf(notification)}` : 'Message'}
          </Anchor>
          {notification && (
            <>
              <StateMark state={notification.status} />
              <Text size="sm">
                {notification.channel}
                {notification.template !== null && `, ${notification.template}`}
              </Text>
              <Text size="sm" component="span">
                <Time at={notification.created_at} />
              </Text>
            </>
          )}
        </Found>
      );
    case 'address':
      return (
        <Found because={`${because}; the list has what recipients got who have it now, too`}>
          <Anchor component={Link} to="/notifications" search={{ address: typed } as never}>
            All messages to {id}
          </Anchor>
        </Found>
      );
    case 'suppression':
      return (
        <Found because={because}>
          <Mark tone="bad">Address is blocked</Mark>
          <Anchor component={Link} to="/suppressions" search={{ address: typed } as never}>
            {id}
          </Anchor>
          {suppression && <Meaning words={wordsOf(suppression.reason)} />}
        </Found>
      );
    case 'recipient':
      return (
        <Found because={because}>
          <Anchor component={Link} to={`/recipients/${encodeURIComponent(id)}`}>
            Recipient {id}
          </Anchor>
          <Anchor component={Link} to="/notifications" search={{ recipient_id: id } as never} size="sm">
            its messages
          </Anchor>
        </Found>
      );
    case 'template':
      return (
        <Found because={because}>
          <Anchor component={Link} to={`/templates/${encodeURIComponent(id)}`}>
            Template {id}
          </Anchor>
          <Anchor component={Link} to="/notifications" search={{ template: id } as never} size="sm">
            its messages
          </Anchor>
        </Found>
      );
  }
}

function Found({ because, children }: { because: string; children: React.ReactNode }) {
  return (
    <>
      <Group gap="sm" style={{ overflowWrap: 'anywhere' }}>
        {children}
      </Group>
      <Text size="xs" className="dim">
        Found because {because}
      </Text>
    </>
  );
}

const wordsOf = (reason: string): Words =>
  SUPPRESSION_WORDS[reason as keyof typeof SUPPRESSION_WORDS] ?? SUPPRESSION_WORDS.manual;
