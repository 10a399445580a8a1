import type { WebhookEndpoint } from '@carillon/client/api-types';
import { Anchor, Button, Group, Stack, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { CarillonError, call } from '../api/call.ts';
import { useHere, useMay } from '../api/session.tsx';
import { ConfirmButton } from '../elements/confirm.tsx';
import { Copyable } from '../elements/copy.tsx';
import { Loading } from '../elements/data-table.tsx';
import { Empty } from '../elements/empty.tsx';
import { Facts } from '../elements/facts.tsx';
import { PageFrame } from '../elements/page.tsx';
import { ProblemAlert, showErrors } from '../elements/problem.tsx';
import { Time } from '../elements/time.tsx';
import { Deliveries } from './deliveries.tsx';
import { EndpointFields, type EndpointValues, fieldsOf } from './endpoint-fields.tsx';
import { Replay } from './replay.tsx';
import { RotateSecret } from './rotate-secret.tsx';
import { EndpointMark } from './state.tsx';

export default function EndpointPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { tenant } = useHere();
  const may = useMay();
  const query = useQuery({
    queryKey: [tenant.app, tenant.environment, 'webhook', id],
    queryFn: ({ signal }) => call('getWebhookEndpoint', { path: { id } }, { signal }),
  });
  const endpoint = query.data;
  return (
    <PageFrame
      title="Webhook endpoint"
      actions={
        endpoint &&
        may('webhooks:*') && (
          <>
            <EnableButton endpoint={endpoint} />
            <Replay id={id} />
            <RotateSecret id={id} />
          </>
        )
      }
    >
      <Anchor component={Link} to="/webhooks" size="sm">
        All endpoints
      </Anchor>
      {query.isPending ? (
        <Loading />
      ) : endpoint === undefined ? (
        query.error instanceof CarillonError && query.error.status === 404 ? (
          <Empty title="There is no such endpoint">
            It belongs to another app or environment, or was removed.
          </Empty>
        ) : (
          <ProblemAlert error={query.error} retry={() => void query.refetch()} />
        )
      ) : (
        <>
          <About endpoint={endpoint} />
          {may('webhooks:*') && <Change key={endpoint.updated_at} endpoint={endpoint} />}
          <Stack gap="sm" component="section">
            <Title order={2}>Deliveries</Title>
            <Deliveries id={id} />
          </Stack>
          {may('webhooks:*') && <Remove id={id} />}
        </>
      )}
    </PageFrame>
  );
}

function About({ endpoint }: { endpoint: WebhookEndpoint }) {
  return (
    <Facts
      facts={[
        ['Address', <Copyable key="url" text={endpoint.url} label="the address" />],
        endpoint.description === null ? null : ['Remark', endpoint.description],
        ['State', <EndpointMark key="state" endpoint={endpoint} />],
        endpoint.disabled_at === null ? null : ['Disabled', <Time key="at" at={endpoint.disabled_at} />],
        endpoint.disabled_reason === null ? null : ['Because', endpoint.disabled_reason],
        endpoint.failing_since === null
          ? null
          : [
              'Failing since',
              <span key="failing">
                <Time at={endpoint.failing_since} />, after five days of it the endpoint is disabled
              </span>,
            ],
        ['Events', endpoint.event_types.length === 0 ? 'every event' : endpoint.event_types.join(', ')],
        endpoint.previous_secret_until === null
          ? null
          : ['Earlier secret signs until', <Time key="secret" at={endpoint.previous_secret_until} />],
        ['Registered', <Time key="created" at={endpoint.created_at} />],
      ]}
    />
  );
}

function EnableButton({ endpoint: { id, enabled } }: { endpoint: WebhookEndpoint }) {
  const queries = useQueryClient();
  return (
    <ConfirmButton
      label={enabled ? 'Disable' : 'Enable'}
      title={enabled ? 'Disable this endpoint' : 'Enable this endpoint'}
      confirm={enabled ? 'Disable it' : 'Enable it'}
      done={enabled ? 'The endpoint gets nothing any more.' : 'The endpoint gets events again.'}
      action={async () => {
        await call('patchWebhookEndpoint', { path: { id }, body: { enabled: !enabled } });
        await queries.invalidateQueries();
      }}
    >
      {enabled
        ? 'It gets no event any more. Those that happen meanwhile can be replayed once it is enabled again.'
        : 'It gets events again, from now on. What failed before is forgiven; replay what it missed.'}
    </ConfirmButton>
  );
}

function Change({ endpoint }: { endpoint: WebhookEndpoint }) {
  const [opened, setOpened] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const queries = useQueryClient();
  const form = useForm<EndpointValues>({
    mode: 'controlled',
    initialValues: {
      url: endpoint.url,
      description: endpoint.description ?? '',
      event_types: endpoint.event_types,
    },
  });
  if (!opened)
    return (
      <div>
        <Button variant="default" onClick={() => setOpened(true)}>
          Change
        </Button>
      </div>
    );
  const submit = form.onSubmit(async (values) => {
    setError(null);
    try {
      await call('patchWebhookEndpoint', { path: { id: endpoint.id }, body: fieldsOf(values) });
      await queries.invalidateQueries();
      notifications.show({ message: 'The endpoint is changed.' });
      setOpened(false);
    } catch (failure) {
      if (!showErrors(form, failure)) setError(failure);
    }
  });
  return (
    <form onSubmit={submit}>
      <Stack maw="40rem">
        <EndpointFields form={form} />
        {error !== null && <ProblemAlert error={error} />}
        <Group>
          <Button type="submit" loading={form.submitting}>
            Save
          </Button>
          <Button variant="default" onClick={() => setOpened(false)}>
            Leave it
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Remove({ id }: { id: string }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return (
    <div>
      <ConfirmButton
        label="Remove this endpoint"
        color="red"
        variant="outline"
        danger
        title="Remove this endpoint"
        confirm="Remove it"
        done="The endpoint is removed."
        action={async () => {
          await call('deleteWebhookEndpoint', { path: { id } });
          await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[2] === 'webhooks' });
          await navigate({ to: '/webhooks' as never });
        }}
      >
        What was not delivered to it yet is dropped, and its secret is gone.
      </ConfirmButton>
    </div>
  );
}
