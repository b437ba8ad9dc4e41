/** Several runs in one project at the same time: each step executes once, whoever comes first. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { TempProject } from '../harness/temp-project.ts';

/** A fork, a join and what is placed; `last` is the pipeline's own. */
function pipeline(project: TempProject, name: string): string {
  const step = (mark: string, run: string, more: object) => ({
    run: `echo ${mark} >> '${project.path('marks')}'; ${run}`,
    ...more,
  });
  const y = { y: 'file' };
  return JSON.stringify({
    sluice: 1,
    name,
    steps: {
      a: step('a', 'cat ${{ in.x }} > ${{ out.y }}', { in: { x: './in.txt' }, out: y }),
      b: step('b', 'rev ${{ in.x }} > ${{ out.y }}', { in: { x: 'a.y' }, out: y }),
      c: step('c', 'mkdir ${{ out.y }}; cp ${{ in.x }} ${{ out.y }}/1', {
        in: { x: 'a.y' },
        out: { y: { type: 'dir', to: 'out/c' } },
      }),
      d: step('d', 'cat ${{ in.x }} ${{ in.z }}/1 > ${{ out.y }}', {
        in: { x: 'b.y', z: 'c.y' },
        out: { y: { type: 'file', to: 'out/d.txt' } },
      }),
      last: step(`last-${name}`, `echo ${name} > \${{ out.y }}`, { in: { x: 'd.y' }, out: y }),
    },
  });
}

test('of one pipeline and of two that share steps', async () => {
  using project = TempProject.create({ 'in.txt': 'abc\n' });
  for (const name of ['p', 'q']) project.write(`pipelines/${name}.yaml`, pipeline(project, name));
  for (const text of ['abc', 'def', 'ghi']) {
    project.write('in.txt', `${text}\n`);
    project.write('marks', '');
    const names = ['p', 'q', 'p', 'q'];
    const runs = await Promise.all(names.map(name => project.sluice(['run', name])));
    expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      names.map(() => ({ code: 0, stderr: '' })),
    );
    const marks = project.read('marks').trimEnd().split('\n').sort();
    expect(marks).toEqual(['a', 'b', 'c', 'd', 'last-p', 'last-q']);
    expect(project.read('out/d.txt')).toBe(`${[...text].reverse().join('')}\n${text}\n`);
    expect(readdirSync(project.path('out')).sort()).toEqual(['c', 'd.txt']);
    expect(readdirSync(project.path('.sluice/work'))).toEqual([]);
    expect(readdirSync(project.path('.sluice'))).not.toContain('replaced');
  }
});
