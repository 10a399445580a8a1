import type { Action } from './actions.ts';
import { h, icon, set, write } from './dom.ts';
import { createInbox, type Inbox } from './inbox.ts';
import { counts } from './inbox-state.ts';
import type { Counts, Message } from './message.ts';
import { type Category, createPanel, type Panel } from './panel.ts';
import { personOf } from './person.ts';
import { PLACEMENTS, type Placement, placePanel } from './place-panel.ts';
import { safeUrl } from './safe-url.ts';
import styles from './styles.css?inline';
import { plural, type Wording, wordingOf } from './texts.ts';

export type { Category, Message, Placement };

export interface CarillonInboxEvents {
  'carillon-message': CustomEvent<Message>;
  'carillon-counts': CustomEvent<Counts>;
  'carillon-open': CustomEvent<Message>;
}

const OFFLINE_MS = 3_000;
const TICK_MS = 60_000;
const MOST_IN_BADGE = 99;

let sheet: CSSStyleSheet | undefined;

function sharedSheet(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
  }
  return sheet;
}

/** Servers that render pages have no elements: importing this there must not fail. */
const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

/** `<carillon-inbox>`: a bell with the number of unread messages, and the person's messages in a panel. See README.md. */
export class CarillonInbox extends Base {
  static observedAttributes = ['api-url', 'token', 'lang', 'categories', 'placement'];

  #root: ShadowRoot | null = null;
  #place: CSSStyleSheet | null = null;
  #inbox: Inbox | null = null;
  #panel: Panel | null = null;
  #bell: HTMLButtonElement | null = null;
  #badge: HTMLElement | null = null;
  #live: HTMLElement | null = null;
  #wording: Wording = wordingOf([]);
  #getToken: (() => Promise<string>) | null = null;
  #categories: readonly Category[] = [];
  #isOpen = false;
  #isDrawn = true;
  #announced = '';
  #seen = '';
  #offlineSince: number | null = null;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #forgetWindow = new AbortController();

  connectedCallback(): void {
    // Properties that were set before this class was there would hide the accessors.
    for (const name of ['getToken', 'categories', 'token', 'apiUrl'] as const)
      if (Object.hasOwn(this, name)) {
        const value = this[name];
        delete (this as Partial<Pick<CarillonInbox, typeof name>>)[name];
        Object.assign(this, { [name]: value });
      }
    this.#build();
    this.#start();
  }

  disconnectedCallback(): void {
    this.close();
    this.#stop();
  }

