import { Button, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { Fragment, useRef } from 'react';
import { ConditionLine, LineProblem, RawLine } from './condition.tsx';
import {
  type FormNode,
  GROUP_KINDS,
  type GroupKind,
  type GroupNode,
  newCondition,
  newGroup,
  SHOWN_DEPTH,
} from './form.ts';
import type { Placed } from './problems.ts';
import './group.css';

const KIND_WORDS: Readonly<Record<GroupKind, string>> = { all: 'All of', any: 'Any of', none: 'None of' };
const BETWEEN: Readonly<Record<GroupKind, string>> = { all: 'and', any: 'or', none: 'or' };

/** Conditions and further groups of which all, one or none must hold. */
export function GroupFields({
  node,
  place = '',
  depth = 0,
  added,
  placed,
  onChange,
}: {
  node: GroupNode;
  /** "2.1"; '' of the outermost. */
  place?: string;
  depth?: number;
  /** The id of the line that was added last: it takes the focus. */
  added: { current: string | null };
  placed: Placed;
  onChange(next: GroupNode | null): void;
}) {
  const add = useRef<HTMLButtonElement>(null);
  const put = (id: string, next: FormNode | null) => {
    const members = node.members.flatMap((each) => (each.id !== id ? [each] : next === null ? [] : [next]));
    onChange({ ...node, members });
    // What had the focus is gone.
    if (next === null) add.current?.focus();
  };
  const append = (member: FormNode, line: FormNode) => {
    added.current = line.id;
    onChange({ ...node, members: [...node.members, member] });
  };
  const name = place === '' ? 'Conditions' : `Group ${place}`;
  return (
    <fieldset className="filter-group" data-nested={depth > 0 || undefined} aria-label={name}>
      <Stack gap="sm">
        <Group gap="xs">
          <SegmentedControl
            size="xs"
            aria-label={`How ${place === '' ? 'the conditions' : `the conditions of group ${place}`} go together`}
            data={GROUP_KINDS.map((value) => ({ value, label: KIND_WORDS[value] }))}
            value={node.kind}
            onChange={(kind) => onChange({ ...node, kind: kind as GroupKind })}
          />
          {depth > 0 && (
            <Button
              size="compact-sm"
              variant="subtle"
              aria-label={`Remove the group ${place}`}
              onClick={() => onChange(null)}
            >
              Remove the group
            </Button>
          )}
        </Group>
        {node.members.length === 0 && (
          <Text size="sm" className="dim">
            {node.kind === 'all' ? 'No condition: everybody.' : 'No condition yet.'}
          </Text>
        )}
        {node.members.map((member, n) => {
          const own = place === '' ? `${n + 1}` : `${place}.${n + 1}`;
          const line = {
            place: own,
            isNew: added.current === member.id,
            problems: placed.get(member.id) ?? {},
            onChange: (next: FormNode | null) => put(member.id, next),
          };
          return (
            <Fragment key={member.id}>
              {n > 0 && (
                <Text size="xs" className="dim filter-between" aria-hidden>
                  {BETWEEN[node.kind]}
                </Text>
              )}
              {member.is === 'group' ? (
                <GroupFields
                  node={member}
                  place={own}
                  depth={depth + 1}
                  added={added}
                  placed={placed}
                  onChange={line.onChange}
                />
              ) : member.is === 'raw' ? (
                <RawLine {...line} node={member} />
              ) : (
                <ConditionLine {...line} node={member} />
              )}
            </Fragment>
          );
        })}
        {Object.values(placed.get(node.id) ?? {}).map((text) => (
          <LineProblem key={text} text={text} />
        ))}
        <Group gap="xs">
          <Button
            ref={add}
            size="compact-sm"
            variant="default"
            aria-label={place === '' ? 'Add a condition' : `Add a condition to group ${place}`}
            onClick={() => {
              const line = newCondition();
              append(line, line);
            }}
          >
            Add a condition
          </Button>
          {depth < SHOWN_DEPTH - 1 && (
            <Button
              size="compact-sm"
              variant="default"
              aria-label={place === '' ? 'Add a group' : `Add a group to group ${place}`}
              onClick={() => {
                const line = newCondition();
                append(newGroup(node.kind === 'any' ? 'all' : 'any', [line]), line);
              }}
            >
              Add a group
            </Button>
          )}
        </Group>
      </Stack>
    </fieldset>
  );
}
