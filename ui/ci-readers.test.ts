import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../schema/event.ts';
import {
  begun,
  ended,
  failed,
  hinted,
  measured,
  over,
  printed,
  RUN,
  reopened,
  retried,
  stamped,
  started,
  stateAfter,
  used,
} from '../test/harness/run-events.ts';
import { ChromeTrace } from './chrome-trace.ts';
import { githubReader } from './github.ts';
import { gitlabReader } from './gitlab.ts';
import { junitReport } from './junit.ts';
import { runSummary } from './run-summary.ts';
import { makeStyle } from './style.ts';

const style = makeStyle({ color: false, unicode: true });
const again = (step: string) => `sluice run p --step ${step}`;

const run: readonly RunEvent[] = [
  started({ a: [], b: ['a'], c: ['b'] }),
  begun('a'),
  printed('a', 'hello\n 1%\r 2%\n'),
  printed('b', 'meanwhile\n'),
  ended('a'),
  begun('b'),
  printed('b', '::error::not a command\n\x1b[31mred\x1b[0m\n'),
  failed('b'),
  ended('c', { kind: 'skipped', because: 'need-failed', need: null }),
  over('failed'),
];

const told = (
  reader: (write: (text: string) => void) => (event: ReturnType<typeof stamped>[number]) => void,
  events = run,
) => {
  const written: string[] = [];
  const read = reader(text => written.push(...text.split('\n')));
  for (const event of stamped(events)) read(event);
  return written;
};

describe('for GitHub', () => {
  const lines = told(write =>
    githubReader({ write, style, again, pipelinePath: 'pipelines/p.yaml', token: 'secret' }),
  );

  test('a step is a group with its own output only', () => {
    expect(lines.slice(1, 7)).toEqual([
      '::group::✓ a  done        6.3s',
      '::stop-commands::secret',
      'hello',
      ' 2%',
      '::secret::',
      '::endgroup::',
    ]);
  });

  test('a failure stands open, with what repeats it, and as an annotation', () => {
    const at = lines.indexOf('✗ b  FAILED after 6.3s: it exited with code 1');
    expect(lines[at + 1]).toBe('::stop-commands::secret');
    expect(lines.slice(at).join('\n')).toContain('    again: sluice run p --step b');
    expect(lines.find(line => line.startsWith('::error file='))).toBe(
      '::error file=pipelines/p.yaml,title=b failed::it exited with code 1%0A::error::not a command%0Ared',
    );
  });

  test('what a step prints is never a command', () => {
    const at = lines.indexOf('::error::not a command');
    expect(lines.slice(0, at)).toContain('::stop-commands::secret');
    expect(lines.lastIndexOf('::stop-commands::secret', at)).toBeGreaterThan(
      lines.lastIndexOf('::secret::', at),
    );
  });
});

test('for GitLab a step is a section, and that of a failure stands open', () => {
  const lines = told(write => gitlabReader({ write, style, again }));
  expect(lines).toContain(
    '\x1b[0Ksection_start:1795251075:sluice_4[collapsed=true]\r\x1b[0K✓ a  done        6.3s',
  );
  expect(lines).toContain('\x1b[0Ksection_end:1795251082:sluice_4\r\x1b[0K');
  expect(lines.find(line => line.includes('FAILED'))).not.toContain('collapsed');
});

const hint = { kind: 'gpu-hot', gpu: 1, celsius: 88 } as const;
const hot = [started({ a: [] }), begun('a'), hinted('a', hint), ended('a'), over()];

test.each([
  [
    'github',
    (write: (text: string) => void) =>
      githubReader({ write, style, again, pipelinePath: 'p.yaml', token: 'secret' }),
    '::warning file=p.yaml,title=gpu-hot::a: GPU 1 is at 88 °C, where devices slow down: look at its cooling',
  ],
  [
    'gitlab',
    (write: (text: string) => void) => gitlabReader({ write, style, again }),
    '! a: GPU 1 is at 88 °C, where devices slow down: look at its cooling',
  ],
])('a hint is a warning on %s', (_, reader, line) => {
  expect(told(reader, hot)).toContain(line);
});

test('the summary of a run is a table, failures first, and a graph', () => {
  const page = runSummary(stateAfter(run));
  expect(page).toContain('## ❌ p failed');
  expect(page.split('\n').filter(line => line.startsWith('| '))).toEqual([
    '| step | outcome | time | |',
    '| --- | --- | ---: | --- |',
    '| ❌ b | FAILED | 6.3s | it exited with code 1 |',
    '| ✅ a | done | 6.3s |  |',
    expect.stringContaining('| ➖ c | skipped |'),
  ]);
  expect(page).toContain('  s1["❌ b"]:::failed');
  expect(page).toContain('  s0 --> s1');
});

test('in the graph of a summary a matrix is one box with its count', () => {
  const page = runSummary(
    stateAfter([started({ 'm[a=1]': [], 'm[a=2]': [], x: ['m[a=1]', 'm[a=2]'] }), ended('m[a=1]')]),
  );
  expect(page).toContain('  s0["✅ m 1/2"]:::succeeded');
  expect(page.match(/ --> /g)).toHaveLength(1);
});

test('a JUnit file has a case per step, and nothing in it breaks XML', () => {
  const hostile = [...run.slice(0, 6), printed('b', 'a < b && "c" \x00\x1b[0m\n'), ...run.slice(7)];
  const file = junitReport(stateAfter(hostile));
  expect(file).toContain('tests="3" failures="1" errors="0" skipped="1" time="9.000"');
  expect(file).toContain('<testcase classname="p" name="a" time="6.340"/>');
  expect(file).toContain('a &lt; b &amp;&amp; &quot;c&quot;');
  expect(file).not.toContain('\x00');
});

const GPU = {
  index: 3,
  uuid: 'GPU-d',
  utilization: 0.5,
  memoryUsedBytes: null,
  memoryTotalBytes: null,
  celsius: null,
};

test('a trace shows attempts side by side where they ran side by side', () => {
  const trace = new ChromeTrace();
  const events = [
    started({ a: [], b: [], c: [], d: [] }),
    begun('a'),
    begun('b'),
    measured('b', { loss: 0.5 }),
    used('b', { gpus: [GPU] }),
    ended('a'),
    begun('c'),
    retried('b'),
    begun('b', { attempt: 2 }),
    ended('b'),
    ended('d', { kind: 'up-to-date', madeBy: RUN }),
    reopened('c'),
    begun('c'),
    ended('c'),
    over(),
  ];
  for (const event of stamped(events)) trace.read(event);
  const { traceEvents } = JSON.parse(trace.file());
  expect(
    traceEvents.map(({ name, ph, tid, ts, dur }: Record<string, unknown>) => [
      name,
      ph,
      tid,
      ts,
      dur,
    ]),
  ).toEqual([
    [`process_name`, 'M', undefined, undefined, undefined],
    ['b loss', 'C', undefined, 3_000_000, undefined],
    ['b cores', 'C', undefined, 4_000_000, undefined],
    ['b memory', 'C', undefined, 4_000_000, undefined],
    ['b GPU 3', 'C', undefined, 4_000_000, undefined],
    ['a', 'X', 1, 1_000_000, 4_000_000],
    ['b', 'X', 2, 2_000_000, 5_000_000],
    ['b (try 2)', 'X', 2, 8_000_000, 1_000_000],
    ['d: up-to-date', 'i', 0, 10_000_000, undefined],
    ['c', 'X', 1, 6_000_000, 5_000_000],
    ['c', 'X', 1, 12_000_000, 1_000_000],
  ]);
});
