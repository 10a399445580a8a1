import type { LoggedRequest } from '@carillon/client/api-types';
import { List, Stack, Text } from '@mantine/core';
import { CodeBlock, Copyable } from '../elements/copy.tsx';
import { curlOf } from '../elements/empty.tsx';
import { Facts } from '../elements/facts.tsx';
import { duration } from '../elements/quantities.ts';
import { Time } from '../elements/time.tsx';
import { Status } from './status.tsx';

/** One request: what was asked, what was answered, and the curl that asks the like. */
export function RequestDetails({ request, keyName }: { request: LoggedRequest; keyName: string }) {
  const { method, path, problem, body, more } = request;
  const hasBody = body !== null && body !== undefined;
  return (
    <Stack>
      <Facts
        facts={[
          ['When', <Time key="at" at={request.at} />],
          ['Key', keyName === request.key_id ? keyName : `${keyName} (${request.key_id})`],
          ['Answer', <Status key="status" status={request.status} />],
          ['Took', duration(request.duration_ms)],
          request.route === ''
            ? null
            : [
                'Route',
                <span key="route" className="mono">
                  {request.route}
                </span>,
              ],
          ['Request id', <Copyable key="request" text={request.request_id} label="the request id" />],
          more === 0 ? null : ['Alike', `${more} more of this kind within two seconds are not listed`],
        ]}
      />
      {problem !== null && (
        <section aria-label="The problem">
          <Text fw={600} size="sm">
            <span className="mono">{problem.code}</span>
          </Text>
          <Text size="sm">{problem.detail}</Text>
          {problem.errors !== null && problem.errors.length > 0 && (
            <List size="sm" mt="xs">
              {problem.errors.map(({ path: field, message }) => (
                <List.Item key={`${field} ${message}`}>
                  <span className="mono">{field}</span> {message}
                </List.Item>
              ))}
            </List>
          )}
        </section>
      )}
      <section aria-label="As curl">
        <Text fw={600} size="sm" mb={4}>
          As curl
        </Text>
        <CodeBlock text={curlOf(method, path, hasBody ? body : undefined)} label="the command" />
        <Text size="xs" className="dim" mt={4}>
          {hasBody || path.includes('...')
            ? 'What the request said is not kept: put values in the place of "..." and 0.'
            : 'As it was sent, with a key of yours.'}
          {!hasBody && method !== 'GET' && method !== 'DELETE' && ' The body is not kept.'}
        </Text>
      </section>
    </Stack>
  );
}
