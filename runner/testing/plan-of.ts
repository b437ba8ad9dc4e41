/** Plans for tests, from the few words that matter to one. Everything else is as plain as can be. */
import type { Json } from '../../schema/canonical-json.ts';
import type { Late } from '../../schema/expression.ts';
import { stepId } from '../../schema/id.ts';
import type { Command, Plan, PlannedInput, PlanStep } from '../../schema/plan.ts';
import { inputPath } from '../../schema/workdir.ts';

export type StepSketch = {
  /** A shell text, or words. */
  readonly run?: string | readonly string[];
  /** Port → `step.port`, or `./path` of the project. */
  readonly in?: Readonly<Record<string, string>>;
  /** Port → type; it is written to `out/<port>`. */
  readonly out?: Readonly<Record<string, string>>;
  readonly to?: Readonly<Record<string, string>>;
  readonly needs?: readonly string[];
  readonly params?: Readonly<Record<string, Json>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly cpus?: number;
  readonly pool?: string;
  readonly retries?: PlanStep['policy']['retries'];
  readonly timeoutMs?: number;
  readonly condition?: Late<boolean>;
  readonly probe?: string;
  readonly check?: 'receipt' | string;
} & Partial<Pick<PlanStep, 'kind' | 'files' | 'secrets' | 'cache' | 'state' | 'definition'>>;

export const known = <T extends Json>(value: T): Late<T> => ({ kind: 'known', value });

export function planOf(steps: Readonly<Record<string, StepSketch>>): Plan {
  return {
    format: 1,
    pipeline: { name: 'test', path: 'pipelines/test.yaml', description: null },
    params: {},
    steps: Object.entries(steps).map(([id, sketch]) => stepOf(id, sketch)),
    outputs: {},
  };
}

function stepOf(id: string, sketch: StepSketch): PlanStep {
  const inputs = Object.fromEntries(
    Object.entries(sketch.in ?? {}).map(([port, origin]) => [port, inputOf(port, origin)]),
  );
  const sources = Object.values(inputs).flatMap(input =>
    input.from.flatMap(source => (source.kind === 'output' ? [source.step] : [])),
  );
  const needs = [...new Set([...sources, ...(sketch.needs ?? []).map(stepId)])].sort();
  return {
    id: stepId(id),
    name: id,
    kind: sketch.kind ?? 'pure',
    description: null,
    definition: sketch.definition ?? { kind: 'inline' },
    command: commandOf(sketch.run ?? `: ${id}`),
    params: lates(sketch.params ?? {}),
    inputs,
    outputs: Object.fromEntries(
      Object.entries(sketch.out ?? {}).map(([port, type]) => [
        port,
        { type, path: `out/${port}`, to: sketch.to?.[port] ?? null, description: null },
      ]),
    ),
    files: sketch.files ?? [],
    env: Object.fromEntries(
      Object.entries(sketch.env ?? {}).map(([name, value]) => [name, known(value)]),
    ),
    secrets: sketch.secrets ?? [],
    condition: sketch.condition ?? known(true),
    needs,
    cache: sketch.cache ?? { enabled: true, salt: null },
    policy: policyOf(sketch),
    container: null,
    probe: sketch.probe === undefined ? null : commandOf(sketch.probe),
    check: checkOf(sketch.check),
    state: sketch.state ?? null,
  };
}

const policyOf = ({ cpus, timeoutMs, retries, pool }: StepSketch): PlanStep['policy'] => ({
  resources: {
    cpus: cpus ?? 1,
    memoryBytes: null,
    gpus: 0,
    gpuMemoryBytes: null,
    shmBytes: null,
    diskBytes: null,
  },
  timeoutMs: timeoutMs ?? null,
  retries: retries ?? { max: 0, on: [], backoffMs: 0 },
  pool: pool ?? null,
});

const checkOf = (check: string | undefined): PlanStep['check'] => {
  if (check === undefined) return null;
  return check === 'receipt' ? { kind: 'receipt' } : { kind: 'command', command: commandOf(check) };
};

const lates = (values: Readonly<Record<string, Json>>): Readonly<Record<string, Late>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, known(value)]));

const commandOf = (run: string | readonly string[]): Command =>
  typeof run === 'string'
    ? { kind: 'shell', text: known(run) }
    : { kind: 'argv', words: run.map(known) };

function inputOf(port: string, origin: string): PlannedInput {
  const dot = origin.lastIndexOf('.');
  const isPath = origin.startsWith('./');
  return {
    type: 'file',
    many: false,
    from: [
      isPath
        ? { kind: 'project', path: origin.slice(2) }
        : { kind: 'output', step: stepId(origin.slice(0, dot)), port: origin.slice(dot + 1) },
    ],
    paths: [inputPath(port, isPath ? origin : '')],
  };
}
