/**
 * What can be wrong with the wires between steps: names, types, states, roles, counts, cycles.
 * Unaware of how references are resolved.
 */
import type { Span } from '../../schema/diagnostic.ts';
import type { PartRole } from '../../schema/manifest.ts';
import type { Spanned } from '../syntax.ts';
import { referenceHelp } from './reference-help.ts';
import { choices, count, LISTED, replacement, suggestion, type Words } from './words.ts';

export type WireProblems = {
  'malformed-reference': {
    readonly at: Span;
    readonly text: string;
    readonly file: boolean;
    /** It looks into this step, which uses a pipeline. */
    readonly inside?: string | undefined;
  };
  'unknown-step': {
    readonly from: string;
    readonly name: Spanned<string>;
    readonly known: readonly string[];
  };
  'unknown-output': {
    readonly step: string;
    readonly port: Spanned<string>;
    readonly known: readonly string[];
    /** The file of the pipeline that the step uses, if it does. */
    readonly pipeline: string | undefined;
  };
  'unknown-input': {
    readonly step: string;
    readonly port: Spanned<string>;
    readonly known: readonly string[];
    /** It is what a parameter is called. */
    readonly isParam: boolean;
  };
  'missing-input': {
    readonly step: string;
    readonly at: Span;
    readonly port: string;
    readonly type: string;
    readonly fitting: Fitting;
  };
  'which-output': {
    readonly step: Spanned<string>;
    readonly wanted: string | undefined;
    readonly outputs: readonly string[];
    /** Those that fit; none or several. */
    readonly fitting: readonly string[];
  };
  'not-many': {
    readonly at: Span;
    readonly step: string;
    readonly port: string;
    readonly given: number;
  };
  'which-instance': {
    readonly at: Span;
    readonly step: string;
    readonly port: string;
    readonly instances: number;
    readonly example: string;
  };
  'not-a-matrix': { readonly at: Span; readonly step: string; readonly repair: string };
  'unknown-axis': {
    readonly step: string;
    readonly axis: Spanned<string>;
    readonly known: readonly string[];
  };
  'too-many-selections': { readonly at: Span; readonly step: string; readonly limit: number };
  'no-such-instance': {
    readonly at: Span;
    readonly step: string;
    readonly selector: string;
    readonly axes: readonly string[];
  };
  'type-mismatch': WireEnds;
  'state-mismatch': WireEnds;
  'role-mismatch': {
    readonly at: Span;
    readonly step: string;
    readonly port: string;
    readonly source: string;
    readonly role: PartRole;
    readonly wanted: readonly PartRole[];
    readonly declared: Span | undefined;
    readonly fitting: Fitting;
  };
  cycle: {
    readonly edges: readonly { readonly from: string; readonly to: string; readonly at: Span }[];
  };
};

/** Ports of other steps that would fit, as written in `in`: as many as are shown, and how many. */
export type Fitting = {
  readonly first: readonly string[];
  readonly count: number;
  /** Steps that could not be read may make more. */
  readonly partial: boolean;
};

/** Both ends of a wire that does not fit. */
type WireEnds = {
  readonly at: Span;
  /** `train.train`. */
  readonly input: string;
  readonly wanted: string;
  /** `ingest.data`. */
  readonly output: string;
  readonly given: string;
  /** Where the output is declared or made, when that is in a file of the author's. */
  readonly declared: Span | undefined;
  readonly fitting: Fitting;
  /** A parameter that would give the output another state. */
  readonly decided?: StateParam | undefined;
};

/** `step`'s output is in `state` once `param` is given. */
export type StateParam = { readonly step: string; readonly param: string; readonly state: string };

