import { h } from './dom.ts';
import type { Preferences } from './message.ts';
import type { Wording } from './texts.ts';

export interface PreferencesSource {
  read(): Promise<Preferences>;
  save(change: Partial<Preferences>): Promise<Preferences>;
}

type Named = 'email' | 'sms' | 'push' | 'in_app';

/** What a person wants to get, and how. Each switch is saved at once; one that could not be is set back. */
export function preferencesView(
  { texts }: Wording,
  { read, save }: PreferencesSource,
  say: (text: string) => void,
): HTMLElement {
  const element = h(
    'div',
    { class: 'settings', 'aria-busy': 'true' },
    h('p', { class: 'note' }, texts.loading),
  );
  let stored: Preferences;

  const field = (
    title: string,
    detail: string | null,
    isOn: boolean,
    isLocked: boolean,
    change: (isOn: boolean) => Partial<Preferences>,
  ) => {
    const input = h('input', {
      type: 'checkbox',
      role: 'switch',
      disabled: isLocked,
      onchange: async () => {
        try {
          stored = await save(change(input.checked));
          say(texts.saved);
        } catch {
          input.checked = !input.checked;
          say(texts.failed);
        }
      },
    });
    input.checked = isOn;
    return h('label', {}, h('span', {}, title, detail === null ? null : h('small', {}, detail)), input);
  };

  const show = () => {
    const { category_list: list = [], channels } = stored;
    const topics = list.map(({ name, title, description, wanted, locked }) =>
      field(title, locked ? texts.locked : description, wanted, locked, (isOn) => ({
        categories: { ...stored.categories, [name]: isOn },
      })),
    );
    const ways = Object.entries(channels).map(([name, isOn]) =>
      field(texts[name as Named] ?? name, null, isOn, false, (wanted) => ({
        channels: { ...stored.channels, [name]: wanted },
      })),
    );
    element.replaceChildren(
      ...(topics.length > 0 ? [h('h3', {}, texts.topics), ...topics] : []),
      h('h3', {}, texts.channels),
      ...ways,
    );
  };

  read()
    .then(
      (answer) => {
        stored = answer;
        show();
      },
      () => element.replaceChildren(h('p', { class: 'note' }, texts.failed)),
    )
    .finally(() => element.removeAttribute('aria-busy'));
  return element;
}
