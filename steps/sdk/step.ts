/**
 * What a step program needs to be a step: its call, its reports, its end. Unaware of the engine;
 * the only thing it shares with it is the protocol's types.
 */
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Json } from '../../schema/canonical-json.ts';
import type { StepCall } from '../../schema/step-protocol.ts';

/** A fault in what the step was given: shown to the user as it is, exit 1, no stack trace. */
export class StepError extends Error {
  readonly help: string | undefined;
  constructor(message: string, help?: string) {
    super(message);
    this.help = help;
  }
}

export type Step = {
  readonly call: StepCall;
  /** A parameter as declared in the manifest; the engine has checked its type. */
  param<T extends Json>(name: string): T;
  /** Path of an input port; undefined where it is optional and not wired. */
  optionalInput(port: string): string | undefined;
  input(port: string): string;
  inputs(port: string): readonly string[];
  inputDigest(port: string): string;
  /** Path of an output port; its parent folder exists. */
  output(port: string): string;
  progress(progress: number, message?: string): void;
  metric(values: Readonly<Record<string, number>>, step?: number): void;
  warn(message: string): void;
};

/** Runs a step's body and ends the process as the protocol asks: 0, or 1 with one clear message. */
export async function runStep(body: (step: Step) => Promise<void> | void): Promise<void> {
  try {
    await body(stepOf(process.env));
  } catch (error) {
    process.exitCode = 1;
    if (error instanceof StepError) {
      process.stderr.write(`error: ${error.message}\n`);
      if (error.help !== undefined) process.stderr.write(`help: ${error.help}\n`);
    } else {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    }
  }
}

function stepOf(env: NodeJS.ProcessEnv): Step {
  const callFile = env['SLUICE_STEP'];
  if (callFile === undefined) {
    throw new StepError(
      'this program is a Sluice step and SLUICE_STEP is not set',
      'run it through `sluice run`; `sluice steps <name>` shows its ports and parameters',
    );
  }
  const call = JSON.parse(readFileSync(callFile, 'utf8')) as StepCall;
  const reports = env['SLUICE_EVENTS'];
  const report = (line: object) => {
    if (reports !== undefined) appendFileSync(reports, `${JSON.stringify(line)}\n`);
  };
  const items = (port: string) => call.in[port]?.items ?? [];
  const first = (port: string) => {
    const item = items(port)[0];
    if (item === undefined) throw new StepError(`input \`${port}\` is not wired`);
    return item;
  };
  return {
    call,
    param: <T extends Json>(name: string) => call.params[name] as T,
    optionalInput: port => items(port)[0]?.path,
    input: port => first(port).path,
    inputs: port => items(port).map(item => item.path),
    inputDigest: port => first(port).digest,
    output: port => {
      const out = call.out[port];
      if (out === undefined) throw new Error(`bug: no output \`${port}\``);
      mkdirSync(dirname(out.path), { recursive: true });
      return out.path;
    },
    progress: (progress, message) =>
      report(message === undefined ? { progress } : { progress, message }),
    metric: (values, step) =>
      report(step === undefined ? { metric: values } : { metric: values, step }),
    warn: message => report({ warning: message }),
  };
}
