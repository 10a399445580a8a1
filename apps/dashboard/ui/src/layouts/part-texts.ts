import type { TemplatePart } from '@carillon/client/api-types';
import type { PartText, PartTexts } from '@carillon/core/template/compile/parts';
import type { DraftTexts, SourceContent } from '@carillon/core/template/draft';
import { CHANNEL_NAMES } from '../templates/texts.ts';

/**
 * A layout or partial as its page holds it: the texts of an e-mail by language, so that what compares and merges the texts of
 * templates does it for these too. `*` has those for all languages, and is always there.
 */
export const ALL = '*';

const FORMS = ['html', 'mjml', 'text'] as const satisfies (keyof PartText)[];
/** Which of its texts is shown. */
export type Form = (typeof FORMS)[number];

/** The texts of a part as the API answers them. */
export type AnsweredTexts = Partial<Pick<TemplatePart, Form | 'locales'>>;

export function editable({ html, mjml, text, locales = {} }: AnsweredTexts): DraftTexts {
  const own = Object.entries(locales).map(([locale, content]) => [locale, given(content)]);
  return { email: { [ALL]: given({ html, mjml, text }), ...Object.fromEntries(own) } };
}

/** As the API takes it. A language without a text is left out. */
export function partTexts(texts: DraftTexts): PartTexts {
  const { [ALL]: all = {}, ...locales } = texts.email ?? {};
  const written = Object.entries(locales)
    .map(([locale, content]) => [locale, given(content)] as const)
    .filter(([, text]) => Object.keys(text).length > 0);
  return { ...given(all), ...(written.length === 0 ? {} : { locales: Object.fromEntries(written) }) };
}

/** Its fields that are written. */
function given(content: { [Name in Form]?: string | undefined }): PartText {
  return Object.fromEntries(
    FORMS.flatMap((form) => (content[form] === undefined ? [] : [[form, content[form]]])),
  );
}

/** A field that is emptied is left out: the part then has no such text. */
export function withForm(texts: DraftTexts, locale: string, form: Form, value: string): DraftTexts {
  const { [form]: _, ...rest } = texts.email?.[locale] ?? {};
  const content: SourceContent = value === '' ? rest : { ...rest, [form]: value };
  return { email: { ...texts.email, [locale]: content } };
}

/** The forms that a language has, its own or those for all. */
export function formsOf(texts: DraftTexts, locale: string): Form[] {
  const [own = {}, all = {}] = [texts.email?.[locale], texts.email?.[ALL]];
  return FORMS.filter((form) => (own[form] ?? all[form]) !== undefined);
}

const FORM_NAMES: Readonly<Record<Form, string>> = { html: 'HTML', mjml: 'MJML', text: 'Plain text' };

export const isForm = (name: string): name is Form => (FORMS as readonly string[]).includes(name);

export function formName(form: Form): string {
  return FORM_NAMES[form];
}

export function localeName(locale: string): string {
  return locale === ALL ? 'all languages' : locale;
}

/** A field of a part, for people. */
export function nameOfField({ locale, field }: { locale: string; field: string }): string {
  return `${isForm(field) ? formName(field) : CHANNEL_NAMES.email}, ${localeName(locale)}`;
}
