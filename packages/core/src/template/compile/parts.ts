export const PART_KINDS = ['layout', 'partial'] as const;
/** A layout stands around the text of an e-mail; a partial is a piece of any text. */
export type PartKind = (typeof PART_KINDS)[number];

export interface PartName {
  kind: PartKind;
  key: string;
}

/** A layout or partial in a published text: what it was when the text was published. */
export interface UsedPart extends PartName {
  version: number;
  /** Of its texts: two parts of one version may differ if it was deleted and made again. */
  hash: string;
}

/** What a layout or partial has for e-mails in HTML, for those in MJML, and for plain text and the other channels. */
export interface PartText {
  html?: string;
  mjml?: string;
  text?: string;
}

/** For all locales, and for some of them. */
export interface PartTexts extends PartText {
  locales?: Readonly<Record<string, PartText>>;
}

/** A part as it is stored. */
export interface Part extends UsedPart {
  texts: PartTexts;
}
