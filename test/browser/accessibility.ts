import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { until } from '../support/until.ts';

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** Those of these rules that look at colours: all that another colour scheme can break. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

interface Violation {
  id: string;
  at: string[];
}

/**
 * No violation of WCAG 2.2 AA on the page as it is now.
 *
 * @param without rules that are not looked at.
 */
export async function expectAccessible(page: Page, without: readonly string[] = []): Promise<void> {
  await still(page);
  expect(await violations(page, { type: 'tag', values: WCAG }, without)).toEqual([]);
}

/** No violation by its colours: for a page that was looked at in another colour scheme, and has the same elements. */
export async function expectAccessibleColours(page: Page): Promise<void> {
  await still(page);
  expect(await violations(page, { type: 'rule', values: OF_COLOURS })).toEqual([]);
}

/**
 * Colours and places are measured once nothing moves. The pages take another colour scheme by a script, a moment after the
 * browser has it, and fade into it.
 */
export async function still(page: Page): Promise<void> {
  await until('the page to be still', () =>
    page.evaluate<boolean>(`new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => {
      const { mantineColorScheme: scheme } = document.documentElement.dataset;
      const wanted = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
      const isChosen = !['auto', null].includes(localStorage.getItem('mantine-color-scheme-value'));
      const isMoving = document.getAnimations().some(({ playState }) => playState === 'running');
      resolve(!isMoving && (scheme === undefined || isChosen || scheme === wanted));
    })))`),
  );
}

/**
 * Runs axe within the page, where it is loaded once. `@axe-core/playwright` would load it for every look, and open
 * another page to put the results of frames together, which took two thirds of the time of all browser tests.
 */
async function violations(
  page: Page,
  runOnly: axe.RunOnly,
  without: readonly string[] = [],
): Promise<Violation[]> {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(axe.source);
  return page.evaluate<Violation[]>(`(async () => {
    // Somebody else's mail, in a frame without scripts, in which axe would never return. There are no other frames.
    const { violations } = await axe.run({ exclude: ['.message-frame'] }, {
      runOnly: ${JSON.stringify(runOnly)},
      rules: ${JSON.stringify(Object.fromEntries(without.map((id) => [id, { enabled: false }])))},
      resultTypes: ['violations'],
    });
    return violations.map(({ id, nodes }) => ({ id, at: nodes.map(({ html }) => html.slice(0, 200)) }));
  })()`);
}
