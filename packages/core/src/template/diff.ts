import { CHANNELS, type Channel } from '../notification/channel.ts';
import type { DraftTexts, SourceContent } from './draft.ts';

/** One field of one text that two versions of a template do not have in common. */
export interface TextChange {
  channel: Channel;
  locale: string;
  field: keyof SourceContent;
  change: 'added' | 'removed' | 'changed';
  /** Null if it was added. */
  before: string | null;
  /** Null if it was removed. */
  after: string | null;
}

export const SOURCE_FIELDS = [
  'subject',
  'title',
  'text',
  'html',
  'mjml',
  'layout',
  'body',
  'url',
] as const satisfies (keyof SourceContent)[];

/** What differs between two versions, by channel, locale and field. Equal fields are left out. */
export function diffTexts(before: DraftTexts, after: DraftTexts): TextChange[] {
  const changes: TextChange[] = [];
  for (const channel of CHANNELS) {
    const [old, now] = [before[channel] ?? {}, after[channel] ?? {}];
    const locales = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
    for (const locale of locales) {
      for (const field of SOURCE_FIELDS) {
        const [was, is] = [old[locale]?.[field] ?? null, now[locale]?.[field] ?? null];
        if (was === is) continue;
        const change = was === null ? 'added' : is === null ? 'removed' : 'changed';
        changes.push({ channel, locale, field, change, before: was, after: is });
      }
    }
  }
  return changes;
}
