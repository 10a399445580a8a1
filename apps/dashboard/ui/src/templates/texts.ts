import type { TemplateDraft } from '@carillon/client/api-types';
import type { Channel } from '@carillon/core/notification/channel';

import { diffTexts, type TextChange } from '@carillon/core/template/diff';
import type { DraftTexts, SourceContent } from '@carillon/core/template/draft';

/** The texts of a draft as the API gives them. */
export const textsOf = (draft: Pick<TemplateDraft, 'channels'>): DraftTexts => draft.channels as DraftTexts;

/** The fields of each channel, in the order in which people write them. */
export const FIELDS: Readonly<
  Record<Channel, readonly { field: keyof SourceContent; label: string; required?: boolean }[]>
> = {
  email: [
    { field: 'subject', label: 'Subject', required: true },
    { field: 'html', label: 'HTML' },
    { field: 'text', label: 'Plain text' },
  ],
  sms: [{ field: 'text', label: 'Text', required: true }],
  push: [
    { field: 'title', label: 'Title', required: true },
    { field: 'body', label: 'Body', required: true },
    { field: 'url', label: 'Link of a tap' },
  ],
  in_app: [
    { field: 'title', label: 'Title', required: true },
    { field: 'body', label: 'Body', required: true },
    { field: 'url', label: 'Link of a tap' },
  ],
};

/** The fields that are shown of a text: HTML, or MJML in its place. */
export function fieldsOf(channel: Channel, content: SourceContent): (typeof FIELDS)[Channel] {
  if (channel !== 'email' || content.mjml === undefined) return FIELDS[channel];
  return FIELDS.email.map((each) =>
    each.field === 'html' ? { field: 'mjml', label: 'MJML', required: true } : each,
  );
}

export const CHANNEL_NAMES: Readonly<Record<Channel, string>> = {
  email: 'E-mail',
  sms: 'SMS',
  push: 'Push',
  in_app: 'In-app',
};

/** A field of a text, for people. */
export function nameOfPlace({
  channel,
  locale,
  field,
}: Pick<TextChange, 'channel' | 'locale' | 'field'>): string {
  return `${CHANNEL_NAMES[channel]}, ${locale}, ${field}`;
}

/** A text to begin with: each field that the channel must have. */
export function emptyText(channel: Channel): SourceContent {
  if (channel === 'email') return { subject: '', text: '' };
  return channel === 'sms' ? { text: '' } : { title: '', body: '' };
}

/** @param value an empty optional field is left out. */
export function withField(
  texts: DraftTexts,
  at: { channel: Channel; locale: string; field: keyof SourceContent },
  value: string,
): DraftTexts {
  const { channel, locale, field } = at;
  const content: SourceContent = { ...texts[channel]?.[locale], [field]: value };
  const isRequired = fieldsOf(channel, content).some((each) => each.field === field && each.required);
  if (value === '' && !isRequired) delete content[field];
  return { ...texts, [channel]: { ...texts[channel], [locale]: content } };
}

export function withText(
  texts: DraftTexts,
  channel: Channel,
  locale: string,
  content: SourceContent,
): DraftTexts {
  return { ...texts, [channel]: { ...texts[channel], [locale]: content } };
}

/** Without a text; a channel without texts goes too. */
export function withoutText(texts: DraftTexts, channel: Channel, locale: string): DraftTexts {
  const { [locale]: _, ...rest } = texts[channel] ?? {};
  const { [channel]: __, ...others } = texts;
  return Object.keys(rest).length === 0 ? others : { ...others, [channel]: rest };
}

const placeOf = ({ channel, locale, field }: TextChange): string => `${channel}/${locale}/${field}`;

/** One field that two people changed. */
export interface Clash {
  place: string;
  channel: Channel;
  locale: string;
  field: keyof SourceContent;
  mine: string | null;
  theirs: string | null;
}

export interface Merge {
  /** What both changed without getting into each other's way; of a clash, theirs. */
  texts: DraftTexts;
  clashes: Clash[];
  /** What they changed meanwhile. */
  theirs: TextChange[];
}

/**
 * Puts two people's changes together: a field that only one of them changed is taken from that one.
 *
 * @param base what both began with.
 */
export function mergeTexts(base: DraftTexts, mine: DraftTexts, theirs: DraftTexts): Merge {
  const ofMine = new Map(diffTexts(base, mine).map((change) => [placeOf(change), change]));
  const ofTheirs = diffTexts(base, theirs);
  const theirPlaces = new Map(ofTheirs.map((change) => [placeOf(change), change]));
  const clashes: Clash[] = [];
  let texts = theirs;
  for (const [place, change] of ofMine) {
    const { channel, locale, field, after } = change;
    const other = theirPlaces.get(place);
    if (other === undefined) texts = applied(texts, change, after);
    else if (other.after !== after)
      clashes.push({ place, channel, locale, field, mine: after, theirs: other.after });
  }
  return { texts, clashes, theirs: ofTheirs };
}

/** @param value null removes the field. */
export function applied(
  texts: DraftTexts,
  { channel, locale, field }: Pick<TextChange, 'channel' | 'locale' | 'field'>,
  value: string | null,
): DraftTexts {
  const content: SourceContent = { ...texts[channel]?.[locale] };
  if (value === null) delete content[field];
  else content[field] = value;
  return Object.keys(content).length === 0
    ? withoutText(texts, channel, locale)
    : withText(texts, channel, locale, content);
}

/** Sample data for these variables: `order.id` becomes `{ order: { id: "order id" } }`. */
export function sampleFor(variables: readonly string[]): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const path of variables) setPath(data, path, path.split('.').at(-1)!.replaceAll('_', ' '));
  return data;
}

export function setPath(data: Record<string, unknown>, path: string, value: unknown): void {
  const steps = path.split('.');
  const last = steps.pop()!;
  let at = data;
  for (const step of steps) {
    if (typeof at[step] !== 'object' || at[step] === null) at[step] = {};
    at = at[step] as Record<string, unknown>;
  }
  at[last] = value;
}

/** The dotted paths of sample data, for completion. */
export function pathsOf(data: Readonly<Record<string, unknown>>, before = ''): string[] {
  return Object.entries(data).flatMap(([name, value]) => {
    const path = `${before}${name}`;
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return [path];
    return [path, ...pathsOf(value as Record<string, unknown>, `${path}.`)];
  });
}
