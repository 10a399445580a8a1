import type { ArmResult } from '@carillon/core/campaign/verdict';
import { MantineProvider } from '@mantine/core';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import VariantTable from './variants.tsx';

const arm = (key: string, tried: number, clicked: number): ArmResult => ({
  key,
  tried,
  delivered: tried,
  opened: 0,
  clicked,
  failed: 0,
});
const textOf = (props: Parameters<typeof VariantTable>[0]): string =>
  renderToStaticMarkup(createElement(MantineProvider, null, createElement(VariantTable, props)))
    .replaceAll(/<style[^>]*>.*?<\/style>/gs, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');

test('variants are shown with their shares and intervals, and the better one is named', () => {
  const text = textOf({ arms: [arm('short', 1000, 150), arm('long', 1000, 200)], holdout: 1 });
  expect(text).toContain('long 1,000');
  expect(text).toContain('20.0% (best) 200; 17.6% to 22.6%');
  expect(text).toContain('long is better: 20.0 % of long and 15.0 % of short were clicked');
  expect(text).toContain('1 recipient gets nothing');
});

test('without enough messages it says so and names none', () => {
  const text = textOf({ arms: [arm('A', 80, 0), arm('B', 0, 0)], holdout: 0 });
  expect(text).toContain(
    'Not enough data yet: at least 100 messages of each variant are needed; A has 80, B has 0.',
  );
  expect(text).not.toContain('(best)');
  expect(text).toContain('none yet');
});

test('one text is compared with nothing', () => {
  expect(textOf({ arms: [arm('A', 80, 0)], holdout: 0 })).toContain('there is nothing to compare');
});
