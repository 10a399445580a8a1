import type { AuditEntry } from '@carillon/client/api-types';
import { Stack, Table, Text } from '@mantine/core';
import { CodeBlock } from '../elements/copy.tsx';
import { Facts } from '../elements/facts.tsx';
import { Time } from '../elements/time.tsx';
import './change.css';
import { Subject } from './subject.tsx';

/** A value of the log, in one line. */
export const shown = (value: unknown): string => {
  if (value === undefined) return '';
  if (value === null) return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
};

interface Changed {
  name: string;
  before: unknown;
  /** undefined: the entry does not say. */
  after: unknown;
}

function changesOf({ before, after }: AuditEntry): Changed[] {
  if (before === null) return [];
  return Object.entries(before).map(([name, value]) => ({ name, before: value, after: after?.[name] }));
}

const MOST = 3;

/** Whether the entry says more than who did what. */
export const says = ({ detail }: AuditEntry): boolean => Object.keys(detail).length > 0;

/** What was before and what is now; where the entry does not say, what it does say. */
export function Change({ entry }: { entry: AuditEntry }) {
  const changes = changesOf(entry);
  if (changes.length === 0) {
    const rest = Object.entries(entry.detail)
      .slice(0, MOST)
      .map(([name, value]) => `${name} ${shown(value)}`)
      .join(', ');
    return (
      <Text size="sm" className="dim" lineClamp={2}>
        {rest}
      </Text>
    );
  }
  return (
    <ul className="changes">
      {changes.slice(0, MOST).map((change) => (
        <li key={change.name}>
          <span className="dim">{change.name}</span> <OldAndNew change={change} />
        </li>
      ))}
      {changes.length > MOST && <li className="dim">and {changes.length - MOST} more</li>}
    </ul>
  );
}

function OldAndNew({ change: { before, after } }: { change: Changed }) {
  return (
    <>
      <del>{shown(before)}</del>
      {after !== undefined && (
        <>
          {' '}
          <ins>{shown(after)}</ins>
        </>
      )}
    </>
  );
}

export function EntryDetails({ entry }: { entry: AuditEntry }) {
  const changes = changesOf(entry);
  return (
    <Stack>
      <Facts
        facts={[
          ['When', <Time key="at" at={entry.at} />],
          ['Who', entry.actor],
          ['What', <Subject key="subject" subject={entry.subject} />],
          ['App', entry.app_id ?? 'none: it concerns the whole installation'],
          ['Entry', entry.id],
        ]}
      />
      {changes.length > 0 && (
        <Table.ScrollContainer minWidth={320} type="native">
          <Table aria-label="Before and after">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Member</Table.Th>
                <Table.Th>Before</Table.Th>
                <Table.Th>After</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {changes.map(({ name, before, after }) => (
                <Table.Tr key={name}>
                  <Table.Td>{name}</Table.Td>
                  <Table.Td>
                    <del>{shown(before)}</del>
                  </Table.Td>
                  <Table.Td>
                    {after === undefined ? <span className="dim">not said</span> : <ins>{shown(after)}</ins>}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <div>
        <Text size="sm" fw={600} mb={4}>
          As it was recorded
        </Text>
        <CodeBlock text={JSON.stringify(entry.detail, null, 2)} label="the detail" />
      </div>
    </Stack>
  );
}
