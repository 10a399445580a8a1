import { expect, test } from 'vitest';
import type { Channel } from '../../notification/channel.ts';
import type { Content } from '../../notification/message.ts';
import { ENGINE_VERSIONS, type EngineVersion } from '../syntax/engine-version.ts';
import { renderContent } from './render.ts';

/** Contents as they are stored with published versions, and what was sent of them. These lines are never changed. */
interface Stored {
  engine: EngineVersion;
  channel: Channel;
  content: Content;
  sent: Content;
}

const DATA = {
  name: 'Ada <3',
  number: '2026-17',
  total: 1234.5,
  due: '2026-12-01 09:30',
  items: [
    { title: 'A & B', count: 2 },
    { title: 'C', count: 1 },
  ],
  tags: ['x', 'y', 'z'],
};
const OPTIONS = { locale: 'de', formatLocale: 'de-AT', timeZone: 'Europe/Vienna' };

const STORED: readonly Stored[] = [
  {
    engine: 1,
    channel: 'email',
    content: {
      subject: 'Rechnung {{ number }}',
      text: 'Hallo {{ name }}, {{ total }} bis {{ due | date: "%d. %B %Y, %H:%M" }} ({{ due | date: "medium" }})',
      html: '<p title="{{ name }}">{% for i in items %}{{ i.count | times: 2.5 }} {{ i.title }}{% unless forloop.last %}, {% endunless %}{% endfor %}</p>{{ unsubscribe_url }}',
    },
    sent: {
      subject: 'Rechnung 2026-17',
      text: 'Hallo Ada <3, 1234.5 bis 01. Dezember 2026, 09:30 (medium)',
      html: '<p title="Ada &lt;3">5 A &amp; B, 2.5 C</p>',
    },
  },
  {
    engine: 1,
    channel: 'sms',
    content: { text: '{{ tags | join: "+" | upcase }} {{ total | round }} {{ missing | default: "-" }}' },
    sent: { text: 'X+Y+Z 1235 -' },
  },
  {
    engine: 2,
    channel: 'email',
    content: {
      subject: 'Rechnung {{ number }}',
      text: '{{ total | currency: "EUR" }} bis {{ due | date_time: "short" }} ({{ due | date: "medium" }}, {{ due | date: "%B" }})',
      html: '<table>{% part %}{% assign n = 1 %}<b>{{ name }}</b>{% endpart %}{{ n | default: "none" }} {% part title: items[0].title %}<i>{{ title }}</i>{% endpart %} {{ tags | list }} {{ items | plural: one: "Ding", other: "Dinge" }}</table>',
    },
    sent: {
      subject: 'Rechnung 2026-17',
      text: '\u20ac 1.234,50 bis 01.12.26, 09:30 (01.12.2026, Dezember)',
      html: '<table><b>Ada &lt;3</b>none <i>A &amp; B</i> x, y und z Dinge</table>',
    },
  },
  {
    engine: 2,
    channel: 'push',
    content: {
      title: '{{ 0.256 | percent }}',
      body: '{{ total | number: 1 }} {{ due | time }}',
      url: 'https://e.test/{{ number }}',
    },
    sent: { title: '26 %', body: '1 234,5 09:30', url: 'https://e.test/2026-17' },
  },
];

test.each(STORED)(
  'a version of engine $engine for $channel renders as it did',
  ({ engine, channel, content, sent }) => {
    expect(renderContent(channel, content, DATA, { ...OPTIONS, engine })).toMatchObject({
      ok: true,
      content: sent,
    });
  },
);

test('every engine has versions here', () => {
  expect(new Set(STORED.map(({ engine }) => engine))).toEqual(new Set(ENGINE_VERSIONS));
});
