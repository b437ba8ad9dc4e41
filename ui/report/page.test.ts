import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../schema/event.ts';
import { cacheKeyOf, runId, sha256, stepId } from '../../schema/id.ts';
import { used } from '../../test/harness/run-events.ts';
import { chartsOf } from './charts.ts';
import { chartFigure } from './curve.ts';
import { type Report, reportPage } from './page.ts';
import { recordOf } from './record.ts';
import { ticksOf } from './ticks.ts';

const HOSTILE = `</style></svg><script>alert("1")</script><img src=x onerror='x'>`;
const run = runId(new Date(Date.UTC(2026, 10, 21)), 'abc');
const earlier = runId(new Date(Date.UTC(2026, 10, 20)), 'xyz');
const key = cacheKeyOf(sha256('key'));
const [good, bad, hit, open] = ['good', `bad[x=${HOSTILE}]`, 'hit', 'open'].map(stepId);

/** A run in which everything that can carry text carries markup. */
function reportOf(): Report {
  if (!(good && bad && hit && open)) throw new Error('bug: four steps');
  const steps = [good, bad, hit, open].map(id => ({ id, needs: [] }));
  const started = (step: typeof good): RunEvent => ({
    type: 'step-started',
    step,
    attempt: 1,
    executor: 'process',
    cpus: 1,
    pid: null,
    estimateMs: null,
  });
  const finished = {
    type: 'step-finished',
    key,
    durationMs: 1,
    outputs: {},
    log: HOSTILE,
  } as const;
  const digest = sha256('x');
  const output = { kind: 'file', digest, executable: false, bytes: 5, files: 1 } as const;
  const failure = { class: 'exit', code: 1, hint: HOSTILE } as const;
  const metric = (index: number): RunEvent => ({
    type: 'step-metric',
    step: good,
    values: { [HOSTILE]: index / 2, flat: 1 },
    index,
  });
  const events: RunEvent[] = [
    {
      type: 'run-started',
      format: 1,
      run,
      pipeline: HOSTILE,
      startedAt: '2026-11-21T00:00:00.000Z',
      executor: HOSTILE,
      params: { [HOSTILE]: HOSTILE },
      steps,
    },
    {
      type: 'step-judged',
      step: good,
      key,
      verdict: 'execute',
      because: { kind: 'drifted', detail: HOSTILE },
    },
    started(good),
    used(good, { cpuCores: 3 }),
    metric(1),
    metric(2),
    { ...finished, step: hit, outcome: { kind: 'up-to-date', madeBy: earlier } },
    { ...finished, step: good, outcome: { kind: 'succeeded' }, outputs: { [HOSTILE]: output } },
    started(bad),
    { type: 'step-retried', step: bad, attempt: 1, failure, waitMs: 1 },
    started(bad),
    { ...finished, step: bad, outcome: { kind: 'failed', failure } },
    { type: 'warning', step: null, code: 'step-warning', message: HOSTILE },
    started(open),
    { type: 'step-hint', step: open, hint: { kind: 'gpu-hot', gpu: 1, celsius: 88 } },
  ];
  return {
    run,
    record: recordOf(events.map((event, seq) => ({ ...event, seq, at: seq * 100 }))),
    plan: undefined,
    logs: new Map([[bad, [`\u001b[31m${HOSTILE}\u001b[0m`, 'last words']]]),
    measured: new Map([
      [hit, { run: earlier, metrics: { acc: [{ index: null, at: 0, value: 0.5 }] } }],
    ]),
  };
}

const VOID = new Set(['meta', 'img', 'br', '!doctype']);

/** Every tag of the page; fails where one is not closed by its own. */
function tagsOf(page: string): readonly string[] {
  const tags: string[] = [];
  const stack: string[] = [];
  for (const [, slash, name = '', closed] of page.matchAll(
    /<(\/?)([!a-z][a-z0-9]*)[^>]*?(\/?)>/gi,
  )) {
    if (slash === '/') expect(stack.pop()).toBe(name);
    else {
      tags.push(name);
      if (closed !== '/' && !VOID.has(name)) stack.push(name);
    }
  }
  expect(stack).toEqual([]);
  return tags;
}

test('the page is whole, fetches nothing, runs nothing, and shows markup as text', () => {
  const page = reportPage(reportOf());
  const tags = tagsOf(page);
  expect(page).toContain('<td>1.0 GiB, 3.0 cores</td>');
  expect(page).toContain('<li>open: GPU 1 is at 88 °C');
  expect(tags).not.toContain('script');
  expect(tags).not.toContain('img');
  expect(tags).not.toContain('link');
  expect(page).toContain(`default-src 'none'`);
  expect(page).not.toMatch(/https?:/);
  expect(page).not.toContain('\u001b');
  expect(page).toContain('&lt;script&gt;');
});

test('the same run is the same page', () => {
  expect(reportPage(reportOf())).toBe(reportPage(reportOf()));
});

test('it says how the run stands, what failed with its last words, and what hits measured', () => {
  const page = reportPage(reportOf());
  expect(page).toContain('unfinished');
  expect(page).toContain('it exited with code 1');
  expect(page).toContain('last words');
  expect(page).toContain(`as run ${earlier} measured it`);
  expect(page).toContain(sha256('x'));
  expect(page).toContain(`made by run ${earlier}`);
});

