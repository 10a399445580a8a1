import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';

/** Broken only where it does not fit into a line of its own. */
export const Mono = ({ children }: { children: string }) => (
  <span className="mono" style={{ overflowWrap: 'break-word' }}>
    {children}
  </span>
);

/** A notification leads to its page. */
export function Subject({ subject }: { subject: string }) {
  const [, id] = /^notification:([0-9a-f-]{36})$/.exec(subject) ?? [];
  if (id === undefined) return <Mono>{subject}</Mono>;
  return (
    <Anchor component={Link} to={`/notifications/${id}`} className="mono">
      {subject}
    </Anchor>
  );
}
