import type { WebhookEndpoint } from '@carillon/client/api-types';
import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { call } from '../api/call.ts';
import { useMay } from '../api/session.tsx';
import { type Column, DataTable } from '../elements/data-table.tsx';
import { curlOf, Empty } from '../elements/empty.tsx';
import { PageFrame } from '../elements/page.tsx';
import { usePages } from '../elements/pages-query.ts';
import { Time } from '../elements/time.tsx';
import { NewEndpoint } from './new-endpoint.tsx';
import { EndpointMark } from './state.tsx';

export default function WebhooksPage() {
  const may = useMay();
  const list = usePages(['webhooks'], (_, signal) => call('listWebhookEndpoints', {}, { signal }));
  const columns: Column<WebhookEndpoint>[] = [
    {
      title: 'Address',
      cell: ({ id, url, description }) => (
        <div style={{ overflowWrap: 'anywhere', maxWidth: '30rem' }}>
          <Anchor component={Link} to="/webhooks/$id" params={{ id } as never}>
            {url}
          </Anchor>
          {description !== null && <div className="dim">{description}</div>}
        </div>
      ),
    },
    { title: 'State', cell: (endpoint) => <EndpointMark endpoint={endpoint} /> },
    {
      title: 'Events',
      cell: ({ event_types: types }) => (types.length === 0 ? 'every event' : `${types.length} of them`),
    },
    {
      title: 'Failing since',
      wideOnly: true,
      cell: ({ failing_since: since }) =>
        since === null ? <span className="dim">no</span> : <Time at={since} />,
    },
    { title: 'Since', wideOnly: true, cell: ({ created_at }) => <Time at={created_at} /> },
  ];
  return (
    <PageFrame
      title="Webhooks"
      description="Addresses that are sent signed events: what was delivered, failed, bounced or opened."
      actions={may('webhooks:*') && <NewEndpoint />}
    >
      <DataTable
        query={list}
        columns={columns}
        rowKey={({ id }) => id}
        label="Webhook endpoints"
        empty={
          <Empty
            title="There is no endpoint"
            curl={curlOf('POST', '/v1/webhook-endpoints', { url: 'https://example.com/carillon' })}
          >
            This app and environment announces its events to nobody. This registers one:
          </Empty>
        }
      />
    </PageFrame>
  );
}
