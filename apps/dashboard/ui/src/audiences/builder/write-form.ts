import { FILTER_BOUNDS } from '@carillon/core/audience/filter';
import { timeOfText } from '@carillon/core/audience/time-text';
import type { ConditionNode, Form, FormNode, GroupNode, ValueType } from './form.ts';
import { isListOp } from './value-types.ts';

export interface Written {
  /** As the API takes it. */
  filter: Record<string, unknown>;
  /** The path of the filter in the request. */
  base: string;
  /** What is not finished. The API is not asked while there is something. */
  problems: Problem[];
  /** The path of each node in the request, by its id; outer ones first. */
  places: ReadonlyMap<string, string>;
}

/** As the API reports them. */
export interface Problem {
  path: string;
  message: string;
  /** Something was not given yet: shown once the form is sent. */
  isMissing?: boolean;
}

/**
 * The filter of a form.
 *
 * @param path of the filter in the request.
 */
export function writeForm({ root }: Form, path = 'filter'): Written {
  const writing: Writing = { problems: [], places: new Map() };
  return { base: path, filter: writeNode(root, path, writing), ...writing };
}

interface Writing {
  problems: Problem[];
  places: Map<string, string>;
}

function writeNode(node: FormNode, path: string, writing: Writing): Record<string, unknown> {
  writing.places.set(node.id, path);
  if (node.is === 'group') return writeGroup(node, path, writing);
  if (node.is === 'raw') return node.filter;
  if (node.is === 'condition') return writeCondition(node, path, writing.problems);
  if (node.is === 'campaign') {
    if (node.campaign === '')
      writing.problems.push({ path: `${path}.campaign`, message: 'Choose a campaign.', isMissing: true });
    return { campaign: node.campaign, is: node.part };
  }
  const at = node.negated ? `${path}.not.audience` : `${path}.audience`;
  if (node.key === '') writing.problems.push({ path: at, message: 'Choose an audience.', isMissing: true });
  return node.negated ? { not: { audience: node.key } } : { audience: node.key };
}

function writeGroup(
  { kind, bare, members }: GroupNode,
  path: string,
  writing: Writing,
): Record<string, unknown> {
  const [only] = members;
  const isBare = bare && members.length === 1 && kind !== 'any';
  if (isBare && kind === 'all') return writeNode(only!, path, writing);
  if (isBare) return { not: writeNode(only!, `${path}.not`, writing) };
  const list = kind === 'none' ? 'not.any' : kind;
  if (members.length === 0 && kind !== 'all')
    writing.problems.push({
      path: `${path}.${list}`,
      message: 'Add a condition, or remove the group.',
      isMissing: true,
    });
  const written = members.map((each, n) => writeNode(each, `${path}.${list}.${n}`, writing));
  return kind === 'none' ? { not: { any: written } } : { [kind]: written };
}

function writeCondition(node: ConditionNode, path: string, problems: Problem[]): Record<string, unknown> {
  const { field, op, type, text, list } = node;
  const refuse = (at: string, message: string, isMissing: boolean) =>
    problems.push({ path: `${path}.${at}`, message, ...(isMissing && { isMissing }) });
  if (field === '') refuse('field', 'Choose a field.', true);
  else if (field === 'attributes.' || field === 'category.') refuse('field', 'Write its name.', true);
  if (type === 'none') return { field, op };
  if (isListOp(op)) {
    if (list.length === 0) refuse('value', 'Give one value at least.', true);
    for (const [n, each] of list.entries()) {
      const problem = problemOf(each, type);
      if (problem !== null) refuse(`value.${n}`, problem, each === '');
    }
    return { field, op, value: list.map((each) => meantBy(each, type)) };
  }
  const problem = problemOf(text, type);
  if (problem !== null) refuse('value', problem, text === '');
  const value = meantBy(text, type);
  if (op !== 'in_next') return { field, op, value };
  return { field, op: 'within_days', value: typeof value === 'number' ? -value : value };
}

/** What is typed as the value that is meant; as it is typed where it is none. */
function meantBy(text: string, type: ValueType): string | number | boolean {
  if ((type === 'number' || type === 'days') && isNumber(text)) return Number(text);
  return type === 'yes_no' ? text === 'true' : text;
}

function problemOf(text: string, type: ValueType): string | null {
  if (type === 'yes_no') return text === 'true' || text === 'false' ? null : 'Choose yes or no.';
  if (text === '') return type === 'time' ? 'Give a date.' : 'Give a value.';
  if (type === 'number' && !isNumber(text)) return `“${text}” is not a number.`;
  if (type === 'time' && timeOfText(text) === null) return `“${text}” is not a date or a time.`;
  if (type === 'days' && !isDays(text))
    return `Give a whole number of days from 1 to ${FILTER_BOUNDS.days.toLocaleString('en')}.`;
  return null;
}

const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text));
const isDays = (text: string): boolean =>
  /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= FILTER_BOUNDS.days;
