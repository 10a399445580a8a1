import { CaptureTag, type Context, Drop, type Emitter, type Template } from 'liquidjs';
import { printed } from '../filters/printing.ts';
import type { HtmlPlace } from './html-place.ts';
import { FORBIDDEN_SCHEMES } from './url-rule.ts';

/**
 * Text that is HTML already: made by the template's author, or escaped before. Printing it does not escape it again.
 */
export class SafeHtml extends Drop {
  readonly html: string;

  constructor(html: string) {
    super();
    this.html = html;
  }

  override valueOf(): string {
    return this.html;
  }

  override toString(): string {
    return this.html;
  }
}

/** The result of the filter `json` in an html field: unchanged inside a script, ordinary text elsewhere. */
export class JsonText extends Drop {
  readonly json: string;

  constructor(json: string) {
    super();
    this.json = json;
  }

  override valueOf(): string {
    return this.json;
  }

  override toString(): string {
    return this.json;
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};

/** Escapes for element content and for attribute values in either kind of quotes. */
export function escapeHtml(text: string): string {
  return /[&<>"']/.test(text) ? text.replace(/[&<>"']/g, (character) => ENTITIES[character]!) : text;
}

type Visit = () => void;

/** A value as element content, or as part of a quoted attribute. */
export function printAsHtml(value: unknown, visit?: Visit): string {
  return value instanceof SafeHtml ? value.html : escapeHtml(printed(value, visit));
}

/**
 * A value escaped for that context of an HTML document.
 *
 * @throws Error for a URL attribute that would begin with a scheme that runs code.
 */
export function printIn(place: HtmlPlace, value: unknown, visit: Visit): string {
  switch (place) {
    case 'script':
      return value instanceof JsonText ? value.json : printAsHtml(value, visit);
    case 'style':
      return asCss(value instanceof SafeHtml ? value.html : printed(value, visit));
    case 'tag':
      return value instanceof SafeHtml ? value.html : asUnquoted(printed(value, visit));
    case 'url':
      return printAsHtml(withoutCode(value, visit), visit);
    default:
      return printAsHtml(value, visit);
  }
}

/**
 * Within `<style>` entities mean nothing; characters that could end a declaration are written as escapes (CSS Syntax 3,
 * 4.3.7).
 */
function asCss(text: string): string {
  return text.replace(
    /[^\p{L}\p{N} ,.#%()_+-]/gu,
    (character) => `\\${character.codePointAt(0)!.toString(16)} `,
  );
}

/** Without quotes around it a space, a quote or a `=` would begin another attribute. */
function asUnquoted(text: string): string {
  return text.replace(/[\s"'`=<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function withoutCode(value: unknown, visit: Visit): unknown {
  if (value instanceof SafeHtml) return value;
  const text = printed(value, visit);
  // Browsers drop controls and spaces before and within a scheme.
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text.slice(0, 200).replace(/[\p{Cc}\s]/gu, ''))?.[1];
  if (scheme !== undefined && FORBIDDEN_SCHEMES.includes(scheme.toLowerCase()))
    throw new Error(`data brings a link with the scheme "${scheme}", which is never allowed: use https`);
  return text;
}

/** `{% capture %}` in an html field: its values were escaped when they were captured, so the result is HTML. */
export class CaptureHtmlTag extends CaptureTag {
  override *render(ctx: Context): Generator<unknown, void, string> {
    // The base class keeps these private in its types only.
    const { templates, variable } = this as unknown as { templates: Template[]; variable: string };
    const html = yield this.liquid.renderer.renderTemplates(templates, ctx, undefined as unknown as Emitter);
    (ctx.bottom() as Record<string, unknown>)[variable] = new SafeHtml(html);
  }
}
