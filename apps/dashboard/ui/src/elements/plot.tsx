import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { ChartProps } from './chart-props.ts';
import './plot.css';

/** Told apart by dashes too, for those who do not tell the colours apart. */
const COLOURS = ['indigo', 'orange', 'teal', 'grape', 'cyan', 'pink', 'lime', 'red'] as const;
const DASHES = [[], [8, 4], [2, 3], [12, 3, 2, 3], [4, 4], [10, 6, 4, 6], [1, 4], [16, 4]];
const HEIGHT = 180;

const colourOf = (nth: number): string => COLOURS[nth % COLOURS.length]!;
/** Shifted with each round of the colours, so that no two of 64 lines look alike. */
const dashOf = (nth: number): number[] => DASHES[(nth + Math.floor(nth / COLOURS.length)) % DASHES.length]!;

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hour12: false });
const instant = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
});

const variable = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--mantine-color-${name}`).trim();

/** The drawing of a Chart. The values under the pointer, else the last ones, stand in the legend. */
export default function Plot({ at, lines, format, max }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [index, setIndex] = useState<number | null>(null);
  const scheme = useComputedColorScheme('light');
  const shade = scheme === 'dark' ? 4 : 7;
  const names = lines.map(({ name }) => name).join('\n');
  const read = useRef(format);
  read.current = format;

  // The data is given to the drawing that is there; only other lines or colours make a new one.
  // biome-ignore lint/correctness/useExhaustiveDependencies: as the comment says
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const grey = variable(scheme === 'dark' ? 'dark-1' : 'gray-7');
    const grid = { stroke: variable(scheme === 'dark' ? 'dark-5' : 'gray-3'), width: 1 };
    const axis = { stroke: grey, grid, ticks: grid, font: '11px system-ui, sans-serif' };
    const options: uPlot.Options = {
      width: element.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, sync: { key: 'charts' }, points: { size: 6 } },
      scales: { x: { time: true }, y: { range: (_, __, top) => [0, max ?? (top > 0 ? top * 1.08 : 1)] } },
      axes: [
        { ...axis, values: (_, ticks) => ticks.map((second) => clock.format(second * 1000)), space: 60 },
        { ...axis, values: (_, ticks) => ticks.map((value) => read.current(value)), size: 62 },
      ],
      series: [
        {},
        ...lines.map(({ name }, k) => ({
          label: name,
          stroke: variable(`${colourOf(k)}-${shade}`),
          width: 1.5,
          dash: dashOf(k),
          points: { size: 5, filter: (_: uPlot, nth: number) => alone(lines[nth - 1]?.values ?? []) },
        })),
      ],
      hooks: { setCursor: [(drawn) => setIndex(drawn.cursor.idx ?? null)] },
    };
    const drawn = new uPlot(options, dataOf(at, lines), element);
    plot.current = drawn;
    const watch = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height: HEIGHT }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [names, scheme, max]);

  useEffect(() => plot.current?.setData(dataOf(at, lines)), [at, lines]);

  return (
    <>
      <div ref={box} className="plot" aria-hidden />
      <ul className="plot-legend">
        {lines.map(({ name, values }, k) => {
          const value = index === null ? values.findLast((each) => each !== null) : values[index];
          return (
            <li key={name}>
              <Sample colour={`var(--mantine-color-${colourOf(k)}-${shade})`} nth={k} />
              {name} <b>{value === null || value === undefined ? '-' : format(value)}</b>
            </li>
          );
        })}
        {index !== null && at[index] !== undefined && (
          <li className="dim">at {instant.format(at[index] * 1000)}</li>
        )}
      </ul>
    </>
  );
}

/** Values without a neighbour: no line leads to them, so they are drawn as points. */
function alone(values: readonly (number | null)[]): number[] {
  return values.flatMap((value, k) =>
    value !== null && (values[k - 1] ?? null) === null && (values[k + 1] ?? null) === null ? [k] : [],
  );
}

function Sample({ colour, nth }: { colour: string; nth: number }) {
  return (
    <svg width="22" height="8" aria-hidden role="presentation">
      <line
        x1="0"
        y1="4"
        x2="22"
        y2="4"
        stroke={colour}
        strokeWidth="2"
        strokeDasharray={dashOf(nth).join(' ')}
      />
    </svg>
  );
}

const dataOf = (at: ChartProps['at'], lines: ChartProps['lines']): uPlot.AlignedData => [
  at as number[],
  ...lines.map(({ values }) => values as (number | null)[]),
];
