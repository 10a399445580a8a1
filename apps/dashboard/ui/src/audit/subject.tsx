import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';

/** What an entry is about. A notification leads to its page. */
export function Subject({ subject }: { subject: string }) {
  const [, id] = /^notification:([0-9a-f-]{36})$/.exec(subject) ?? [];
  if (id === undefined) return <span className="mono">{subject}</span>;
  return (
    <Anchor component={Link} to={`/notifications/${id}`} className="mono">
      {subject}
    </Anchor>
  );
}
