/** `sluice` alone: what it is in three lines, and what can be done in this folder now. */
import { basename } from 'node:path';
import type { Invocation } from './command.ts';
import { findProject } from './project.ts';

export function overview({ cwd, terminal }: Invocation): number {
  const project = findProject(cwd);
  terminal.out('sluice compiles ML pipelines and runs only what is not already known.\n');
  if (project === undefined) {
    terminal.out(
      'There is no project here yet.\n\n  sluice init      start one\n  sluice --help    all commands',
    );
    return 0;
  }
  const names = project.pipelines.map(path => basename(path).replace(/\.ya?ml$/, ''));
  const example = names.length === 1 ? '' : ` ${names[0] ?? '<pipeline>'}`;
  const rows = [
    [`sluice check${example}`, 'is it right?'],
    [`sluice plan${example}`, 'what would run, and why?'],
    [`sluice run${example}`, 'do it'],
    ['sluice runs', 'what happened so far?'],
    ['sluice --help', 'all commands'],
  ];
  const width = Math.max(...rows.map(([command = '']) => command.length));
  terminal.out(
    [
      `Project ${project.root}`,
      `Pipelines: ${names.join(', ') || 'none yet; `sluice init` writes one'}`,
      '',
      ...rows.map(([command = '', does]) => `  ${command.padEnd(width)}    ${does}`),
    ].join('\n'),
  );
  return 0;
}