export const wireWords: {
  readonly [K in keyof WireProblems]: (problem: WireProblems[K]) => Words;
} = {
  'malformed-reference': ({ at, text, file, inside }) => ({
    at,
    message:
      text === '' ? 'this input is empty' : `\`${text}\` is neither \`step.port\` nor a path`,
    ...(inside === undefined
      ? referenceHelp(at, text, file)
      : {
          help: `what a used pipeline hands out stands under \`outputs:\` of it, \`result: ${text.slice(inside.length + 1)}\`; then write \`${inside}.result\``,
        }),
  }),
  'unknown-step': ({ from, name, known }) => ({
    at: name.span,
    message: `${from} names \`${name.value}\`, but no step has that name`,
    ...(otherSign(name.value, known) ?? suggestion(name, known, 'steps')),
  }),
  'unknown-output': ({ step, port, known, pipeline }) => ({
    at: port.span,
    message: `\`${step}\` has no output \`${port.value}\``,
    ...(known.length === 0
      ? {
          help:
            pipeline === undefined
              ? `\`${step}\` makes no outputs`
              : `${pipeline} hands out nothing yet: write \`outputs: { ${port.value}: step.port }\` there`,
        }
      : suggestion(port, known, 'it makes')),
  }),
  'unknown-input': ({ step, port, known, isParam }) => ({
    at: port.span,
    message: `\`${step}\` has no input \`${port.value}\``,
    ...(isParam
      ? { help: `\`${port.value}\` is a parameter: \`with: { ${port.value}: … }\`` }
      : known.length === 0
        ? { help: `\`${step}\` takes no inputs` }
        : suggestion(port, known, 'it takes')),
  }),
  'missing-input': ({ step, at, port, type, fitting }) => ({
    at,
    message: `\`${step}\` needs the input \`${port}\` (${type})`,
    help:
      fitting.count === 0
        ? `${fitting.partial ? '' : `no step makes a \`${type}\` yet; `}wire one: \`in: { ${port}: step.port }\``
        : theseFit(fitting),
  }),
  'which-output': ({ step, wanted, outputs, fitting }) => ({
    at: step.span,
    message:
      outputs.length === 0
        ? `\`${step.value}\` makes no outputs`
        : fitting.length === 0
          ? `no output of \`${step.value}\` is a \`${wanted}\``
          : `\`${step.value}\` has ${fitting.length} outputs that fit here`,
    help: whichHelp(step.value, outputs, fitting),
  }),
  'not-many': ({ at, step, port, given }) => ({
    at,
    message: `\`${port}\` of \`${step}\` takes one artifact, and this gives ${given}`,
    help: 'pick one, or use a step whose port is declared `many: true`',
  }),
  'which-instance': ({ at, step, port, instances, example }) => ({
    at,
    message: `\`${step}\` is a matrix of ${count(instances, 'instance')}, so \`${step}.${port}\` does not say which`,
    help: `write \`${step}[*].${port}\` for all of them, or \`${example}.${port}\` for one`,
  }),
  'not-a-matrix': ({ at, step, repair }) => ({
    at,
    message: `\`${step}\` has no matrix, so there are no instances to pick from`,
    help: `write \`${repair}\``,
    fixes: replacement(at, repair),
  }),
  'unknown-axis': ({ step, axis, known }) => ({
    at: axis.span,
    message: `the matrix of \`${step}\` has no axis \`${axis.value}\``,
    ...suggestion(axis, known, 'its axes'),
  }),
  'too-many-selections': ({ at, step, limit }) => ({
    at,
    message: `instances of \`${step}\` are chosen by more than ${count(limit, 'set')} of axes, which is the limit`,
    help: 'choose by the same axes everywhere, or let one step gather all instances',
  }),
  'no-such-instance': ({ at, step, selector, axes }) => ({
    at,
    message: `no instance of \`${step}\` matches \`[${selector}]\``,
    help: axes.join('; '),
  }),
  'type-mismatch': ends,
  'state-mismatch': ends,
  'role-mismatch': ({ at, step, port, source, role, wanted, declared, fitting }) => ({
    at,
    message: `\`${source}\` is the ${role} part, and \`${step}.${port}\` takes only the ${wanted.join(' or ')} part`,
    label:
      role === 'test' ? 'a model that has seen the test part cannot be judged by it' : undefined,
    related: related(declared, `\`${source}\` is made here`),
    help: fitting.count > 0 ? theseFit(fitting) : undefined,
  }),
  cycle: ({ edges }) => {
    const [first, ...rest] = edges;
    const names = edges.map(edge => edge.from);
    const way = names.length > LISTED ? [...names.slice(0, LISTED), '…'] : names;
    return {
      ...(first !== undefined && {
        at: first.at,
        label: `\`${first.from}\` needs \`${first.to}\``,
      }),
      message:
        edges.length === 1
          ? `\`${names[0]}\` needs itself`
          : `${count(names.length, 'step')} wait for each other: ${[...way, names[0]].join(' → ')}`,
      related: rest
        .slice(0, LISTED - 1)
        .map(({ from, to, at }) => ({ at, message: `\`${from}\` needs \`${to}\`` })),
      help: 'remove one of these wires; what has to go round belongs into a later run',
    };
  },
};

/** `split:train`. */
function otherSign(text: string, known: readonly string[]): Pick<Words, 'help'> | undefined {
  const [, step = '', port = ''] = /^([\w-]+)[:@]([\w-]+)$/.exec(text) ?? [];
  return known.includes(step) ? { help: `write \`${step}.${port}\`` } : undefined;
}

const theseFit = ({ first, count: all }: Fitting): string =>
  `these fit: ${choices(first, 'or', all)}`;

function ends(problem: WireEnds): Words {
  const { at, input, wanted, output, given, declared, fitting, decided } = problem;
  return {
    at,
    message: `\`${output}\` is a \`${given}\`, and \`${input}\` takes a \`${wanted}\``,
    related: related(declared, `\`${output}\` is made here`),
    help:
      decided !== undefined
        ? `with \`${decided.param}\` given, what \`${decided.step}\` makes is \`${decided.state}\``
        : fitting.count > 0
          ? theseFit(fitting)
          : fitting.partial
            ? undefined
            : `no step of this pipeline makes a \`${wanted}\``,
  };
}

function whichHelp(step: string, outputs: readonly string[], fitting: readonly string[]): string {
  if (outputs.length === 0) return `to run after it without data, write \`needs: [${step}]\``;
  const full = (ports: readonly string[]) => ports.map(port => `${step}.${port}`);
  return fitting.length > 0
    ? `say which: ${choices(full(fitting))}`
    : `it makes ${choices(full(outputs), 'and')}`;
}

const related = (at: Span | undefined, message: string) =>
  at === undefined ? [] : [{ at, message }];
