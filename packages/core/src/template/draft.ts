import { CHANNELS, type Channel } from '../notification/channel.ts';
import type { Content } from '../notification/message.ts';
import { namedParts, type PartName, partId } from './compile/parts.ts';

/** A text as its author writes it. `compile/` makes the content of it that is rendered. */
export interface SourceContent extends Content {
  /** MJML instead of html: e-mail only. */
  mjml?: string;
  /** The key of the layout that it stands in: e-mail only. */
  layout?: string;
}

/** The texts of a template: by channel, then by locale. */
export type DraftTexts = Readonly<Partial<Record<Channel, Readonly<Record<string, SourceContent>>>>>;

/** One text and its place. */
export interface PlacedText {
  channel: Channel;
  locale: string;
  content: SourceContent;
}

/** The layouts and partials that texts name. */
export function partsNamedBy(texts: DraftTexts): PartName[] {
  const named = placedTexts(texts).flatMap(({ content: { layout, ...sources } }) =>
    namedParts(Object.values(sources), layout),
  );
  return [...new Map(named.map((name) => [partId(name), name])).values()];
}

/** In the order of the channels. */
export function placedTexts(texts: DraftTexts): PlacedText[] {
  return CHANNELS.flatMap((channel) =>
    Object.entries(texts[channel] ?? {}).map(([locale, content]) => ({ channel, locale, content })),
  );
}

export function textsByChannel(placed: readonly PlacedText[]): DraftTexts {
  const texts: Partial<Record<Channel, Record<string, SourceContent>>> = {};
  for (const { channel, locale, content } of placed)
    texts[channel] = { ...texts[channel], [locale]: content };
  return texts;
}
