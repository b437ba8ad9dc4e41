/**
 * Is what a step declared there, inside its working directory, and of its type? Looks at the outer
 * form only: what is in a dataset or a model is their readers' business.
 */
import { lstatSync, readFileSync, realpathSync, type Stats } from 'node:fs';
import { join, sep } from 'node:path';
import type { PlannedOutput, PlanStep } from '../schema/plan.ts';
import { parseJson } from './results.ts';
import { type Attempted, done, failed } from './stop.ts';

/** What expressions may read has to fit into memory. */
const JSON_LIMIT = 16 * 1024 * 1024;

/** Port → absolute path; a failure that names every output that is not as declared. */
export function findOutputs(
  step: PlanStep,
  workdir: string,
): Attempted<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const faults: string[] = [];
  for (const [port, output] of Object.entries(step.outputs)) {
    const path = join(workdir, output.path);
    const fault = faultOf(output, path, workdir);
    if (fault === undefined) found.set(port, path);
    else faults.push(`output \`${port}\` (${output.path}) ${fault}`);
  }
  return faults.length === 0
    ? done(found)
    : failed({ class: 'bad-output', message: faults.join('; ') });
}

function faultOf({ type }: PlannedOutput, path: string, workdir: string): string | undefined {
  const stat = lstat(path);
  if (stat === undefined) return 'was not written';
  if (stat.isSymbolicLink()) return 'is a link; write a file or a folder';
  // A link among the folders above it may lead anywhere.
  if (!realpathSync(path).startsWith(realpathSync(workdir) + sep)) {
    return 'lies outside of the working directory';
  }
  if (!stat.isFile() && !stat.isDirectory()) return 'is neither a file nor a folder';
  const wanted = formOf(type);
  if (wanted === 'folder' && !stat.isDirectory()) return `is a file, and ${type} is a folder`;
  if (wanted === 'folder' || wanted === 'any') return undefined;
  if (!stat.isFile()) return `is a folder, and ${type} is a file`;
  if (wanted === 'file') return undefined;
  if (stat.size > JSON_LIMIT) return `is larger than ${JSON_LIMIT / 1024 ** 2} MiB of JSON`;
  const value = parseJson(readFileSync(path, 'utf8'));
  if (value === undefined) return 'is not JSON';
  if (wanted === 'json') return undefined;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? undefined : 'is JSON, but not an object of metrics';
}

function formOf(type: string): 'file' | 'folder' | 'json' | 'json-object' | 'any' {
  switch (type.split(/[/@]/)[0]) {
    case 'file':
      return 'file';
    case 'dir':
      return 'folder';
    case 'value':
      return 'json';
    case 'metrics':
      return 'json-object';
    default:
      return 'any';
  }
}

function lstat(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // A file stands where a folder of the path should be.
  }
}
