/**
 * The language in which people say whom they mean. A filter is true or false for each recipient, never unknown: what a
 * recipient does not have, or has as another type, does not match, and `ne`, `not_in`, `not_exists` and `not` are the
 * plain opposite. So "plan is not pro" includes those without a plan. Read from a request by read-filter.ts, evaluated
 * by matches.ts, and written as SQL by db/audiences.
 *
 * @typeParam Ref what a filter may name: saved audiences and campaigns in a request, their resolved forms later.
 */
export type Filter<Ref = AudienceRef> =
  | { all: Filter<Ref>[] }
  | { any: Filter<Ref>[] }
  | { not: Filter<Ref> }
  | Condition
  | Ref;

export interface Condition {
  field: string;
  op: FilterOp;
  /** As the operator and the field want it: absent for `exists`, a list for `in`. Addresses are in canonical form. */
  value?: FilterValue | FilterValue[];
}

export type FilterValue = string | number | boolean;

/** A saved audience by its key, or the people of a campaign. */
export type AudienceRef = { audience: string } | { campaign: string; is: CampaignPart };

/**
 * The people of a campaign: those planned for whom nothing was made (a holdout apart), those whose message failed or came
 * too late, and those who belong to its audience now and got nothing of it.
 */
export const CAMPAIGN_PARTS = ['not_made', 'failed', 'joined_since'] as const;
export type CampaignPart = (typeof CAMPAIGN_PARTS)[number];

export const FILTER_OPS = [
  'eq',
  'ne',
  'in',
  'not_in',
  'lt',
  'lte',
  'gt',
  'gte',
  'exists',
  'not_exists',
  'contains',
  'starts_with',
  'before',
  'after',
  'within_days',
] as const;
export type FilterOp = (typeof FILTER_OPS)[number];

/** Bounds of one filter, so that no request makes a statement of any size. */
export const FILTER_BOUNDS = {
  /** Groups within groups. */
  depth: 8,
  /** Conditions and named audiences in all. */
  conditions: 100,
  /** Values of `in` and `not_in`. */
  values: 1000,
  /** Characters of a text. */
  text: 512,
  /** Names of a path below `attributes`. */
  pathParts: 8,
  /** Days of `within_days`, back or ahead. */
  days: 3650,
} as const;

/** What a field is compared as. */
export type FieldKind = 'text' | 'email' | 'phone' | 'push' | 'time' | 'attribute' | 'category';

const FIELDS: Readonly<Record<string, FieldKind>> = {
  id: 'text',
  locale: 'text',
  time_zone: 'text',
  email: 'email',
  phone: 'phone',
  push: 'push',
  created_at: 'time',
};
const PRESENCE = ['exists', 'not_exists'] as const;
const EQUALITY = ['eq', 'ne', 'in', 'not_in'] as const;
const ORDER = ['lt', 'lte', 'gt', 'gte'] as const;
const TIME = ['before', 'after', 'within_days'] as const;

/** The operators of each kind of field. */
export const OPS_OF_KIND: Readonly<Record<FieldKind, readonly FilterOp[]>> = {
  text: [...EQUALITY, 'contains', 'starts_with', ...PRESENCE],
  email: [...EQUALITY, 'contains', 'starts_with', ...PRESENCE],
  phone: [...EQUALITY, 'starts_with', ...PRESENCE],
  push: PRESENCE,
  time: [...TIME, ...ORDER],
  attribute: FILTER_OPS,
  category: ['eq', 'ne'],
};

/** A field of a condition, taken apart. */
export type Field =
  | { kind: 'text'; column: 'id' | 'locale' | 'time_zone' }
  | { kind: 'email' | 'phone' | 'push' | 'time' }
  | { kind: 'attribute'; path: string[] }
  | { kind: 'category'; name: string };

/** Takes a field apart; null for one that does not exist. */
export function fieldOf(field: string): Field | null {
  if (field.startsWith('attributes.')) {
    const path = attributePath(field.slice('attributes.'.length));
    return path.length === 0 || path.length > FILTER_BOUNDS.pathParts || path.includes('')
      ? null
      : { kind: 'attribute', path };
  }
  if (field.startsWith('category.') && field.length > 'category.'.length)
    return { kind: 'category', name: field.slice('category.'.length) };
  const kind = Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
  if (kind === undefined) return null;
  if (kind === 'text') return { kind, column: field as 'id' | 'locale' | 'time_zone' };
  return { kind } as Field;
}

/** `address.city` is the member `city` of the object `address`; a dot that belongs to a name is written `\.`. */
function attributePath(text: string): string[] {
  return text.split(/(?<!\\)\./).map((part) => part.replaceAll('\\.', '.'));
}

/** The field of an attribute, by the names of its path. */
export function attributeField(path: readonly string[]): string {
  return `attributes.${path.map((part) => part.replaceAll('.', '\\.')).join('.')}`;
}

/** The operator that a negative one is the opposite of; null for the others. */
export function negatedOp(op: FilterOp): FilterOp | null {
  if (op === 'ne') return 'eq';
  if (op === 'not_in') return 'in';
  return op === 'not_exists' ? 'exists' : null;
}

/** The audiences and campaigns that a filter names, each once. */
export function refsOf(filter: Filter): AudienceRef[] {
  const refs = new Map<string, AudienceRef>();
  const visit = (node: Filter): void => {
    if ('all' in node) node.all.forEach(visit);
    else if ('any' in node) node.any.forEach(visit);
    else if ('not' in node) visit(node.not);
    else if ('audience' in node) refs.set(`audience ${node.audience}`, node);
    else if ('campaign' in node) refs.set(`campaign ${node.campaign} ${node.is}`, node);
  };
  visit(filter);
  return [...refs.values()];
}
