import type { Channel } from '@carillon/core/notification/channel';

/** One text of a comparison, as the form has it. */
export interface VariantValue {
  key: string;
  template: string;
  weight: number;
}

/** What the step about the content edits. */
export interface ContentValues {
  name: string;
  kind: 'one' | 'several';
  template: string;
  variants: VariantValue[];
  holdout_percent: number | '';
  route: Channel[];
  category: string;
  variables: Record<string, string>;
  data: string;
  priority: 'normal' | 'bulk';
  events: 'problems' | 'all';
}
