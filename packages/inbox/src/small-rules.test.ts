import { describe, expect, test } from 'vitest';
import { personOf } from './person.ts';
import { placePanel } from './place-panel.ts';
import { safeUrl } from './safe-url.ts';
import { LANGUAGE_NAMES, plural, wordingOf } from './texts.ts';
import { ago, SNOOZES } from './times.ts';

describe('a link is followed', () => {
  const base = 'https://app.example/inbox/';
  test.each([
    ['https://shop.example/a?b#c', 'https://shop.example/a?b#c'],
    ['/orders/1', 'https://app.example/orders/1'],
    ['details', 'https://app.example/inbox/details'],
  ])('that is http, https or relative: %s', (url, href) => {
    expect(safeUrl(url, base)).toBe(href);
  });
  test.each([
    'javascript:alert(1)',
    ' java\nscript:alert(1)',
    'data:text/html,x',
    'mailto:a@b.c',
    'https://',
    '',
    null,
  ])('and no other: %j', (url) => {
    expect(safeUrl(url, base)).toBeNull();
  });
});

describe('texts', () => {
  test.each(LANGUAGE_NAMES)('are complete in %s, with placeholders where English has them', (name) => {
    const { texts } = wordingOf([name]);
    const english = wordingOf(['en']).texts;
    const lines = Object.values(texts);
    expect(lines.every((line) => typeof line === 'string' && line !== '')).toBe(true);
    expect(Object.keys(texts)).toEqual(Object.keys(english));
    for (const [key, line] of Object.entries(english))
      expect(texts[key as keyof typeof texts].includes('{time}'), key).toBe(line.includes('{time}'));
    const last = { en: 'In the app', de: 'In der App', fr: 'Dans l’application', es: 'En la aplicación' };
    expect(texts.in_app).toBe((last as Record<string, string>)[name] ?? 'داخل التطبيق');
  });

  test.each([
    ['en', 1, '1 unread'],
    ['de', 2, '2 ungelesen'],
    ['fr', 0, '0 non lue'],
    ['fr', 2, '2 non lues'],
    ['es', 3, '3 sin leer'],
    ['ar', 1, 'إشعار واحد غير مقروء'],
    ['ar', 2, 'إشعاران غير مقروءين'],
    ['ar', 3, '3 إشعارات غير مقروءة'],
    ['ar', 11, '11 إشعارًا غير مقروء'],
    ['ar', 100, '100 إشعار غير مقروء'],
  ])('have the plural form of %s for %i', (locale, n, text) => {
    expect(
      plural('unread', n, locale).replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660)),
    ).toBe(text);
  });

  test('of a new message take its title as it is', () => {
    expect(plural('arrived', 1, 'en', '$& {n}')).toBe('New message: $& {n}');
    expect(plural('arrived', 1_000, 'de')).toBe('1.000 neue Mitteilungen');
  });

  test('are in the first language that has any, right to left where it is written so', () => {
    expect(wordingOf(['nl', 'de_AT', 'en'])).toMatchObject({ locale: 'de-AT', direction: 'ltr' });
    expect(wordingOf(['ar-EG'])).toMatchObject({ locale: 'ar-EG', direction: 'rtl' });
    expect(wordingOf(['constructor', '', 'de-!'])).toMatchObject({ locale: 'de' });
    expect(wordingOf([])).toMatchObject({ locale: 'en', texts: { inbox: 'Notifications' } });
  });
});

test.each([
  [5, '5 seconds ago'],
  [-30, 'now'],
  [59, '59 seconds ago'],
  [3_599, '59 minutes ago'],
  [7_200, '2 hours ago'],
  [90_000, 'yesterday'],
  [8 * 86_400, 'Jan 2, 2026'],
])('%i seconds are "%s"', (seconds, text) => {
  const now = Date.UTC(2026, 0, 10, 12);
  expect(ago(new Date(now - seconds * 1_000).toISOString(), now, 'en')).toBe(text);
});

test.each([
  ['a Sunday', new Date(2026, 2, 1, 23, 59), new Date(2026, 2, 2, 9), new Date(2026, 2, 2, 9)],
  ['a Monday', new Date(2026, 2, 2, 8), new Date(2026, 2, 3, 9), new Date(2026, 2, 9, 9)],
  ['a Saturday', new Date(2026, 1, 28, 8), new Date(2026, 2, 1, 9), new Date(2026, 2, 2, 9)],
])('on %s a snooze ends tomorrow or on Monday, at 9', (_day, now, tomorrow, week) => {
  expect(SNOOZES.tomorrow(now)).toEqual(tomorrow);
  expect(SNOOZES.week(now)).toEqual(week);
  expect(SNOOZES.hour(now).getTime() - now.getTime()).toBe(3_600_000);
});

describe('a token is of a person', () => {
  const token = (payload: object, mac: string) =>
    `crt_${Buffer.from(JSON.stringify(payload)).toString('base64url')}.${mac}`;
  const ada = { app: 'a', env: 'live', id: 'ädä', scopes: ['inbox'], until: 1 };

  test('the same for each of their tokens', () => {
    expect(personOf(token(ada, 'x'))).toBe(personOf(token({ ...ada, until: 2 }, 'y')));
  });

  test('and another for another id, app or environment', () => {
    const others = [ada, { ...ada, id: 'bob' }, { ...ada, app: 'b' }, { ...ada, env: 'test' }];
    expect(new Set(others.map((each) => personOf(token(each, 'x')))).size).toBe(4);
  });

  test('one that cannot be read stands for itself', () => {
    expect(personOf('crt_opaque')).toBe('crt_opaque');
  });
});

describe('the panel lies', () => {
  const window = { width: 1_000, height: 800 };
  const panel = { width: 400, height: 500 };
  const bell = { top: 10, bottom: 50, left: 900, right: 940 };
  test.each([
    ['bottom-end', 'ltr', bell, 58, 540],
    ['bottom-start', 'ltr', { ...bell, left: 20, right: 60 }, 58, 20],
    ['bottom-end', 'rtl', { ...bell, left: 20, right: 60 }, 58, 20],
    ['top-end', 'ltr', { ...bell, top: 700, bottom: 740 }, 192, 540],
    ['bottom-start', 'ltr', bell, 58, 592],
    ['bottom-end', 'ltr', { ...bell, top: 700, bottom: 740 }, 292, 540],
  ] as const)('%s of the bell, in the window (%s)', (placement, direction, at, top, left) => {
    expect(placePanel(at, panel, window, placement, direction)).toBe(`.panel{top:${top}px;left:${left}px}`);
  });

  test('at the edge of a window that is smaller than it', () => {
    expect(placePanel(bell, panel, { width: 300, height: 300 }, 'bottom-end', 'ltr')).toBe(
      '.panel{top:8px;left:8px}',
    );
  });
});
