import type { Channel } from '@carillon/core/notification/channel';
import { categoryName } from '@carillon/core/provider/visible-text';
import type { PageWords } from '@carillon/core/recipient/page-words';
import { wantsCategory, wantsCategoryOn } from '@carillon/core/recipient/preferences';
import { html } from 'hono/html';
import { begun, lockedOnes, offered, offeredChannels, type PageInput, shown } from './page-input.ts';
import { latestPause, pauseDate } from './pause-field.ts';

/**
 * The choices of a recipient, without script: a row for each category and a column for each channel that reaches them,
 * the channels themselves, and a pause. The routes read it with `saveChoices`.
 *
 * @param category the one that the link is about: offered in any case.
 */
export function choicesForm(input: PageInput, heading: string | null, category?: string) {
  const facts = input.facts!;
  const { words } = begun(input);
  const channels = offeredChannels(facts);
  const { recipient } = facts;
  const rows: Row[] = offered(facts, category === undefined ? undefined : categoryName(category)).map(
    ({ name, defaultOn }) => ({ name, defaultOn, locked: false, ...shown(input, name) }),
  );
  const always: Row[] = lockedOnes(facts).map(({ name }) => ({
    ...{ name, defaultOn: true, locked: true },
    ...shown(input, name),
  }));
  const isTable = channels.length > 1 && rows.length > 0;
  return html`<form method="post">
${heading === null ? '' : html`<h2>${heading}</h2>`}
<input type="hidden" name="choices" value="1">
${isTable ? matrix(input, channels, [...rows, ...always]) : list(input, channels, rows)}
${
  channels.length === 0
    ? ''
    : html`<fieldset><legend>${words.ways}</legend><input type="hidden" name="ways" value="1">${channels.map(
        (channel) =>
          box('way', channel, recipient?.channels[channel] !== false, words.channels[channel], null),
      )}</fieldset>`
}
${isTable || always.length === 0 ? '' : lockedList(words, always)}
${pauseField(input)}
<p><button>${words.save}</button></p>
</form>`;
}

interface Row {
  name: string;
  title: string;
  description: string | null;
  defaultOn: boolean;
  locked: boolean;
}

type Offered = ReturnType<typeof offeredChannels>;

function matrix(input: PageInput, channels: Offered, rows: readonly Row[]) {
  const { words } = begun(input);
  const body = (of: readonly Row[], heading: unknown) =>
    html`<tbody>${heading}${of.map(
      (row) =>
        html`<tr><th scope="row"><bdi>${row.title}</bdi>${
          row.description === null ? '' : html`<small><bdi>${row.description}</bdi></small>`
        }</th>${channels.map((channel) => html`<td>${cell(input, row, channel)}</td>`)}</tr>`,
    )}</tbody>`;
  const always = rows.filter(({ locked }) => locked);
  return html`<fieldset><legend>${words.kinds}</legend><input type="hidden" name="cells" value="${channels.join(' ')}">
<table><thead><tr><td></td>${channels.map((channel) => html`<th scope="col">${words.channels[channel]}</th>`)}</tr></thead>${body(
    rows.filter(({ locked }) => !locked),
    '',
  )}${
    always.length === 0
      ? ''
      : body(
          always,
          html`<tr><th scope="rowgroup" colspan="${channels.length + 1}"><strong>${words.always}</strong><small>${words.locked}</small></th></tr>`,
        )
  }</table></fieldset>`;
}

function cell(input: PageInput, { name, title, defaultOn, locked }: Row, channel: Offered[number]) {
  const { words } = begun(input);
  if (locked) return html`<span aria-hidden="true">✓</span><span class="unseen">${words.always}</span>`;
  const on = wantsOn(input, name, channel, defaultOn) ? 'checked' : '';
  const label = `${title}: ${words.channels[channel]}`;
  return html`<label><input type="checkbox" aria-label="${label}" name="cell_${channel}" value="${name}" ${on}></label>`;
}

/** For people whom one channel reaches, or none yet: then a category is one switch. */
function list(input: PageInput, [channel]: Offered, rows: readonly Row[]) {
  if (rows.length === 0) return '';
  const { words } = begun(input);
  const categories = input.facts!.recipient?.categories ?? {};
  return html`<fieldset><legend>${words.kinds}</legend>${
    channel === undefined ? '' : html`<input type="hidden" name="cells" value="${channel}">`
  }${rows.map(({ name, title, description, defaultOn }) =>
    channel === undefined
      ? box('wanted', name, wantsCategory(categories, name, defaultOn), title, description)
      : box(`cell_${channel}`, name, wantsOn(input, name, channel, defaultOn), title, description),
  )}</fieldset>`;
}

function lockedList(words: PageWords, rows: readonly Row[]) {
  return html`<div class="always"><h2>${words.always}</h2><small>${words.locked}</small><ul>${rows.map(
    ({ title, description }) =>
      html`<li><span><bdi>${title}</bdi></span>${description === null ? '' : html`<small><bdi>${description}</bdi></small>`}</li>`,
  )}</ul></div>`;
}

/** A date rather than a time: until its first moment, where the person lives. */
function pauseField(input: PageInput) {
  const { words } = begun(input);
  const { recipient } = input.facts!;
  if (recipient === null) return '';
  const now = Date.now();
  const date = pauseDate(recipient, now);
  return html`<fieldset><legend>${words.pause}</legend>
<input type="hidden" name="paused_was" value="${date}">
<p><label class="field" for="paused_until">${words.pauseUntil}</label>
<input type="date" id="paused_until" name="paused_until" value="${date}" max="${latestPause(recipient, now)}" aria-describedby="pause_text">
<small id="pause_text">${words.pauseText}</small></p></fieldset>`;
}

function wantsOn({ facts }: PageInput, name: string, channel: Channel, defaultOn: boolean): boolean {
  return wantsCategoryOn(facts?.recipient?.categories ?? {}, name, channel, defaultOn);
}

function box(field: string, value: string, on: boolean, title: string, description: string | null) {
  return html`<label><input type="checkbox" name="${field}" value="${value}" ${on ? 'checked' : ''}><span><bdi>${title}</bdi></span>${
    description === null ? '' : html`<small><bdi>${description}</bdi></small>`
  }</label>`;
}
