import { h, iconButton, set, write } from './dom.ts';
import type { Message } from './message.ts';
import { type MenuContext, openMenu } from './row-menu.ts';
import { safeUrl } from './safe-url.ts';
import { ago, dateAndTime } from './times.ts';

export interface RowContext extends MenuContext {
  /** Titles of categories by their names. */
  titles: ReadonlyMap<string, string>;
  /** The message was clicked. @returns whether the browser may follow its link. */
  opened(message: Message): boolean;
}

export interface Row {
  readonly element: HTMLLIElement;
  /** What it shows. */
  readonly message: Message;
  show(message: Message): void;
  /** Writes how long ago it came. */
  tick(now: number): void;
  /** Whether its parts can be reached with Tab: those of one row can. */
  setCurrent(isCurrent: boolean): void;
}

/** One message: what it says, a button that marks it, and a menu. */
export function messageRow(given: Message, context: RowContext): Row {
  const { texts, locale } = context;
  let message = given;
  const href = safeUrl(given.url, document.baseURI);
  const title = h('b', { dir: 'auto' });
  const body = h('span', { dir: 'auto' });
  const time = h('time');
  const category = h('bdi');
  const follow = (event: Event) => context.opened(message) || event.preventDefault();
  const open = h(
    href === null ? 'button' : 'a',
    {
      class: 'open',
      part: 'message',
      ...(href === null ? {} : { href, rel: 'noopener' }),
      onclick: follow,
      onauxclick: (event: MouseEvent) => event.button === 1 && follow(event),
    },
    title,
    body,
    h('small', {}, time, ' ', category),
  );
  const dot = h('button', {
    class: 'dot',
    onclick: () => context.act(message, { to: message.read_at === null ? 'read' : 'unread' }),
  });
  const more = iconButton('more', texts.actions, () => openMenu(element, more, message, context), {
    'aria-haspopup': 'menu',
    'aria-expanded': 'false',
  });
  const element = h('li', { class: 'row' }, dot, open, more);

  const row: Row = {
    element,
    get message() {
      return message;
    },
    show(next) {
      message = next;
      const isUnread = next.read_at === null;
      set(element, 'class', `row${isUnread ? ' unread' : ''}`);
      write(title, next.title);
      write(body, next.body);
      body.hidden = next.body === '';
      const label = isUnread ? texts.markRead : texts.markUnread;
      set(dot, 'aria-label', `${label}: ${next.title}`);
      set(dot, 'title', label);
      set(more, 'aria-label', `${texts.actions}: ${next.title}`);
      set(open, 'aria-description', isUnread && texts.unread);
      set(time, 'datetime', next.created_at);
      set(time, 'title', dateAndTime(next.created_at, locale));
      const { snoozed_until: until, category: name } = next;
      const facts = [
        name && (context.titles.get(name) ?? ''),
        until && texts.until.replace('{time}', dateAndTime(until, locale)),
      ];
      write(category, facts.filter(Boolean).join(' · '));
      row.tick(Date.now());
    },
    tick: (now) => write(time, ago(message.created_at, now, locale)),
    setCurrent(isCurrent) {
      for (const part of [open, dot, more]) set(part, 'tabindex', isCurrent ? null : -1);
    },
  };
  row.show(given);
  row.setCurrent(false);
  return row;
}
