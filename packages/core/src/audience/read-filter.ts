import { categoryName, nameProblem } from '../provider/visible-text.ts';
import { type FieldError, ProblemError } from '../text/problem.ts';
import { show } from '../text/show.ts';
import {
  CAMPAIGN_PARTS,
  type CampaignPart,
  type Condition,
  FILTER_BOUNDS,
  FILTER_OPS,
  type Filter,
  type FilterOp,
  fieldOf,
  OPS_OF_KIND,
} from './filter.ts';
import { readValue } from './read-value.ts';

/** The longest key of an audience. */
export const MAX_AUDIENCE_KEY = 100;

/**
 * Reads a filter of a request, or finds all its faults, each with its path: `filter.all.1.value`.
 *
 * @param path of the filter in the request.
 * @returns the filter with addresses and times in canonical form.
 */
export function readFilter(
  value: unknown,
  path = 'filter',
): { filter: Filter } | { errors: readonly FieldError[] } {
  const reading: Reading = { errors: [], conditions: 0 };
  const filter = readNode(value, path, 0, reading);
  if (reading.conditions > FILTER_BOUNDS.conditions)
    reading.errors.push({
      path,
      message: `has ${reading.conditions} conditions; at most ${FILTER_BOUNDS.conditions}. Save a part of it as an audience and name that, or use one "in" with a list`,
    });
  return filter === null || reading.errors.length > 0 ? { errors: reading.errors } : { filter };
}

/** `readFilter`, but @throws ProblemError 422 with the faults. */
export function filterOf(value: unknown, path = 'filter'): Filter {
  const read = readFilter(value, path);
  if ('filter' in read) return read.filter;
  const [first] = read.errors;
  const more = read.errors.length > 1 ? ` (and ${read.errors.length - 1} more, see errors)` : '';
  throw new ProblemError('invalid_request', `${first!.path}: ${first!.message}${more}`, {
    errors: read.errors,
  });
}

interface Reading {
  errors: FieldError[];
  conditions: number;
}

/** The member that says what a node is, and what it may have beside. */
const KINDS = {
  all: [],
  any: [],
  not: [],
  audience: [],
  campaign: ['is'],
  field: ['op', 'value'],
} as const;
type Kind = keyof typeof KINDS;

const ONE_OF = 'give one of all, any, not, audience, campaign or field';
/** Faults that are listed; after that many a filter is not read further. */
const MAX_ERRORS = 20;

function readNode(value: unknown, path: string, depth: number, reading: Reading): Filter | null {
  const refuse = (message: string, at = path): null => {
    reading.errors.push({ path: at, message });
    return null;
  };
  if (reading.errors.length >= MAX_ERRORS) return null;
  if (value === undefined) return refuse('is missing; give a filter such as {"all": []} for everybody');
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse(`${show(value)} is not an object; ${ONE_OF}`);
  const node = value as Record<string, unknown>;
  const kinds = (Object.keys(KINDS) as Kind[]).filter((kind) => Object.hasOwn(node, kind));
  const [kind] = kinds;
  if (kind === undefined) return refuse(`${show(node)} says nothing; ${ONE_OF}`);
  if (kinds.length > 1)
    return refuse(`has ${kinds.join(' and ')}; ${ONE_OF}, and put the others beside it in an "all"`);
  const known: readonly string[] = [kind, ...KINDS[kind]];
  const unknown = Object.keys(node).find((name) => !known.includes(name));
  if (unknown !== undefined)
    return refuse(
      `there is no field "${unknown.slice(0, 64)}" here; beside "${kind}" there may be ${KINDS[kind].join(', ') || 'nothing'}`,
      `${path}.${unknown.slice(0, 64)}`,
    );
  if (kind === 'all' || kind === 'any' || kind === 'not') {
    if (depth >= FILTER_BOUNDS.depth)
      return refuse(`is nested too deeply; at most ${FILTER_BOUNDS.depth} groups within each other`);
    if (kind === 'not') {
      const inner = readNode(node.not, `${path}.not`, depth + 1, reading);
      return inner && { not: inner };
    }
    const members = readMembers(node[kind], kind, `${path}.${kind}`, depth + 1, reading);
    return members && (kind === 'all' ? { all: members } : { any: members });
  }
  reading.conditions += 1;
  if (kind === 'audience') return readAudience(node.audience, `${path}.audience`, reading);
  return kind === 'campaign' ? readCampaign(node, path, reading) : readCondition(node, path, reading);
}

