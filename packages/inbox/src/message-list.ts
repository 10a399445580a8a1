import { h } from './dom.ts';
import type { Message } from './message.ts';
import { messageRow, type Row, type RowContext } from './message-row.ts';

export interface MessageList {
  readonly element: HTMLUListElement;
  show(messages: readonly Message[]): void;
  tick(): void;
  /** Moves focus to the first message. @returns false if there is none. */
  focus(): boolean;
}

/**
 * The rows. Arrow keys move between messages; Tab goes through the parts of one. Rows outside of the window are not laid
 * out (`content-visibility`), so that 10,000 stay usable.
 */
export function messageList(context: RowContext, label: string): MessageList {
  const rows = new Map<string, Row>();
  let shown: readonly Message[] = [];
  let current: string | null = null;
  const root = () => element.getRootNode() as ShadowRoot;
  const element = h('ul', {
    'aria-label': label,
    part: 'list',
    onkeydown: (event: KeyboardEvent) => {
      const at = shown.findIndex(({ id }) => id === current);
      const target = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: shown.length - 1 }[event.key];
      const next = target === undefined ? undefined : shown[target];
      if (!next) return;
      event.preventDefault();
      focusRow(next.id);
    },
    onfocusin: (event: FocusEvent) => {
      const row = (event.target as Element).closest('li');
      for (const { element: each, message } of rows.values()) if (each === row) setCurrent(message.id);
    },
  });

  function setCurrent(id: string | null): void {
    if (id === current) return;
    if (current !== null) rows.get(current)?.setCurrent(false);
    current = id;
    if (current !== null) rows.get(current)?.setCurrent(true);
  }

  function focusRow(id: string): void {
    setCurrent(id);
    rows.get(id)!.element.querySelector<HTMLElement>('.open')!.focus();
  }

  function remove(wanted: ReadonlySet<string>): void {
    const focused = root().activeElement?.closest('li');
    // Where focus goes if its row leaves: to the next that stays, else to the one before.
    const from = shown.findIndex(({ id }) => rows.get(id)?.element === focused);
    const heir =
      from < 0 || wanted.has(shown[from]!.id)
        ? undefined
        : [...shown.slice(from), ...shown.slice(0, from).reverse()].find(({ id }) => wanted.has(id));
    if (heir) focusRow(heir.id);
    for (const [id, row] of rows) {
      if (wanted.has(id)) continue;
      row.element.remove();
      rows.delete(id);
    }
  }

  return {
    element,
    show(messages) {
      if (messages.length === shown.length && messages.every((message, at) => message === shown[at])) return;
      remove(new Set(messages.map(({ id }) => id)));
      let next = element.firstChild;
      for (const message of messages) {
        let row = rows.get(message.id);
        if (!row) {
          row = messageRow(message, context);
          rows.set(message.id, row);
        } else if (row.message !== message) row.show(message);
        if (row.element === next) next = next.nextSibling;
        else element.insertBefore(row.element, next);
      }
      shown = messages;
      if (current === null || !rows.has(current)) {
        current = null;
        setCurrent(messages[0]?.id ?? null);
      }
    },
    tick() {
      const now = Date.now();
      for (const row of rows.values()) row.tick(now);
    },
    focus() {
      if (current !== null) focusRow(current);
      return current !== null;
    },
  };
}
