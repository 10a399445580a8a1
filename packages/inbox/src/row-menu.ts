import { type Action, isListed } from './actions.ts';
import { h, set } from './dom.ts';
import type { Message } from './message.ts';
import type { Wording } from './texts.ts';
import { SNOOZES, type Snooze } from './times.ts';

export interface MenuContext extends Wording {
  act(message: Message, action: Action): void;
}

/** Opens the menu of a message below its button, or closes it. Focus moves in, and returns to the button. */
export function openMenu(
  row: HTMLElement,
  button: HTMLElement,
  message: Message,
  context: MenuContext,
): void {
  const old = row.querySelector('[role=menu]');
  if (old) {
    old.dispatchEvent(new Event('close'));
    return;
  }
  const { texts, act } = context;
  const close = () => {
    menu.remove();
    row.classList.remove('menu-open');
    set(button, 'aria-expanded', 'false');
  };
  const item = (label: string, choose: () => void) =>
    h(
      'button',
      {
        role: 'menuitem',
        tabindex: -1,
        onclick: () => {
          // Before the row may go, so that the list finds the focus in it.
          button.focus();
          close();
          choose();
        },
      },
      label,
    );
  const snooze = (name: Snooze) =>
    item(texts[name], () => act(message, { to: 'snooze', until: SNOOZES[name](new Date()).toISOString() }));
  const items = [
    message.snoozed_until !== null
      ? item(texts.endSnooze, () => act(message, { to: 'snooze', until: null }))
      : null,
    message.archived_at !== null
      ? item(texts.unarchive, () => act(message, { to: 'unarchive' }))
      : item(texts.archive, () => act(message, { to: 'archive' })),
    ...(isListed(message) ? (['hour', 'tomorrow', 'week'] as const).map(snooze) : []),
  ].filter((each) => each !== null);
  const menu = h(
    'div',
    {
      role: 'menu',
      'aria-label': texts.actions,
      onclose: close,
      onfocusout: ({ relatedTarget: next }: FocusEvent) => {
        if (!menu.contains(next as Node | null)) close();
      },
      onkeydown: (event: KeyboardEvent) => {
        const { key } = event;
        const at = items.indexOf((menu.getRootNode() as ShadowRoot).activeElement as HTMLButtonElement);
        const step = { ArrowDown: 1, ArrowUp: -1 }[key];
        const next =
          key === 'Home' ? 0 : key === 'End' ? -1 : step === undefined ? null : (at + step) % items.length;
        if (next !== null) items.at(next)!.focus();
        if (key === 'Escape' || key === 'Tab') button.focus();
        if (next !== null || key === 'Escape') {
          event.preventDefault();
          event.stopPropagation();
        }
      },
    },
    ...items,
  );
  row.append(menu);
  row.classList.add('menu-open');
  set(button, 'aria-expanded', 'true');
  items[0]!.focus();
}
