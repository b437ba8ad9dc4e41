/**
 * Runs a library step's program the way the engine does: a private working directory, a call file,
 * defaults from its manifest. Unaware of what the step is for.
 */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { parse } from 'yaml';
import type { Json } from '../../schema/canonical-json.ts';
import type { Provenance, StepCall, StepReport } from '../../schema/step-protocol.ts';

export type ProgramCall = {
  /** A folder of steps/. */
  readonly step: string;
  readonly params?: Readonly<Record<string, Json>>;
  /** Port → file or folder anywhere; it is copied into the working directory. */
  readonly in?: Readonly<Record<string, string>>;
  /** Digests of inputs where the step looks at them. */
  readonly digests?: Readonly<Record<string, string>>;
  readonly state?: string;
  readonly provenance?: Provenance;
  /** What the engine would grant; default 1. */
  readonly cpus?: number;
  /** A folder for checkpoints that survives the program; default: one of its own. */
  readonly scratch?: string;
};

export type ProgramEnd = {
  readonly code: number | null;
  readonly stderr: string;
  readonly reports: readonly StepReport[];
  readonly warnings: readonly string[];
  /** Port → absolute path. */
  readonly out: Readonly<Record<string, string>>;
  readonly workdir: string;
};

type Declared = {
  readonly params?: Record<string, { readonly type: string; readonly default?: Json }>;
  readonly in?: Record<string, string | { readonly type: string }>;
  readonly out: Record<string, string | { readonly type?: string; readonly path?: string }>;
};

/** Runs the program to its end. `signal` kills it on the way. */
export async function runProgram(call: ProgramCall, signal?: AbortSignal): Promise<ProgramEnd> {
  const folder = join(import.meta.dirname, '../../steps', call.step);
  const declared = parse(readFileSync(join(folder, 'step.yaml'), 'utf8')) as Declared;
  const workdir = mkdtempSync(join(tmpdir(), `sluice-${call.step}-`));
  const written = writeCall(call, declared, workdir);
  const events = join(workdir, 'events.jsonl');
  const { code, stderr } = await finish(
    spawn(process.execPath, [join(folder, 'main.ts')], {
      cwd: workdir,
      env: {
        PATH: process.env['PATH'],
        SLUICE_STEP: join(workdir, 'call.json'),
        SLUICE_EVENTS: events,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(signal !== undefined && { signal, killSignal: 'SIGKILL' as const }),
    }),
  );
  const reports = readLines(events);
  return {
    code,
    stderr,
    reports,
    warnings: reports.flatMap(report => ('warning' in report ? [report.warning] : [])),
    out: Object.fromEntries(
      Object.entries(written.out).map(([port, { path }]) => [port, join(workdir, path)]),
    ),
    workdir,
  };
}

function writeCall(call: ProgramCall, declared: Declared, workdir: string): StepCall {
  mkdirSync(join(workdir, 'in'));
  const inputs = Object.entries(call.in ?? {}).map(([port, from]) => {
    const path = `in/${port}${extname(from)}`;
    cpSync(from, join(workdir, path), { recursive: true });
    const type = declared.in?.[port];
    return [
      port,
      {
        type: typeof type === 'string' ? type : (type?.type ?? ''),
        many: false,
        items: [{ path, digest: call.digests?.[port] ?? 'd'.repeat(64) }],
      },
    ] as const;
  });
  const outputs = Object.entries(declared.out).map(([port, out]) => {
    const path = typeof out === 'string' ? undefined : out.path;
    const type = typeof out === 'string' ? out : (out.type ?? '');
    return [port, { path: path ?? `out/${port}`, type }] as const;
  });
  const defaults = Object.entries(declared.params ?? {}).flatMap(([name, param]) =>
    param.default === undefined ? [] : [[name, param.default] as const],
  );
  const params = { ...Object.fromEntries(defaults), ...call.params };
  const written: StepCall = {
    format: 1,
    step: call.step,
    params,
    in: Object.fromEntries(inputs),
    out: Object.fromEntries(outputs),
    seed: typeof params['seed'] === 'number' ? params['seed'] : 0,
    attempt: 1,
    resources: { cpus: call.cpus ?? 1, memoryBytes: null },
    scratch: call.scratch ?? join(workdir, 'scratch'),
    state: call.state ?? null,
    provenance: call.provenance ?? null,
  };
  mkdirSync(written.scratch, { recursive: true });
  writeFileSync(join(workdir, 'call.json'), JSON.stringify(written));
  return written;
}

const finish = (
  child: ReturnType<typeof spawn>,
): Promise<{ readonly code: number | null; readonly stderr: string }> =>
  new Promise((resolve, reject) => {
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.once('error', error => {
      if (error.name !== 'AbortError') reject(error);
    });
    child.once('close', code => resolve({ code, stderr }));
  });

const readLines = (path: string): readonly StepReport[] =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line) as StepReport)
    : [];
