import { h, iconButton, set, write } from './dom.ts';
import type { Inbox } from './inbox.ts';
import { list } from './inbox-state.ts';
import type { Status, View } from './message.ts';
import { messageList } from './message-list.ts';
import type { RowContext } from './message-row.ts';
import { preferencesView } from './preferences-view.ts';

export interface Category {
  name: string;
  title: string;
}

export interface PanelContext extends RowContext {
  inbox(): Inbox | null;
  categories: readonly Category[];
  /** The connection is missing for longer than a moment. */
  isOffline(): boolean;
  close(): void;
  /** For the live region. */
  say(text: string): void;
}

export interface Panel {
  readonly element: HTMLElement;
  render(): void;
  /** What is shown: an action on all takes its category from here. */
  view(): View;
  focus(): void;
  tick(): void;
}

const STATUSES: readonly Status[] = ['all', 'unread', 'archived', 'snoozed'];

/** The dialog below the bell: filters, the list and its states, and the preferences in place of them. */
export function createPanel(context: PanelContext): Panel {
  const { texts, categories, inbox } = context;
  let status: Status = 'all';
  let category: string | null = null;
  let preferences: HTMLElement | null = null;

  const choose = () => inbox()?.show({ status, category });
  const heading = h('h2', { id: 'title' });
  const back = iconButton('back', texts.back, () => showPreferences(false));
  const gear = iconButton('gear', texts.preferences, () => showPreferences(true));
  const readAll = iconButton('check', texts.readAll, () => inbox()?.actOnAll('read-all', category));
  const select = h(
    'select',
    {
      'aria-label': texts.show,
      onchange: () => {
        status = select.value as Status;
        choose();
      },
    },
    ...STATUSES.map((value) => h('option', { value }, texts[value])),
  );
  const tabs = [{ name: null, title: texts.all }, ...categories].map(({ name, title }) =>
    h(
      'button',
      {
        role: 'tab',
        'aria-controls': 'messages',
        onclick: () => {
          category = name;
          markTabs();
          choose();
        },
      },
      title,
    ),
  );
  const bar = h(
    'div',
    { class: 'bar' },
    h('div', { role: 'tablist', 'aria-label': texts.categories, onkeydown: moveTab }, ...tabs),
    select,
  );
  const bannerText = h('span');
  const retry = h('button', { class: 'text', onclick: () => inbox()?.retry() }, texts.retry);
  const banner = h('div', { class: 'banner', role: 'status' }, bannerText, retry);
  const messages = messageList(context, texts.inbox);
  const note = h('p', { class: 'note' });
  const more = h('button', { class: 'text center', onclick: () => inbox()?.more() }, texts.more);
  const content = h(
    'div',
    { class: 'body', id: 'messages', role: 'tabpanel', tabindex: -1, 'aria-label': texts.inbox },
    messages.element,
    note,
    more,
  );
  const element = h(
    'div',
    {
      class: 'panel',
      id: 'panel',
      part: 'panel',
      role: 'dialog',
      'aria-labelledby': 'title',
      popover: 'manual',
      hidden: true,
      onkeydown: (event: KeyboardEvent) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        if (preferences) showPreferences(false);
        else context.close();
      },
    },
    h('header', {}, back, heading, readAll, gear, iconButton('close', texts.close, context.close)),
    bar,
    banner,
    content,
  );
  // The next page is loaded before its place comes into sight.
  const nearEnd = new IntersectionObserver(
    (entries) => entries.some((entry) => entry.isIntersecting) && inbox()?.more(),
    { root: content, rootMargin: '0px 0px 800px' },
  );

  function markTabs(): void {
    for (const [at, tab] of tabs.entries()) {
      const isSelected = category === (at === 0 ? null : categories[at - 1]!.name);
      set(tab, 'aria-selected', String(isSelected));
      set(tab, 'tabindex', isSelected ? null : -1);
    }
  }

  function moveTab(event: KeyboardEvent): void {
    const ahead = context.direction === 'rtl' ? -1 : 1;
    const step = { ArrowRight: ahead, ArrowLeft: -ahead }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = tabs.indexOf(event.target as HTMLButtonElement);
    const next = tabs.at((at + step) % tabs.length)!;
    next.click();
    next.focus();
  }

  function showPreferences(isWanted: boolean): void {
    preferences?.remove();
    preferences = isWanted
      ? preferencesView(
          context,
          {
            read: () => inbox()!.preferences(context.locale),
            save: (change) => inbox()!.savePreferences(change, context.locale),
          },
          context.say,
        )
      : null;
    if (preferences) element.append(preferences);
    preferences?.classList.add('body');
    render();
    (isWanted ? back : gear).focus();
  }

  function render(): void {
    const now = inbox();
    const isList = preferences === null;
    write(heading, isList ? texts.inbox : texts.preferences);
    back.hidden = isList;
    gear.hidden = readAll.hidden = bar.hidden = content.hidden = !isList;
    const shown = now ? list(now.state) : [];
    messages.show(shown);
    const cursor = now?.state.cursor;
    const isEmpty = shown.length === 0 && !cursor;
    const isLoading = cursor === undefined && now?.error === null;
    set(content, 'aria-busy', isLoading);
    note.hidden = !isEmpty || (now?.error != null && cursor === undefined);
    write(note, isLoading ? texts.loading : texts.empty);
    more.hidden = !cursor;
    // Looks again: it calls back only when something changes, and after a page one can be at the end again.
    nearEnd.unobserve(more);
    nearEnd.observe(more);
    const isOffline = context.isOffline() || now?.link === 'stopped';
    const problem =
      now?.error === 'refused' ? texts.refused : isOffline ? texts.offline : now?.error ? texts.failed : '';
    banner.hidden = problem === '';
    write(bannerText, problem);
  }

  bar.firstElementChild!.toggleAttribute('hidden', categories.length === 0);
  markTabs();
  render();
  return {
    element,
    render,
    view: () => ({ status, category }),
    tick: messages.tick,
    focus() {
      if (!messages.focus()) content.focus();
    },
  };
}
