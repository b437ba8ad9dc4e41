/** Ninja and Snakemake, installed from PyPI into a folder of the benchmark. Unaware of figures. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answerOf, execute } from './process.ts';
import { copying, type Project, type Tool } from './tool.ts';

export function installFromPython(folder: string): readonly Tool[] {
  execute('python3', ['-m', 'venv', folder], '.');
  const programs = join(folder, 'bin');
  execute(join(programs, 'pip'), ['install', '--quiet', 'ninja', 'snakemake'], folder);
  return [ninja(programs), snakemake(programs)];
}

function writeInputs({ folder, count }: Project): void {
  mkdirSync(join(folder, 'in'));
  mkdirSync(join(folder, 'out'));
  for (let index = 0; index < count; index += 1) {
    writeFileSync(join(folder, 'in', `${index}.txt`), `${index}\n`);
  }
}

const places = { firstInput: 'in/0.txt', firstOutput: 'out/0.txt' };

function ninja(programs: string): Tool {
  const program = join(programs, 'ninja');
  return {
    name: 'ninja',
    decidesBy: 'times',
    version: () => answerOf(program, ['--version']),
    prepare: project => {
      writeInputs(project);
      const rule = `rule copy\n  command = ${copying('$in', '$out', project.counter)}\n`;
      const builds = Array.from(
        { length: project.count },
        (_, index) => `build out/${index}.txt: copy in/${index}.txt\n`,
      );
      writeFileSync(join(project.folder, 'build.ninja'), `${rule}${builds.join('')}`);
    },
    command: [program, '--quiet'],
    ...places,
  };
}

function snakemake(programs: string): Tool {
  const program = join(programs, 'snakemake');
  return {
    name: 'snakemake',
    decidesBy: 'times, records',
    version: () => answerOf(program, ['--version']),
    prepare: project => {
      writeInputs(project);
      writeFileSync(
        join(project.folder, 'Snakefile'),
        `rule all:
    input: expand("out/{i}.txt", i=range(${project.count}))
rule copy:
    input: "in/{i}.txt"
    output: "out/{i}.txt"
    shell: "${copying('{input}', '{output}', project.counter)}"
`,
      );
    },
    command: [program, '--cores', 'all', '--quiet', 'all'],
    ...places,
  };
}