  attributeChangedCallback(name: string, before: string | null, value: string | null): void {
    if (before === value || !this.#panel) return;
    const isSamePerson = name === 'token' && before && value && personOf(before) === personOf(value);
    if (name === 'categories') this.#categories = readCategories(value);
    if (isSamePerson && this.#inbox) this.#inbox.renew();
    else if (name === 'token' || name === 'api-url') this.#start();
    else if (name === 'placement') this.#placePanel();
    else this.#build();
  }

  get apiUrl(): string {
    return (this.getAttribute('api-url') ?? '').replace(/\/+$/, '');
  }
  set apiUrl(url: string) {
    this.setAttribute('api-url', url);
  }

  get token(): string | null {
    return this.getAttribute('token');
  }
  set token(token: string | null) {
    set(this, 'token', token);
  }

  /** Asks the page's server for a token; called again when one has ended. Takes precedence over `token`. */
  get getToken(): (() => Promise<string>) | null {
    return this.#getToken;
  }
  set getToken(ask: (() => Promise<string>) | null) {
    this.#getToken = ask;
    if (this.#panel && !this.#inbox) this.#start();
  }

  get categories(): readonly Category[] {
    return this.#categories;
  }
  set categories(categories: readonly Category[]) {
    const before = JSON.stringify(this.#categories);
    this.#categories = tidy(categories);
    const isSame = JSON.stringify(this.#categories) === before;
    if (this.#panel && !isSame) this.#build();
  }

  /** As shown on the bell. */
  get counts(): Counts {
    return this.#inbox ? counts(this.#inbox.state) : { unread_count: 0, unseen_count: 0 };
  }

  /** Of the bell. */
  override focus(options?: FocusOptions): void {
    this.#bell?.focus(options);
  }

  open(): void {
    if (this.#isOpen || !this.#panel) return;
    this.#isOpen = true;
    const { element } = this.#panel;
    element.hidden = false;
    element.showPopover?.();
    set(this.#bell!, 'aria-expanded', 'true');
    this.#placePanel();
    this.#panel.tick();
    this.#ticker = setInterval(this.#panel.tick, TICK_MS);
    this.#draw();
    this.#panel.focus();
  }

  /** Focus returns to the bell, if it is in the panel. */
  close(): void {
    if (!this.#isOpen || !this.#panel) return;
    this.#isOpen = false;
    clearInterval(this.#ticker);
    set(this.#bell!, 'aria-expanded', 'false');
    if (this.#root!.activeElement) this.#bell!.focus();
    const { element } = this.#panel;
    element.hidePopover?.();
    element.hidden = true;
  }

  /** (Re)builds what depends on the language and the categories. */
  #build(): void {
    this.close();
    this.#root ??= this.attachShadow({ mode: 'open' });
    this.#place ??= new CSSStyleSheet();
    this.#root.adoptedStyleSheets = [sharedSheet(), this.#place];
    if (this.#categories.length === 0) this.#categories = readCategories(this.getAttribute('categories'));
    const page = this.closest('[lang]')?.getAttribute('lang');
    this.#wording = wordingOf([page ?? '', ...navigator.languages]);
    const { direction, locale, texts } = this.#wording;
    this.#badge = h('span', { class: 'badge', part: 'badge', 'aria-hidden': 'true', hidden: true });
    this.#bell = h(
      'button',
      {
        class: 'icon bell',
        part: 'bell',
        'aria-haspopup': 'dialog',
        'aria-expanded': 'false',
        'aria-controls': 'panel',
        onclick: () => (this.#isOpen ? this.close() : this.open()),
      },
      icon('bell'),
      this.#badge,
    );
    this.#live = h('div', { class: 'sr', role: 'status', 'aria-live': 'polite' });
    this.#panel = createPanel({
      ...this.#wording,
      titles: new Map(this.#categories.map(({ name, title }) => [name, title])),
      categories: this.#categories,
      inbox: () => this.#inbox,
      isOffline: () => this.#isOffline(),
      act: (message, action) => this.#act(message, action),
      opened: (message) => this.#opened(message),
      close: () => this.close(),
      say: (text) => this.#say(text),
    });
    this.#root.replaceChildren(
      h('div', { lang: locale, dir: direction }, this.#bell, this.#panel.element, this.#live),
    );
    set(this.#bell, 'title', texts.inbox);
    this.#inbox?.show(this.#panel.view());
    this.#render();
  }

  #start(): void {
    this.#stop();
    this.#schedule();
    if (!this.#panel || !this.hasAttribute('api-url') || !(this.#getToken || this.token)) return;
    const inbox = createInbox(this.apiUrl, async () => (this.#getToken ? this.#getToken() : this.token!), {
      changed: () => this.#inbox === inbox && this.#schedule(),
      arrived: (messages) => this.#arrived(messages),
      failed: () => this.#say(this.#wording.texts.failed),
      replaced: () => queueMicrotask(() => this.#start()),
    });
    this.#inbox = inbox;
    const { view } = this.#panel;
    if (view().status !== 'all' || view().category !== null) inbox.show(view());
    this.#forgetWindow = new AbortController();
    const { signal } = this.#forgetWindow;
    for (const name of ['online', 'offline', 'visibilitychange'])
      addEventListener(name, () => this.#schedule(), { signal });
    for (const name of ['resize', 'scroll'])
      addEventListener(name, () => this.#placePanel(), { signal, passive: true, capture: true });
    addEventListener(
      'pointerdown',
      (event) => {
        if (this.#isOpen && !event.composedPath().includes(this)) this.close();
      },
      { signal },
    );
  }

  #stop(): void {
    this.#inbox?.stop();
    this.#inbox = null;
    this.#seen = this.#announced = '';
    this.#offlineSince = null;
    this.#forgetWindow.abort();
  }

  /** Once per frame, however many events come. */
  #schedule(): void {
    if (!this.#isDrawn) return;
    this.#isDrawn = false;
    requestAnimationFrame(() => {
      this.#isDrawn = true;
      if (this.isConnected) this.#render();
    });
  }

  #render(): void {
    const { texts, locale } = this.#wording;
    const now = this.counts;
    const { unread_count: unread } = now;
    const few = plural('unread', unread, locale);
    set(this.#bell!, 'aria-label', unread > 0 ? `${texts.inbox}, ${few}` : texts.inbox);
    this.#badge!.hidden = unread === 0;
    const number = new Intl.NumberFormat(locale).format(Math.min(unread, MOST_IN_BADGE));
    // By the style sheet, for as a text it would have to be a part of the name: "99+" is not.
    set(this.#badge!, 'data-n', unread > MOST_IN_BADGE ? `${number}+` : number);
    const text = JSON.stringify(now);
    if (this.#inbox && this.#inbox.state.position !== null && text !== this.#announced) {
      this.#announced = text;
      this.#dispatch('carillon-counts', now);
    }
    if (this.#isOpen) this.#draw();
  }

  #draw(): void {
    this.#panel!.render();
    this.#markSeen();
  }

  /** What the open panel shows has been seen. */
  #markSeen(): void {
    const inbox = this.#inbox;
    if (!inbox || document.visibilityState === 'hidden') return;
    const { state } = inbox;
    const { status, category } = state.view;
    if (status === 'archived' || status === 'snoozed' || state.cursor === undefined) return;
    const what = JSON.stringify([category, state.shown]);
    const isAsked = state.pending.some(({ isForAll, answeredAt }) => isForAll && answeredAt === null);
    if (isAsked || this.#seen === what || counts(state).unseen_count === 0) return;
    this.#seen = what;
    inbox.actOnAll('seen-all', category);
  }

  #act(message: Message, action: Action): void {
    this.#inbox?.act(message.id, action);
  }

  #opened(message: Message): boolean {
    const event = this.#dispatch('carillon-open', message, true);
    if (event.defaultPrevented) return false;
    if (message.read_at === null) this.#act(message, { to: 'read' });
    if (safeUrl(message.url, document.baseURI)) this.close();
    return true;
  }

  #arrived(messages: readonly Message[]): void {
    this.#say(plural('arrived', messages.length, this.#wording.locale, messages[0]!.title));
    for (const message of messages) this.#dispatch('carillon-message', message);
  }

  #dispatch(type: keyof CarillonInboxEvents, detail: unknown, cancelable = false): CustomEvent {
    const event = new CustomEvent(type, { detail, cancelable, bubbles: true, composed: true });
    this.dispatchEvent(event);
    return event;
  }

  #say(text: string): void {
    // The same text twice is read twice only if the region was empty between.
    this.#live!.textContent = '';
    requestAnimationFrame(() => write(this.#live!, text));
  }

  /** Known to be offline, or without a stream for longer than connecting again takes. */
  #isOffline(): boolean {
    if (navigator.onLine === false) return true;
    if (this.#inbox?.link !== 'waiting') {
      this.#offlineSince = null;
      return false;
    }
    if (this.#offlineSince === null) {
      this.#offlineSince = Date.now();
      setTimeout(() => this.#schedule(), OFFLINE_MS + 50);
    }
    return Date.now() - this.#offlineSince > OFFLINE_MS;
  }

  #placePanel(): void {
    if (!this.#isOpen) return;
    const wanted = this.getAttribute('placement') as Placement;
    const { offsetWidth: width, offsetHeight: height } = this.#panel!.element;
    this.#place!.replaceSync(
      placePanel(
        this.#bell!.getBoundingClientRect(),
        { width, height },
        { width: innerWidth, height: innerHeight },
        PLACEMENTS.includes(wanted) ? wanted : 'bottom-end',
        this.#wording.direction,
      ),
    );
  }
}

/** Names of categories are compared without regard to case. */
const tidy = (categories: readonly Category[]): Category[] =>
  categories.map(({ name, title }) => ({ name: name.toLowerCase(), title: title ?? name }));

function readCategories(text: string | null): readonly Category[] {
  try {
    return tidy(JSON.parse(text ?? '[]'));
  } catch (error) {
    reportError(error);
    return [];
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'carillon-inbox': CarillonInbox;
  }
  interface HTMLElementEventMap extends CarillonInboxEvents {}
}

const registry = globalThis.customElements;
if (registry && !registry.get('carillon-inbox')) registry.define('carillon-inbox', CarillonInbox);
