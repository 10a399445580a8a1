import type { AudienceWithUsers } from '@carillon/client/api-types';
import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';

/** The campaigns that have not started and the audiences that use an audience, as links. */
export function UsedBy({ of: { campaigns, audiences } }: { of: AudienceWithUsers['used_by'] }) {
  const users = [
    ...campaigns.map(({ id, name }) => ({ to: `/campaigns/${id}`, kind: 'campaign', name })),
    ...audiences.map((key) => ({ to: audiencePath(key), kind: 'audience', name: key })),
  ];
  if (users.length === 0) return <span className="dim">nothing yet</span>;
  return (
    <Text size="sm" component="div">
      {users.slice(0, SHOWN).map(({ to, kind, name }) => (
        <div key={to}>
          {kind}{' '}
          <Anchor component={Link} to={to}>
            {name}
          </Anchor>
        </div>
      ))}
      {users.length > SHOWN && <div>and {users.length - SHOWN} more</div>}
    </Text>
  );
}

const SHOWN = 5;

export const audiencePath = (key: string): string => `/audiences/${encodeURIComponent(key)}`;
