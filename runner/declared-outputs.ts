/**
 * Is what a step declared there, inside its working directory, and of its type? Looks at the outer
 * form only: what is in a dataset or a model is their readers' business.
 */
import { lstatSync, realpathSync, type Stats } from 'node:fs';
import { join, sep } from 'node:path';
import { parseJson } from '../schema/inexact.ts';
import type { PlannedOutput, PlanStep } from '../schema/plan.ts';
import { readRegularText } from '../store/regular-file.ts';
import { type Attempted, done, failed } from './stop.ts';

/** What expressions may read has to fit into memory. */
const JSON_LIMIT = 16 * 1024 * 1024;

/** Port → absolute path; a failure that names every output that is not as declared. */
export function findOutputs(
  step: PlanStep,
  workdir: string,
): Attempted<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const faults: Fault[] = [];
  for (const [port, output] of Object.entries(step.outputs)) {
    const path = join(workdir, output.path);
    const fault = faultOf(output, path, workdir);
    if (fault === undefined) found.set(port, path);
    else faults.push({ ...fault, text: `output \`${port}\` (${output.path}) ${fault.text}` });
  }
  if (faults.length === 0) return done(found);
  const message = faults.map(({ text }) => text).join('; ');
  // What was written elsewhere, or not at all, has a remedy of its own, and it comes first.
  const hint = faults.some(fault => fault.hint === undefined) ? undefined : faults[0]?.hint;
  return failed({ class: 'bad-output', message, ...(hint !== undefined && { hint }) });
}

type Fault = {
  readonly text: string;
  /** Where it is in the right place and its content is not as declared. */
  readonly hint?: string;
};

function faultOf(output: PlannedOutput, path: string, workdir: string): Fault | undefined {
  const text = formFault(output, path, workdir);
  if (text !== undefined) return { text };
  const wanted = formOf(output.type);
  return wanted === 'json' || wanted === 'json-object' ? jsonFault(wanted, path) : undefined;
}

const JSON_HINT =
  'its content has to be JSON: `3`, `"text"` in quotes, `[1, 2]` or `{ "accuracy": 0.9 }`';
const NAN_HINT =
  'a loss that is not finite has usually diverged: a smaller learning rate may help; write `null` where there is no number (in Python `json.dump(value, file, allow_nan=False)` stops where it happens)';
const METRICS_HINT =
  'metrics are one JSON object with a name for each number: `{ "accuracy": 0.9, "loss": 0.3 }`';

function jsonFault(wanted: 'json' | 'json-object', path: string): Fault | undefined {
  const content = readRegularText(path, { followLink: false }) ?? '';
  const value = parseJson(content);
  if (value === undefined) {
    const number = noNumber(content);
    if (number !== undefined) return { text: number, hint: NAN_HINT };
    // What it says instead is not told: it may be a secret.
    const text = content.trim() === '' ? 'is empty, and has to be JSON' : 'is not JSON';
    return { text, hint: wanted === 'json' ? JSON_HINT : METRICS_HINT };
  }
  if (wanted === 'json') return undefined;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject
    ? undefined
    : { text: 'is JSON, but not an object of metrics', hint: METRICS_HINT };
}

/** The most usual slip: what Python writes for a loss that has diverged is all that is wrong. */
function noNumber(content: string): string | undefined {
  const numbers = /(?<![\w"])-?(?:NaN|Infinity)(?![\w"])/g;
  if (parseJson(content.replace(numbers, 'null')) === undefined) return undefined;
  const [found = ''] = content.match(numbers) ?? [];
  const at = content.search(numbers);
  const name = /"([^"\\]+)"\s*:\s*$/.exec(content.slice(0, at))?.[1];
  const line = content.slice(0, at).split('\n').length;
  const where = name === undefined ? `in line ${line}` : `for \`${name}\` (line ${line})`;
  return `has ${found} ${where}, which JSON does not have`;
}

function formFault({ type }: PlannedOutput, path: string, workdir: string): string | undefined {
  const stat = lstat(path);
  if (stat === undefined) return 'was not written';
  if (stat.isSymbolicLink()) return 'is a link; write a file or a folder';
  // A link among the folders above it may lead anywhere.
  if (!realpathSync.native(path).startsWith(realpathSync.native(workdir) + sep)) {
    return 'lies outside of the working directory';
  }
  if (!stat.isFile() && !stat.isDirectory()) return 'is neither a file nor a folder';
  const wanted = formOf(type);
  if (wanted === 'folder' && !stat.isDirectory()) return `is a file, and ${type} is a folder`;
  if (wanted === 'folder' || wanted === 'any') return undefined;
  if (!stat.isFile()) return `is a folder, and ${type} is a file`;
  if (wanted === 'file') return undefined;
  return stat.size > JSON_LIMIT
    ? `is larger than ${JSON_LIMIT / 1024 ** 2} MiB of JSON`
    : undefined;
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
