import { CaptureTag, type Context, Drop, type Emitter, type Template } from 'liquidjs';

/** Text that is HTML already: made by the template's author, or escaped before. Printing it does not escape it again. */
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

/**
 * What a value prints as. Lists print their items one after the other, nothing prints nothing.
 *
 * @throws TypeError for an object whose data replaced its own toString.
 */
export function printed(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(printed).join('');
  return String(value);
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
