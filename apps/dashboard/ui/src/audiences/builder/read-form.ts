import { CAMPAIGN_PARTS, fieldOf } from '@carillon/core/audience/filter';
import {
  type CampaignNode,
  type ConditionNode,
  type Form,
  type FormNode,
  type FormOp,
  freshId,
  type GroupKind,
  type GroupNode,
  type RawNode,
  SHOWN_DEPTH,
  type ValueType,
} from './form.ts';
import { isListOp, opsOf, valueTypesOf } from './value-types.ts';

type Json = Readonly<Record<string, unknown>>;

/** A filter as the builder shows it. Never fails: what it has no fields for stays JSON. */
export function readForm(filter: Json): Form {
  const node = readNode(filter, 0);
  return { root: node.is === 'group' ? node : group('all', [node], true) };
}

function readNode(filter: Json, depth: number): FormNode {
  const [name, ...others] = Object.keys(filter);
  if (name === 'field' || others.length > 0)
    return readCondition(filter) ?? readCampaign(filter) ?? raw(filter);
  const value = filter[name ?? ''];
  if (name === 'audience' && typeof value === 'string')
    return { id: freshId(), is: 'audience', key: value, negated: false };
  if (name === 'not' && isObject(value)) {
    const { audience, any } = value;
    if (isOnly(value, 'audience') && typeof audience === 'string')
      return { id: freshId(), is: 'audience', key: audience, negated: true };
    if (depth >= SHOWN_DEPTH) return raw(filter);
    if (isOnly(value, 'any') && isObjects(any)) return group('none', readAll(any, depth));
    return group('none', [readNode(value, depth + 1)], true);
  }
  if ((name === 'all' || name === 'any') && isObjects(value) && depth < SHOWN_DEPTH)
    return group(name, readAll(value, depth));
  return raw(filter);
}

const readAll = (members: readonly Json[], depth: number): FormNode[] =>
  members.map((each) => readNode(each, depth + 1));

const group = (kind: GroupKind, members: FormNode[], bare = false): GroupNode => ({
  id: freshId(),
  is: 'group',
  kind,
  bare,
  members,
});

const raw = (filter: Json): RawNode => ({ id: freshId(), is: 'raw', filter });

/** Null for what is none, or of a part of the people that has no words here. */
function readCampaign({ campaign, is, ...others }: Json): CampaignNode | null {
  const part = CAMPAIGN_PARTS.find((each) => each === is);
  if (typeof campaign !== 'string' || part === undefined || Object.keys(others).length > 0) return null;
  return { id: freshId(), is: 'campaign', campaign, part };
}

/** Null for one whose field, operator or value has no fields here. */
function readCondition({ field, op, value, ...others }: Json): ConditionNode | null {
  if (typeof field !== 'string' || typeof op !== 'string' || Object.keys(others).length > 0) return null;
  if (fieldOf(field) === null) return null;
  const shown = op === 'within_days' && typeof value === 'number' && value < 0 ? 'in_next' : op;
  if (op === 'in_next' || !(opsOf(field) as readonly string[]).includes(shown)) return null;
  const of = { id: freshId(), is: 'condition', field, op: shown as FormOp } as const;
  const types = valueTypesOf(field, of.op);
  if (types[0] === 'none') return value === undefined ? { ...of, type: 'none', text: '', list: [] } : null;
  if (isListOp(of.op)) {
    if (!Array.isArray(value) || value.length === 0 || new Set(value.map(String)).size < value.length)
      return null;
    const type = types.find((each) => value.every((member) => textOf(member, each) !== null));
    return type === undefined ? null : { ...of, type, text: '', list: value.map(String) };
  }
  const type = types.find((each) => textOf(value, each) !== null);
  if (type === undefined) return null;
  const text = textOf(value, type)!;
  return { ...of, type, text: of.op === 'in_next' ? text.slice(1) : text, list: [] };
}

/** A value as it is typed; null for one that is of another type, or that nobody could type. */
function textOf(value: unknown, type: ValueType): string | null {
  switch (type) {
    case 'text':
    case 'time':
      return typeof value === 'string' && value !== '' ? value : null;
    case 'number':
    case 'days':
      return typeof value === 'number' ? String(value) : null;
    case 'yes_no':
      return typeof value === 'boolean' ? String(value) : null;
    default:
      return null;
  }
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isObjects = (value: unknown): value is readonly Json[] => Array.isArray(value) && value.every(isObject);
const isOnly = (value: Json, name: string): boolean =>
  Object.keys(value).length === 1 && Object.hasOwn(value, name);
