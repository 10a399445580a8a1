type Value = string | number | boolean | null | undefined | ((event: never) => void);

/**
 * An element with attributes (`false` and null: none), listeners (`onclick` and so on) and children. Strings become text
 * and nothing else: no string is ever parsed as HTML, so message texts cannot bring markup, and the component works
 * where Trusted Types are enforced.
 */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, Value> = {},
  ...children: (Node | string | null)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  // Not one that submits a form around the component.
  if (tag === 'button') set(element, 'type', 'button');
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else set(element, name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Sets an attribute where it differs; `false` and null remove it, `true` is an empty one. */
export function set(element: Element, name: string, value: Exclude<Value, (event: never) => void>): void {
  if (value === false || value == null) element.removeAttribute(name);
  else {
    const text = value === true ? '' : String(value);
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}

/** Sets the text where it differs: a live region would be read again. */
export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

const SVG = 'http://www.w3.org/2000/svg';

const PATHS = {
  bell: 'M6 9a6 6 0 0 1 12 0c0 6 2 7 2 7H4s2-1 2-7m4 11a2 2 0 0 0 4 0',
  check: 'm3 13 4 4L17 7m-4 9 1 1L22 8',
  gear: 'M4 7h10m4 0h2M4 17h2m4 0h10M14 5v4m-6 6v4',
  close: 'M6 6l12 12M18 6L6 18',
  back: 'M15 5l-7 7 7 7',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
};

/** Decoration: the name stands on the button. */
export function icon(name: keyof typeof PATHS): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', name);
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

/** A button that shows an icon alone. */
export const iconButton = (
  name: keyof typeof PATHS,
  label: string,
  onclick: () => void,
  attributes: Record<string, Value> = {},
): HTMLButtonElement =>
  h('button', { class: 'icon', 'aria-label': label, title: label, onclick, ...attributes }, icon(name));
