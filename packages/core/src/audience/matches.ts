import { type CategoryRule, type Wishes, wantsCategory } from '../recipient/preferences.ts';
import {
  type Condition,
  type Field,
  type Filter,
  type FilterOp,
  type FilterValue,
  fieldOf,
  negatedOp,
} from './filter.ts';
import { timeOfText } from './time-text.ts';

/**
 * What a filter names, once it was looked up: a list by the id of its audience, or the people of a campaign, for
 * `joined_since` with the audience of that campaign.
 */
export type ResolvedRef =
  | { list: string }
  | { campaign: string; is: 'not_made' | 'failed' }
  | { campaign: string; is: 'joined_since'; audience: ResolvedFilter };
/** A filter in which every named audience was replaced by its filter or its list. */
export type ResolvedFilter = Filter<ResolvedRef>;

/** What a filter asks about a recipient. */
export interface Person {
  id: string;
  locale: string | null;
  timeZone: string | null;
  createdAt: Date;
  attributes: unknown;
  /** Enabled ones. */
  emails: readonly string[];
  phones: readonly string[];
  /** Whether there is an enabled device. */
  hasPush: boolean;
  /** What they said about categories; null without preferences. */
  categories: Wishes | null;
  /** The ids of the lists that they are in. */
  lists: readonly string[];
  /** What became of them in campaigns, by its id; nothing of those that they were not planned for. */
  campaigns?: Readonly<Record<string, 'made' | 'failed' | 'not_made' | 'holdout'>>;
}

export interface FilterFacts {
  now: Date;
  ruleOf(category: string): CategoryRule;
}

/**
 * Whether a filter matches a recipient. The statement that db/audiences makes of a filter selects exactly the recipients
 * of whom this is true: a property test compares the two.
 */
export function matches(filter: ResolvedFilter, person: Person, facts: FilterFacts): boolean {
  if ('all' in filter) return filter.all.every((each) => matches(each, person, facts));
  if ('any' in filter) return filter.any.some((each) => matches(each, person, facts));
  if ('not' in filter) return !matches(filter.not, person, facts);
  if ('list' in filter) return person.lists.includes(filter.list);
  if ('campaign' in filter) {
    const became = person.campaigns?.[filter.campaign];
    if (filter.is !== 'joined_since') return became === filter.is;
    return became === undefined && matches(filter.audience, person, facts);
  }
  const { op, value } = filter;
  const positive = negatedOp(op);
  if (positive !== null) return !matches({ ...filter, op: positive }, person, facts);
  const field = fieldOf(filter.field);
  if (field === null) return false;
  return holds(field, op, value, person, facts);
}

function holds(
  field: Field,
  op: FilterOp,
  value: Condition['value'],
  person: Person,
  facts: FilterFacts,
): boolean {
  switch (field.kind) {
    case 'text': {
      const own = { id: person.id, locale: person.locale, time_zone: person.timeZone }[field.column];
      if (field.column === 'id') return ofText(own, op, value);
      // Tags and names of zones mean the same in either case.
      return ofText(own?.toLowerCase(), op, lowered(value));
    }
    case 'email':
      return op === 'exists'
        ? person.emails.length > 0
        : person.emails.some((email) => ofText(email.toLowerCase(), op, lowered(value)));
    case 'phone':
      return op === 'exists'
        ? person.phones.length > 0
        : person.phones.some((phone) => ofText(phone, op, value));
    case 'push':
      return person.hasPush;
    case 'time':
      return ofTime(person.createdAt.getTime(), op, value, facts.now);
    case 'category':
      return getsCategory(person.categories, field.name, facts.ruleOf(field.name)) === value;
    case 'attribute':
      return ofAttribute(at(person.attributes, field.path), op, value, facts.now);
  }
}

function ofText(own: string | null | undefined, op: FilterOp, value: Condition['value']): boolean {
  if (own === null || own === undefined) return false;
  if (op === 'exists') return true;
  if (op === 'in') return (value as FilterValue[]).includes(own);
  if (op === 'contains') return own.includes(value as string);
  return op === 'starts_with' ? own.startsWith(value as string) : own === value;
}

function lowered(value: Condition['value']): Condition['value'] {
  if (Array.isArray(value)) return value.map((each) => lowered(each) as FilterValue);
  return typeof value === 'string' ? value.toLowerCase() : value;
}

/** A list only has elements (`contains`); a path leads through objects. Null is nothing. */
function ofAttribute(own: unknown, op: FilterOp, value: Condition['value'], now: Date): boolean {
  if (own === undefined || own === null) return false;
  switch (op) {
    case 'exists':
      return true;
    case 'in':
      return (value as unknown[]).includes(own);
    case 'contains':
      return Array.isArray(own)
        ? own.includes(value)
        : typeof own === 'string' && typeof value === 'string' && own.includes(value);
    case 'starts_with':
      return typeof own === 'string' && own.startsWith(value as string);
    case 'before':
    case 'after':
    case 'within_days': {
      const time = typeof own === 'string' ? timeOfText(own) : null;
      return time !== null && ofTime(time, op, value, now);
    }
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return typeof own === 'number' && typeof value === 'number' && ofOrder(own, op, value);
    default:
      return own === value;
  }
}

const DAY_MS = 86_400_000;

function ofTime(own: number, op: FilterOp, value: Condition['value'], now: Date): boolean {
  if (op === 'within_days') {
    const edge = now.getTime() - (value as number) * DAY_MS;
    return own >= Math.min(edge, now.getTime()) && own <= Math.max(edge, now.getTime());
  }
  const time = Date.parse(value as string);
  if (op === 'before') return own < time;
  return op === 'after' ? own >= time : ofOrder(own, op, time);
}

function ofOrder(own: number, op: FilterOp, value: number): boolean {
  if (op === 'lt') return own < value;
  if (op === 'lte') return own <= value;
  return op === 'gt' ? own > value : own >= value;
}

function at(attributes: unknown, path: readonly string[]): unknown {
  let own = attributes;
  for (const name of path) {
    if (typeof own !== 'object' || own === null || Array.isArray(own) || !Object.hasOwn(own, name))
      return undefined;
    own = (own as Record<string, unknown>)[name];
  }
  return own;
}

/**
 * Whether a person gets a category on at least one channel by what they said about it, or else by its default. What they
 * said about a channel as a whole does not count here: reachability does that.
 */
export function getsCategory(
  said: Wishes | null,
  category: string,
  { defaultOn, locked }: CategoryRule,
): boolean {
  return locked || wantsCategory(said ?? {}, category, defaultOn);
}