test('attempts are bars of their own, and one that still runs reaches to the end', () => {
  const { steps, durationMs } = reportOf().record;
  const spans = (id: string | undefined) => steps.find(step => step.id === id)?.attempts;
  expect(spans(bad)).toEqual([
    { from: 800, to: 900 },
    { from: 1000, to: 1100 },
  ]);
  expect(spans(open)).toEqual([{ from: 1300, to: durationMs }]);
});

test('a report of a run without a single event is still a page', () => {
  const record = recordOf([]);
  const page = reportPage({ run, record, plan: undefined, logs: new Map(), measured: new Map() });
  tagsOf(page);
  expect(page).toContain(run);
});

describe('charts', () => {
  const points = (values: readonly number[]) =>
    values.map((value, at) => ({ index: null, at: at * 1000, value }));
  const counted = (values: readonly number[]) =>
    values.map((value, at) => ({ index: at + 1, at: at * 1000, value }));
  const drawn = (values: readonly number[]) =>
    chartFigure({ title: 'x', series: [{ label: 'x', points: points(values) }] });
  const linesOf = (svg: string) =>
    [...svg.matchAll(/ points="([^"]*)"/g)].map(([, line = '']) =>
      line.split(' ').map(pair => pair.split(',').map(Number)),
    );
  const step = (id: string, metrics: Parameters<typeof chartsOf>[0][number]['metrics']) => ({
    id: stepId(id) as NonNullable<ReturnType<typeof stepId>>,
    metrics,
  });
  const shape = (charts: ReturnType<typeof chartsOf>) =>
    charts.map(({ title, series }) => [title, ...series.map(({ label }) => label)]);

  test('one value is no course, nor is one among values that are no numbers', () => {
    const metrics = { one: points([1]), none: points([1, Number.NaN]) };
    expect(chartsOf([step('train', metrics)])).toEqual([]);
  });

  test('a quantity on training and validation data is one chart, what stands alone keeps its name', () => {
    const course = points([1, 2]);
    const metrics = { train_loss: course, 'val/loss': course, val_accuracy: course, lr: course };
    expect(shape(chartsOf([step('train', metrics)]))).toEqual([
      ['loss', 'train', 'val'],
      ['val_accuracy', 'val'],
      ['lr', 'lr'],
    ]);
  });

  test('a metric of all instances of a matrix is one chart', () => {
    const metrics = { train_loss: points([1, 2]), val_loss: points([1, 2]) };
    const charts = chartsOf([step('train[lr=0.1]', metrics), step('train[lr=0.2]', metrics)]);
    expect(shape(charts)).toEqual([
      ['train_loss', 'lr=0.1', 'lr=0.2'],
      ['val_loss', 'lr=0.1', 'lr=0.2'],
    ]);
    const figure = chartFigure(charts[0] ?? { title: '', series: [] });
    expect(figure).toContain('lr=0.2 <b>2</b>');
  });

  test('lines are told apart without colour, and two of one colour by their dashes', () => {
    const series = Array.from({ length: 36 }, (_, index) => ({
      label: `${index}`,
      points: points([1, 2]),
    }));
    const looks = [...chartFigure({ title: 'x', series }).matchAll(/<polyline class="([^"]*)"/g)];
    expect(new Set(looks.map(([, look]) => look)).size).toBe(36);
    expect(new Set(looks.slice(0, 6).map(([, look]) => look?.split('dash')[1])).size).toBe(6);
  });

  test('what a step says at its end without counting leaves the chart over what it counted', () => {
    const summary = { index: null, at: 90_000, value: 9 };
    const [chart] = chartsOf([step('train', { loss: [...counted([3, 2, 1]), summary] })]);
    const figure = chartFigure(chart ?? { title: '', series: [] });
    expect(figure).toContain('over steps');
    expect(linesOf(figure)[0]).toHaveLength(3);
    expect(figure, 'and the time that took').toContain('>2.0s<');
  });

  test('a step that counts nothing is shown over time', () => {
    const figure = drawn([1, 2, 3]);
    expect(figure).toContain('over time');
    expect(figure).toContain('>1.0s<');
  });

  test.each([
    [[1, 1, 1]],
    [[0, 0]],
    [[-5, 5]],
    [[1e-12, 2e-12]],
    [[1e300, -1e300]],
    [[1e308, -1e308]],
  ])('%j stays within the picture, between ticks above and below', values => {
    const svg = drawn(values);
    for (const [x, y] of linesOf(svg).flat()) {
      expect(x).toBeGreaterThanOrEqual(50);
      expect(x).toBeLessThanOrEqual(306);
      expect(y).toBeGreaterThanOrEqual(10);
      expect(y).toBeLessThanOrEqual(148);
    }
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  test('a hundred thousand points are thinned, the last one kept', () => {
    const svg = drawn(Array.from({ length: 100_000 }, (_, index) => index));
    expect(svg.length).toBeLessThan(20_000);
    expect(svg).toContain('99999');
  });
});

test.each([
  [0, 4, 8, [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4]],
  [0.93, 0.99, 3, [0.94, 0.96, 0.98]],
  [5, 5, 3, [5]],
])('ticks from %d to %d', (low, high, count, expected) => {
  expect(ticksOf(low, high, count)).toEqual(expected);
});
