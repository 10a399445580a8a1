/**
 * The HTML context of an output, which decides how it is escaped: element content or a quoted attribute
 * (`text`), the beginning of an attribute that holds a URL, inside a tag but outside quotes, inside a script or a style
 * sheet.
 */
export type HtmlPlace = 'text' | 'url' | 'tag' | 'script' | 'style';

const URL_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...['href', 'src', 'action', 'formaction', 'background', 'cite', 'poster', 'xlink:href'],
]);
const NAME = /[a-z][^\s/>]{0,15}/iy;

type State =
  | 'text'
  | 'markup'
  | 'comment'
  | 'script'
  | 'style'
  | 'raw'
  | 'names'
  | 'value'
  | 'double'
  | 'single'
  | 'bare';

/**
 * Tracks the literal parts of a template in order, and the context in which each ends. Output between them cannot
 * change the context (it is escaped), so it need not be read.
 */
export class HtmlReader {
  #state: State = 'text';
  #element = '';
  #attribute = '';
  /** Whether the attribute's value has begun. */
  #hasValue = false;

  get place(): HtmlPlace {
    switch (this.#state) {
      case 'script':
      case 'style':
        return this.#state;
      case 'names':
      case 'bare':
      case 'value':
        return this.#state !== 'names' && !this.#hasValue && this.#isUrl ? 'url' : 'tag';
      case 'double':
      case 'single':
        return !this.#hasValue && this.#isUrl ? 'url' : 'text';
      default:
        return 'text';
    }
  }

  /** An output was printed here. */
  printed(): void {
    if (this.#state === 'value') this.#state = 'bare';
    this.#hasValue = true;
  }

  /** Reads a literal part. Linear: every character is read once. */
  read(html: string): void {
    for (let p = 0; p < html.length; ) p = this.#step(html, p);
  }

  get #isUrl(): boolean {
    return URL_ATTRIBUTES.has(this.#attribute);
  }

  /** @returns the offset to continue at. */
  #step(html: string, p: number): number {
    switch (this.#state) {
      case 'text':
        return this.#text(html, p);
      case 'markup':
        return this.#until(html, p, '>', 'text');
      case 'comment':
        return this.#until(html, p, '-->', 'text');
      case 'script':
      case 'style':
      case 'raw':
        return this.#rawText(html, p);
      case 'double':
        return this.#quoted(html, p, '"');
      case 'single':
        return this.#quoted(html, p, "'");
      default:
        return this.#tag(html, p);
    }
  }

  #text(html: string, from: number): number {
    const p = html.indexOf('<', from);
    if (p === -1) return html.length;
    if (html.startsWith('<!--[if', p)) this.#state = 'markup';
    else if (html.startsWith('<!--', p)) this.#state = 'comment';
    else if (/[!?/]/.test(html.charAt(p + 1))) this.#state = 'markup';
    else {
      NAME.lastIndex = p + 1;
      const name = NAME.exec(html)?.[0];
      if (name === undefined) return p + 1;
      this.#element = name.toLowerCase();
      this.#state = 'names';
      this.#attribute = '';
      return p + 1 + name.length;
    }
    return p + 2;
  }

  #until(html: string, from: number, end: string, next: State): number {
    const p = html.indexOf(end, from);
    if (p === -1) return html.length;
    this.#state = next;
    return p + end.length;
  }

  #rawText(html: string, from: number): number {
    const p = html.indexOf('</', from);
    if (p === -1) return html.length;
    const isEnd = html.slice(p + 2, p + 2 + this.#element.length).toLowerCase() === this.#element;
    if (isEnd) this.#state = 'markup';
    return p + 2;
  }

  #quoted(html: string, from: number, quote: string): number {
    const p = html.indexOf(quote, from);
    if (p !== from) this.#hasValue = true;
    if (p === -1) return html.length;
    this.#state = 'names';
    this.#attribute = '';
    return p + 1;
  }

  /** One character inside a tag and outside quotes. */
  #tag(html: string, p: number): number {
    const c = html.charAt(p);
    if (c === '>') this.#state = this.#inside();
    else if (/\s/.test(c)) {
      if (this.#state === 'bare') this.#endAttribute();
      // A space may stand between a name and its `=`.
      else if (this.#state === 'names') this.#nameEnded = true;
    } else if (this.#state === 'names') this.#name(c);
    else if (this.#state === 'value' && (c === '"' || c === "'"))
      this.#state = c === '"' ? 'double' : 'single';
    else {
      this.#state = 'bare';
      this.#hasValue = true;
    }
    return p + 1;
  }

  #nameEnded = false;

  #name(c: string): void {
    if (c === '=') {
      this.#state = 'value';
      this.#hasValue = false;
      this.#nameEnded = false;
      return;
    }
    if (this.#nameEnded || c === '/') this.#attribute = '';
    this.#nameEnded = false;
    if (c !== '/' && this.#attribute.length < 32) this.#attribute += c.toLowerCase();
  }

  #endAttribute(): void {
    this.#state = 'names';
    this.#attribute = '';
  }

  #inside(): State {
    switch (this.#element) {
      case 'script':
      case 'style':
        return this.#element;
      case 'textarea':
      case 'title':
        return 'raw';
      default:
        return 'text';
    }
  }
}
