import type { Suppression, SuppressionEvidence } from '@carillon/client/api-types';
import { Button, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { call } from '../api/call.ts';
import { useHere } from '../api/session.tsx';
import { CodeBlock } from '../elements/copy.tsx';
import { Loading } from '../elements/data-table.tsx';
import { Facts } from '../elements/facts.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { Time } from '../elements/time.tsx';
import { EVIDENCE_WORDS } from './words.ts';

type Hashed = Pick<Suppression, 'channel' | 'address_hash'>;

/** One suppression with what made a provider's word cause it. */
export function useSuppression({ channel, address_hash }: Hashed) {
  const { tenant } = useHere();
  return useQuery({
    queryKey: [tenant.app, tenant.environment, 'suppression', channel, address_hash],
    queryFn: ({ signal }) => call('getSuppression', { path: { channel, address_hash } }, { signal }),
  });
}

/** The provider's own words, fetched when they are shown. */
export function Evidence({ of }: { of: Hashed }) {
  const query = useSuppression(of);
  if (query.isPending) return <Loading />;
  if (query.isError) return <ProblemAlert error={query.error} retry={() => void query.refetch()} />;
  return <EvidenceView evidence={query.data.evidence} />;
}

export function EvidenceView({ evidence }: { evidence: SuppressionEvidence }) {
  const [isWhole, { toggle }] = useDisclosure();
  const { state, source, provider, at, code, text, notification_id: id, receipt } = evidence;
  if (state !== 'kept') return <Text size="sm">{EVIDENCE_WORDS[state]}</Text>;
  return (
    <Stack gap="xs">
      <Facts
        facts={[
          ['Said by', `${provider}, ${source === 'receipt' ? 'in a report' : 'in the answer to the call'}`],
          ['At', <Time key="at" at={at} />],
          code === null
            ? null
            : [
                'Code',
                <span key="code" className="mono">
                  {code}
                </span>,
              ],
          ['In its words', text ?? <span className="dim">It gave no text.</span>],
          id === null
            ? null
            : [
                'About the message',
                <Link key="id" to="/notifications/$id" params={{ id } as never} className="mono">
                  {id}
                </Link>,
              ],
        ]}
      />
      {receipt !== null && (
        <>
          <div>
            <Button variant="default" size="xs" onClick={toggle} aria-expanded={isWhole}>
              {isWhole ? 'Hide the report' : 'Show the whole report'}
            </Button>
          </div>
          {isWhole && <CodeBlock text={JSON.stringify(receipt, null, 2)} label="the report" />}
        </>
      )}
    </Stack>
  );
}
