/**
 * The features that moved most, as bars beside the thresholds. Unaware of files.
 */
import { type Attributes, element, group, type Svg, svgDocument, text } from '../sdk/svg.ts';
import type { FeatureDrift, Level, Thresholds } from './drift.ts';

const WIDTH = 520;
const ROW = 20;
const MARGIN = { left: 140, top: 60, right: 60, bottom: 30 };
const MOST = 20;
const COLOURS: Readonly<Record<Level, string>> = {
  ok: '#1f5fa8',
  warn: '#b7791f',
  alert: '#c2410c',
};

export function driftPlot(features: readonly FeatureDrift[], thresholds: Thresholds): string {
  const shown = features.toSorted((a, b) => b.psi - a.psi).slice(0, MOST);
  const height = Math.max(1, shown.length) * ROW;
  const largest = Math.max(1.2 * thresholds.psiAlert, ...shown.map(({ psi }) => psi));
  const x = (psi: number) => (WIDTH * psi) / largest;
  const bars = shown.flatMap(({ name, psi, level }, index) =>
    bar({ name, level, y: index * ROW, width: x(psi), psi }),
  );
  return svgDocument(
    {
      width: MARGIN.left + WIDTH + MARGIN.right,
      height: MARGIN.top + height + MARGIN.bottom,
    },
    'Population stability index of the features that moved most',
    [
      text({ x: MARGIN.left, y: 24 }, 'Features that moved most (PSI)', {
        'font-size': 14,
        'font-weight': 600,
      }),
      group(MARGIN.left, MARGIN.top, [
        ...bars,
        ...threshold('warn', x(thresholds.psiWarn), height),
        ...threshold('alert', x(thresholds.psiAlert), height),
      ]),
    ],
  );
}

type Bar = {
  readonly name: string;
  readonly level: Level;
  readonly y: number;
  readonly width: number;
  readonly psi: number;
};

function bar({ name, level, y, width, psi }: Bar): readonly Svg[] {
  const short = name.length > 18 ? `${name.slice(0, 17)}…` : name;
  const end: Attributes = { 'text-anchor': 'end' };
  return [
    text({ x: -8, y: y + 14 }, short, end),
    element('rect', { x: 0, y: y + 3, width, height: ROW - 6, fill: COLOURS[level] }),
    text({ x: width + 6, y: y + 14 }, psi.toFixed(3)),
  ];
}

const threshold = (level: Level, x: number, height: number): readonly Svg[] => [
  element('line', {
    x1: x,
    y1: -6,
    x2: x,
    y2: height,
    stroke: COLOURS[level],
    'stroke-dasharray': '4 3',
  }),
  text({ x, y: -12 }, level, { 'text-anchor': 'middle', fill: COLOURS[level] }),
];
