import type { CampaignPart, FilterOp } from '@carillon/core/audience/filter';

/**
 * A filter as the builder shows it: a tree of groups, conditions, audiences and campaigns, and JSON where it cannot show a part.
 * Read by read-form.ts, written back by write-form.ts: what was read and not changed is written as it was.
 */
export interface Form {
  root: GroupNode;
}

export type FormNode = GroupNode | LineNode | RawNode;

export const GROUP_KINDS = ['all', 'any', 'none'] as const;
/** `none` is `{ "not": { "any": [...] } }`. */
export type GroupKind = (typeof GROUP_KINDS)[number];

interface Node {
  /** Of this node as long as it is on the page: errors and focus refer to it. */
  id: string;
}

export interface GroupNode extends Node {
  is: 'group';
  kind: GroupKind;
  /** Read from its only member itself, without a list around it: written so as long as there is only one. */
  bare: boolean;
  members: FormNode[];
}

/** `in_next` is `within_days` with a number below 0. */
export type FormOp = FilterOp | 'in_next';

export const VALUE_TYPES = ['text', 'number', 'yes_no', 'time', 'days', 'none'] as const;
/** What a value is written as. Of attributes a person chooses: the text "5" is not the number 5. */
export type ValueType = (typeof VALUE_TYPES)[number];

export interface ConditionNode extends Node {
  is: 'condition';
  /** '' until one is chosen. */
  field: string;
  op: FormOp;
  type: ValueType;
  /** As it is typed. Of `yes_no`: `true` or `false`. */
  text: string;
  /** In place of `text` for `in` and `not_in`. */
  list: string[];
}

export interface AudienceNode extends Node {
  is: 'audience';
  /** '' until one is chosen. */
  key: string;
  /** Who does not belong to it. */
  negated: boolean;
}

/** The people of another campaign. */
export interface CampaignNode extends Node {
  is: 'campaign';
  /** Its id; '' until one is chosen. */
  campaign: string;
  part: CampaignPart;
}

/** What is shown as one line of fields. */
export type LineNode = ConditionNode | AudienceNode | CampaignNode;

/** A part that the builder has no fields for. It is kept, and may be removed. */
export interface RawNode extends Node {
  is: 'raw';
  filter: Readonly<Record<string, unknown>>;
}

/** Groups within groups that have fields; deeper ones are shown as JSON. */
export const SHOWN_DEPTH = 4;

export const freshId = (): string => crypto.randomUUID();

export const newCondition = (): ConditionNode => ({
  id: freshId(),
  is: 'condition',
  field: '',
  op: 'eq',
  type: 'text',
  text: '',
  list: [],
});

export const newGroup = (kind: GroupKind, members: FormNode[] = []): GroupNode => ({
  id: freshId(),
  is: 'group',
  kind,
  bare: false,
  members,
});

/** Whom a new audience begins with. */
export const everybody = (): Form => ({ root: newGroup('all') });
