import { Button, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { lazy, Suspense } from 'react';
import { Loading } from '../elements/data-table.tsx';
import type { Filter } from '../notifications/filters.ts';

const BulkForm = lazy(() => import('./bulk-form.tsx'));

/** Retry, cancel or reschedule everything that meets a filter: first it is counted, then it is started. */
export function StartBulk({ filter }: { filter: Filter }) {
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" onClick={open}>
        Act on all of these
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title="Act on all messages of this list"
        closeButtonProps={{ 'aria-label': 'Close' }}
        size="lg"
      >
        <Suspense fallback={<Loading />}>
          <BulkForm filter={filter} close={close} />
        </Suspense>
      </Modal>
    </>
  );
}
