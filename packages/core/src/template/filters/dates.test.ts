import { afterEach, describe, expect, test } from 'vitest';
import { renderContent } from '../render/render.ts';

const zoneOfProcess = process.env.TZ;
afterEach(() => {
  if (zoneOfProcess === undefined) delete process.env.TZ;
  else process.env.TZ = zoneOfProcess;
});

const print = (output: string, options: { locale?: string; timeZone?: string } = {}, data = {}): string => {
  const rendering = renderContent('in_app', { title: 't', body: `{{ ${output} }}` }, data, options);
  return rendering.ok ? rendering.content.body! : `${rendering.code}: ${rendering.message}`;
};
const FULL = '"%Y-%m-%d %H:%M:%S %z"';

/** The second is nine hours ahead of the first and changes its clock. */
describe.each(['Pacific/Honolulu', 'America/New_York', 'Asia/Tokyo'])(
  'in a process whose zone is %s',
  (zone) => {
    test.each([
      [
        "a time without a zone is the recipient's",
        '2026-11-28T10:00:00',
        'Europe/Berlin',
        '2026-11-28 10:00:00 +0100',
      ],
      ['without seconds too', '2026-11-28T10:00', 'Europe/Berlin', '2026-11-28 10:00:00 +0100'],
      [
        'with a space instead of the T',
        '2026-11-28 23:59:59.999',
        'Asia/Kolkata',
        '2026-11-28 23:59:59 +0530',
      ],
      ['a day begins at midnight there', '2026-11-28', 'America/Los_Angeles', '2026-11-28 00:00:00 -0800'],
      ['a month as well', '2026-11', 'Asia/Tokyo', '2026-11-01 00:00:00 +0900'],
      [
        'so do other ways to write it',
        'November 28, 2026 10:00',
        'Europe/Berlin',
        '2026-11-28 10:00:00 +0100',
      ],
      ['a day written with slashes', '2026/11/28', 'Europe/Berlin', '2026-11-28 00:00:00 +0100'],
      [
        'an instant is shown where the recipient is',
        '2026-11-28T10:00:00Z',
        'Europe/Berlin',
        '2026-11-28 11:00:00 +0100',
      ],
      ['with an offset', '2026-11-28T10:00:00-05:00', 'Asia/Tokyo', '2026-11-29 00:00:00 +0900'],
      ['as in a mail header', 'Sat, 28 Nov 2026 10:00:00 +0100', 'UTC', '2026-11-28 09:00:00 +0000'],
      ['seconds since the epoch', '1795860000', 'Europe/Berlin', '2026-11-28 11:00:00 +0100'],
      ['summer time', '2026-07-01T12:00', 'America/New_York', '2026-07-01 12:00:00 -0400'],
      [
        'an hour that a clock change leaves out',
        '2026-03-29T02:30',
        'Europe/Berlin',
        '2026-03-29 03:30:00 +0200',
      ],
      ['an hour that comes twice', '2026-10-25T02:30', 'Europe/Berlin', '2026-10-25 02:30:00 +0200'],
    ])('%s: %s in %s', (_, date, timeZone, expected) => {
      process.env.TZ = zone;
      expect(new Date('2026-11-28T10:00:00').getUTCHours(), 'the process has the zone').not.toBe(10);
      expect(print(`d | date: ${FULL}`, { timeZone }, { d: date })).toBe(expected);
    });

    test('without any zone it is UTC', () => {
      process.env.TZ = zone;
      expect(print(`"2026-11-28T10:00:00" | date: ${FULL}`)).toBe('2026-11-28 10:00:00 +0000');
      expect(print('"2026-11-28" | date')).toBe('Saturday, November 28, 2026 at 12:00 am +0000');
      expect(print(`1795860000 | date: ${FULL}`)).toBe('2026-11-28 10:00:00 +0000');
    });

    test('now is the same instant everywhere', () => {
      process.env.TZ = zone;
      const seconds = Math.floor(Date.now() / 1000);
      for (const word of ['now', 'today'])
        expect(Number(print(`"${word}" | date: "%s"`)) - seconds).toBeLessThanOrEqual(5);
      const [here, there] = [print('"now" | date: "%Y%m%d%H"'), print('"now" | date: "%Y%m%d%H", "UTC"')];
      expect(here).toBe(there);
    });

    test('the second argument is the zone of the output', () => {
      process.env.TZ = zone;
      expect(print(`"2026-11-28T10:00:00Z" | date: ${FULL}, "Asia/Tokyo"`)).toBe('2026-11-28 19:00:00 +0900');
      expect(print(`"2026-11-28T10:00:00Z" | date: ${FULL}, 360`)).toBe('2026-11-28 04:00:00 -0600');
    });
  },
);

describe('names follow the locale of the text', () => {
  test.each([
    ['de', '%A, %d. %B', 'Samstag, 28. November'],
    ['de-AT', '%b %Y', 'Nov 2026'],
    ['fr', '%A %-d %B', 'samedi 28 novembre'],
    ['es-MX', '%A', 'sábado'],
    ['pl', '%-d %B', '28 listopada'],
    ['pl', '%B', 'listopad'],
    ['ja', '%B%-d日', '11月28日'],
    ['en', '%a %b %e', 'Sat Nov 28'],
    ['en', '%x %X', '11/28/2026 10:00:00 AM'],
    ['de', '%x', '28.11.2026'],
  ])('%s: %s is %s', (locale, format, expected) => {
    const printed = print(`"2026-11-28T10:00:00" | date: "${format}"`, { locale });
    expect(printed.replaceAll('\u202f', ' ')).toBe(expected);
  });

  test('numbers and the other conversions are the same in all of them', () => {
    const format =
      '%Y-%m-%d %y %C %j %U %W %u %w %H %I %k %l %M %S %L %N %p %P %q %s %% %5d %-d %_d %^a %#B %:z %Q';
    expect(print(`"2026-01-04T09:05:06.078" | date: "${format}"`)).toBe(
      '2026-01-04 26 20 004 01 00 7 0 09 09  9  9 05 06 078 078000000 AM am th 1767517506 % 00004 4  4 SUN JANUARY +00:00 %Q',
    );
  });

  test('a value that is not a date is printed unchanged', () => {
    for (const value of ['tomorrow', '', '2026-13-01', 'x'.repeat(1_000), true])
      expect(print('d | date: "%Y" | append: "."', {}, { d: value })).toBe(`${value}.`);
  });
});
