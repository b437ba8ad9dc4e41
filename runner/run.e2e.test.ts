import { expect, test } from 'vitest';
import { processExecutor } from './executors/process.ts';
import { planOf } from './testing/plan-of.ts';
import { TempProject } from './testing/temp-project.ts';

const plan = planOf({
  clean: {
    run: 'tr a-z A-Z < in/raw.txt > out/data',
    in: { raw: './raw.txt' },
    out: { data: 'file' },
  },
  count: { run: 'wc -c < in/data > out/size', in: { data: 'clean.data' }, out: { size: 'value' } },
  report: {
    run: 'echo "size $(cat in/size)" > out/text',
    in: { size: 'count.size' },
    out: { text: 'file' },
    to: { text: 'report.txt' },
  },
});

test('three steps run as processes, and the second run executes nothing', async () => {
  await using project = TempProject.create({ 'raw.txt': 'hello' });
  const first = await project.start(plan, processExecutor());
  expect(await first.outcomes()).toEqual({
    clean: 'succeeded',
    count: 'succeeded',
    report: 'succeeded',
  });
  expect(project.read('report.txt')).toBe('size 5\n');

  const second = await project.start(plan, processExecutor());
  expect(await second.outcomes()).toEqual({
    clean: 'up-to-date',
    count: 'up-to-date',
    report: 'up-to-date',
  });
});
