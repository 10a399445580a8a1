import type { CampaignPart } from '@carillon/core/audience/filter';

/** Of the people of a campaign. */
export const PARTS: Readonly<Record<CampaignPart, string>> = {
  not_made: 'who have not had it',
  failed: 'for whom it failed',
  joined_since: 'who joined since',
};

/** A filter as one line; deeper groups in brackets. */
export function filterWords(filter: Readonly<Record<string, unknown>>): string {
  for (const [group, between] of [
    ['all', ' and '],
    ['any', ' or '],
  ] as const) {
    const members = filter[group];
    if (!Array.isArray(members)) continue;
    if (members.length === 0) return group === 'all' ? 'everybody' : 'nobody';
    const parts = members.map((each: Record<string, unknown>) => {
      const text = filterWords(each);
      return 'all' in each || 'any' in each ? `(${text})` : text;
    });
    return parts.join(between);
  }
  if (filter['not'] !== undefined) return `not (${filterWords(filter['not'] as Record<string, unknown>)})`;
  if (filter['audience'] !== undefined) return `audience ${String(filter['audience'])}`;
  if (filter['campaign'] !== undefined)
    return `of another campaign, ${PARTS[filter['is'] as CampaignPart] ?? String(filter['is'])}`;
  if (filter['field'] === undefined) return 'a part of a filter';
  const { field, op, value } = filter;
  if (op === 'within_days' && typeof value === 'number')
    return `${String(field)} ${OP_WORDS[value < 0 ? 'in_next' : op]} ${Math.abs(value)} days`;
  const shown = value === undefined ? '' : ` ${Array.isArray(value) ? value.join(', ') : String(value)}`;
  return `${String(field)} ${OP_WORDS[String(op)] ?? String(op)}${shown}`;
}

export const OP_WORDS: Readonly<Record<string, string>> = {
  eq: 'is',
  ne: 'is not',
  in: 'is one of',
  not_in: 'is none of',
  lt: 'is less than',
  lte: 'is at most',
  gt: 'is more than',
  gte: 'is at least',
  exists: 'is there',
  not_exists: 'is not there',
  contains: 'contains',
  starts_with: 'begins with',
  before: 'is before',
  after: 'is after',
  within_days: 'is in the last',
  in_next: 'is in the next',
};
