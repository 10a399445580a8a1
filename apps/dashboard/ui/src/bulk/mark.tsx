import type { BulkAction } from '@carillon/client/api-types';
import { Mark } from '../elements/mark.tsx';
import { STATES } from './verbs.ts';

export function BulkMark({ action: { status, dry_run } }: { action: BulkAction }) {
  if (dry_run) return <Mark tone="neutral">Counted</Mark>;
  return (
    <Mark tone={status === 'running' ? 'waiting' : status === 'done' ? 'good' : 'neutral'}>
      {STATES[status]}
    </Mark>
  );
}