function readMembers(
  value: unknown,
  kind: 'all' | 'any',
  path: string,
  depth: number,
  reading: Reading,
): Filter[] | null {
  const refuse = (message: string): null => {
    reading.errors.push({ path, message });
    return null;
  };
  if (!Array.isArray(value)) return refuse(`${show(value)} is not a list; give a list of conditions`);
  if (value.length === 0 && kind === 'any')
    return refuse('is empty and would match nobody; give a condition, or {"all": []} for everybody');
  if (value.length > FILTER_BOUNDS.conditions)
    return refuse(
      `has ${value.length} members; at most ${FILTER_BOUNDS.conditions}. Use one "in" with a list of values`,
    );
  const members = value.map((member, n) => readNode(member, `${path}.${n}`, depth, reading));
  return members.includes(null) ? null : (members as Filter[]);
}

function readAudience(key: unknown, path: string, { errors }: Reading): Filter | null {
  const problem =
    typeof key !== 'string' || key === ''
      ? 'is not the key of an audience'
      : key.length > MAX_AUDIENCE_KEY
        ? `is too long; at most ${MAX_AUDIENCE_KEY} characters`
        : key.isWellFormed()
          ? nameProblem(key)
          : 'has half a surrogate pair, which cannot be stored';
  if (problem === null) return { audience: key as string };
  errors.push({ path, message: `${show(key)} ${problem}` });
  return null;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function readCampaign(node: Record<string, unknown>, path: string, { errors }: Reading): Filter | null {
  const { campaign, is } = node;
  const before = errors.length;
  if (typeof campaign !== 'string' || !UUID.test(campaign))
    errors.push({ path: `${path}.campaign`, message: `${show(campaign)} is not the id of a campaign` });
  if (!CAMPAIGN_PARTS.includes(is as CampaignPart))
    errors.push({
      path: `${path}.is`,
      message: `${show(is)} is not one of ${CAMPAIGN_PARTS.join(', ')}`,
    });
  if (errors.length > before) return null;
  return { campaign: (campaign as string).toLowerCase(), is: is as CampaignPart };
}

/** A dot in a name of an attribute would be a path: names are made of what JSON allows, without control characters. */
const FIELD_NAMES =
  'give one of id, locale, time_zone, email, phone, push, created_at, attributes.<name> or category.<name>';

function readCondition(node: Record<string, unknown>, path: string, { errors }: Reading): Filter | null {
  const refuse = (at: string, message: string): null => {
    errors.push({ path: `${path}.${at}`, message });
    return null;
  };
  const { field, op } = node;
  if (typeof field !== 'string' || field.length > FILTER_BOUNDS.text)
    return refuse('field', `${show(field)} is not a field; ${FIELD_NAMES}`);
  if (!field.isWellFormed() || field.includes('\0'))
    return refuse('field', `${show(field)} has a character that no stored name can have; ${FIELD_NAMES}`);
  const at = fieldOf(field);
  if (at === null) return refuse('field', `${show(field)} is not a field; ${FIELD_NAMES}`);
  if (at.kind === 'category') {
    const problem = nameProblem(at.name);
    if (problem !== null) return refuse('field', `${show(field)} ${problem}`);
  }
  if (op === undefined) return refuse('op', `is missing; give one of ${OPS_OF_KIND[at.kind].join(', ')}`);
  const ops: readonly unknown[] = OPS_OF_KIND[at.kind];
  if (!ops.includes(op)) {
    const isKnown = (FILTER_OPS as readonly unknown[]).includes(op);
    return refuse(
      'op',
      isKnown
        ? `"${op}" does not go with ${field.slice(0, 64)}; give one of ${ops.join(', ')}`
        : `${show(op)} is not an operator; give one of ${ops.join(', ')}`,
    );
  }
  const name = at.kind === 'category' ? `category.${categoryName(at.name)}` : field;
  const condition: Condition = { field: name, op: op as FilterOp };
  if (op === 'exists' || op === 'not_exists') {
    if (node.value === undefined) return condition;
    return refuse('value', `${show(node.value)} has no meaning beside ${op}; leave it out`);
  }
  const read = readValue(at, op as FilterOp, node.value);
  if ('value' in read) return { ...condition, value: read.value };
  return refuse(read.at === undefined ? 'value' : `value.${read.at}`, read.problem);
}
