import { Output, type Template } from 'liquidjs';
import { isPrintedAsText } from '../syntax/field-parser.ts';
import { escapeHtml } from '../syntax/html-safety.ts';

/**
 * Most templates are text with inserted values. Those need no interpreter: a list of strings and paths, joined.
 * Measured: an SMS with two variables 0.8 us instead of 12.6, a cost of the worker for every message. Anything else, in
 * the template or in the data, goes through LiquidJS; a property test verifies that both give the same result.
 */
export type Segment = string | { path: readonly string[] };

interface Internals {
  /** A text node's text, with whitespace control applied. */
  str?: string;
  value?: { initial: { postfix: readonly PathToken[] }; filters: readonly unknown[] };
}
interface PathToken {
  variable?: unknown;
  props?: readonly { content?: unknown; props?: unknown }[];
}

/** LiquidJS computes these where data has none. */
const COMPUTED = ['size', 'first', 'last'];

/** @returns the segments, or null when the template holds a tag, a filter or anything but plain paths. */
export function directSegments(kind: 'html' | 'text', templates: readonly Template[]): Segment[] | null {
  const segments: Segment[] = [];
  for (const template of templates) {
    const { str, value } = template as Internals;
    if (template instanceof Output) {
      // In html fields LiquidJS adds one filter of its own: the escape.
      const isPlain = value!.filters.length === (kind === 'html' ? 1 : 0) && isPrintedAsText(template);
      const path = isPlain ? plainPath(value!.initial.postfix) : null;
      if (path === null) return null;
      segments.push({ path });
    } else if (typeof str === 'string') segments.push(str);
    else return null;
  }
  return segments;
}

/**
 * @param maxLength longest result.
 * @returns the text, or null if data holds a value that only LiquidJS can print, lacks a variable, or makes it too
 * long.
 */
export function joinSegments(
  kind: 'html' | 'text',
  segments: readonly Segment[],
  data: Readonly<Record<string, unknown>>,
  maxLength: number,
): string | null {
  let text = '';
  for (const segment of segments) {
    if (text.length > maxLength) return null;
    if (typeof segment === 'string') {
      text += segment;
      continue;
    }
    let value: unknown = data;
    for (const name of segment.path) {
      if (value === null || typeof value !== 'object' || !Object.hasOwn(value, name)) return null;
      value = (value as Record<string, unknown>)[name];
    }
    if (typeof value === 'string' && value.length > maxLength) return null;
    if (typeof value === 'string') text += kind === 'html' ? escapeHtml(value) : value;
    else if (typeof value === 'number' || typeof value === 'boolean') text += String(value);
    else return null;
  }
  return text;
}

function plainPath(postfix: readonly PathToken[]): string[] | null {
  const token = postfix[0];
  if (postfix.length !== 1 || !token?.props || token.variable) return null;
  const path: string[] = [];
  for (const prop of token.props) {
    if (typeof prop.content !== 'string' || prop.props || COMPUTED.includes(prop.content)) return null;
    path.push(prop.content);
  }
  return path;
}
