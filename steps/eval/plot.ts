/**
 * The picture of an evaluation: the confusion matrix beside the reliability diagram. Unaware of
 * files; the same evaluation gives the same bytes.
 */

import { percent } from '../sdk/markdown.ts';
import { countAt, ratio } from '../sdk/metrics.ts';
import type { ReliabilityBin } from '../sdk/metrics-probability.ts';
import { element, group, type Svg, svgDocument, text } from '../sdk/svg.ts';
import type { Evaluation } from './evaluation.ts';

const SIDE = 360;
const MARGIN = { left: 84, top: 64, between: 96, right: 28, bottom: 76 };
const BLUE = '#1f5fa8';
const RED = '#c2410c';
const GREY = '#9aa5b1';
/** From here on, numbers and names would cover each other. */
const MOST_NUMBERED = 24;
const MOST_NAMED = 40;

export function evaluationPlot(evaluation: Evaluation): string {
  const { scores, ece } = evaluation;
  const second = MARGIN.left + SIDE + MARGIN.between;
  return svgDocument(
    { width: second + SIDE + MARGIN.right, height: MARGIN.top + SIDE + MARGIN.bottom },
    `Confusion matrix and reliability diagram; accuracy ${percent(scores.accuracy)}`,
    [
      group(MARGIN.left, MARGIN.top, confusionMatrix(evaluation)),
      group(second, MARGIN.top, reliabilityDiagram(evaluation.reliability)),
      heading(
        MARGIN.left,
        `Confusion: accuracy ${percent(scores.accuracy)} of ${scores.rows} rows`,
      ),
      heading(second, `Reliability: calibration error ${percent(ece)}`),
    ],
  );
}

const heading = (x: number, content: string): Svg =>
  text({ x, y: MARGIN.top - 28 }, content, { 'font-size': 14, 'font-weight': 600 });

function confusionMatrix(evaluation: Evaluation): readonly Svg[] {
  const { labels, scores } = evaluation;
  const cell = SIDE / labels.length;
  const cells = scores.perClass.flatMap(({ support }, truth) =>
    labels.flatMap((_, answer) => matrixCell(evaluation, { truth, answer, cell, support })),
  );
  return [
    ...cells,
    element('rect', { width: SIDE, height: SIDE, fill: 'none', stroke: GREY }),
    ...(labels.length > MOST_NAMED
      ? []
      : labels.flatMap((label, index) => names(label, index, cell))),
    text({ x: SIDE / 2, y: SIDE + 62 }, 'answer', { 'text-anchor': 'middle' }),
    element(
      'text',
      { transform: `translate(-68 ${SIDE / 2}) rotate(-90)`, 'text-anchor': 'middle' },
      'truth',
    ),
  ];
}

type CellPlace = {
  readonly truth: number;
  readonly answer: number;
  readonly cell: number;
  readonly support: number;
};

function matrixCell(
  { confusion, labels }: Evaluation,
  { truth, answer, cell, support }: CellPlace,
): readonly Svg[] {
  const count = countAt(confusion, truth, answer);
  if (count === 0) return [];
  const share = ratio(count, support);
  const [x, y] = [answer * cell, truth * cell];
  const box = element('rect', {
    x,
    y,
    width: cell,
    height: cell,
    fill: truth === answer ? BLUE : RED,
    // A single mistake among many must still be seen.
    'fill-opacity': 0.12 + 0.88 * share,
  });
  if (labels.length > MOST_NUMBERED) return [box];
  const number = text({ x: x + cell / 2, y: y + cell / 2 + 4 }, String(count), {
    'text-anchor': 'middle',
    'font-size': Math.min(12, cell / 2.2),
    fill: share > 0.5 ? '#ffffff' : '#1f2933',
  });
  return [box, number];
}

function names(label: string, index: number, cell: number): readonly Svg[] {
  const short = label.length > 10 ? `${label.slice(0, 9)}…` : label;
  const middle = (index + 0.5) * cell;
  const size = { 'font-size': Math.min(12, cell) };
  return [
    text({ x: -8, y: middle + 4 }, short, { 'text-anchor': 'end', ...size }),
    element(
      'text',
      {
        transform: `translate(${middle + 4} ${SIDE + 10}) rotate(-45)`,
        'text-anchor': 'end',
        ...size,
      },
      short,
    ),
  ];
}

function reliabilityDiagram(bins: readonly ReliabilityBin[]): readonly Svg[] {
  const fullest = Math.max(1, ...bins.map(({ count }) => count));
  const width = SIDE / bins.length;
  const bars = bins.flatMap(({ count, confidence, accuracy }, index) => {
    if (count === 0) return [];
    return [
      element('rect', {
        x: index * width + 1,
        y: SIDE * (1 - accuracy),
        width: width - 2,
        height: SIDE * accuracy,
        fill: BLUE,
        // Pale where few rows stand behind it.
        'fill-opacity': 0.25 + 0.75 * (count / fullest),
      }),
      element('circle', { cx: SIDE * confidence, cy: SIDE * (1 - accuracy), r: 3, fill: RED }),
    ];
  });
  return [
    ...bars,
    element('line', { x1: 0, y1: SIDE, x2: SIDE, y2: 0, stroke: GREY, 'stroke-dasharray': '4 4' }),
    element('rect', { width: SIDE, height: SIDE, fill: 'none', stroke: GREY }),
    ...[0, 0.25, 0.5, 0.75, 1].flatMap(tick => [
      text({ x: SIDE * tick, y: SIDE + 18 }, tick.toFixed(2), { 'text-anchor': 'middle' }),
      text({ x: -8, y: SIDE * (1 - tick) + 4 }, tick.toFixed(2), { 'text-anchor': 'end' }),
    ]),
    text({ x: SIDE / 2, y: SIDE + 42 }, 'confidence of the answer', { 'text-anchor': 'middle' }),
    element(
      'text',
      { transform: `translate(-46 ${SIDE / 2}) rotate(-90)`, 'text-anchor': 'middle' },
      'share that was right',
    ),
  ];
}
