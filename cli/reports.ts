/**
 * Files about a run that other programs read, written when it has ended: `--report
 * junit=report.xml,trace=trace.json`. A report that cannot be written is said and fails nothing.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Option } from '@commander-js/extra-typings';
import type { RunEvent, Stamped } from '../schema/event.ts';
import { ChromeTrace } from '../ui/chrome-trace.ts';
import { junitReport } from '../ui/junit.ts';
import { initial, reduce } from '../ui/run-state.ts';
import { usageError } from './usage.ts';

const KINDS = ['junit', 'trace'] as const;
type Kind = (typeof KINDS)[number];
export type ReportFile = { readonly kind: Kind; readonly path: string };

export const reportOption = () =>
  new Option(
    '--report <kind=path,…>',
    'write files about the run: `junit=…` for CI, `trace=…` for Chrome and Perfetto',
  ).argParser(parseReports);

function parseReports(text: string, earlier: readonly ReportFile[] = []): readonly ReportFile[] {
  const files = text.split(',').map(part => {
    const equals = part.indexOf('=');
    const kind = KINDS.find(known => known === part.slice(0, equals));
    const path = part.slice(equals + 1);
    if (kind === undefined || path === '') {
      throw usageError(
        `\`--report ${part}\` names no report`,
        'write `junit=<path>` or `trace=<path>`',
      );
    }
    return { kind, path };
  });
  return [...earlier, ...files];
}

export type Reports = {
  readonly read: (event: Stamped<RunEvent>) => void;
  /** Says which of them could not be written. */
  readonly write: (complain: (text: string) => void) => void;
};

export function openReports(files: readonly ReportFile[], cwd: string): Reports {
  let state = initial;
  const trace = new ChromeTrace();
  const contents: Readonly<Record<Kind, () => string>> = {
    junit: () => junitReport(state),
    trace: () => trace.file(),
  };
  return {
    read: event => {
      if (files.length === 0) return;
      state = reduce(state, event);
      trace.read(event);
    },
    write: complain => {
      for (const { kind, path } of files) {
        const target = resolve(cwd, path);
        try {
          mkdirSync(dirname(target), { recursive: true });
          writeFileSync(target, contents[kind]());
        } catch (error) {
          const what = error instanceof Error ? error.message : String(error);
          complain(`warning: the ${kind} report could not be written: ${what}`);
        }
      }
    },
  };
}
