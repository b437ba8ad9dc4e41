/**
 * The deploy step: installs a package into a deployment folder and says what is served now. What it
 * hands on is a copy, so nothing downstream depends on the folder staying as it is.
 */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from '../sdk/checksums.ts';
import { modelFiles, readPackage } from '../sdk/package.ts';
import { writeReceipt } from '../sdk/receipt.ts';
import { runStep, type Step, StepError } from '../sdk/step.ts';
import type { Origin } from './history.ts';
import { type Installation, install } from './install.ts';

async function deploy(step: Step): Promise<void> {
  const { state } = step.call;
  if (state === null) {
    throw new StepError(
      '`deploy` writes a deployment, and it was given no folder for it',
      'run it through `sluice run`: it is an effect with `state: deployments`',
    );
  }
  const source = step.input('package');
  const chosen = step.param<string>('name');
  const name = chosen === '' ? readPackage(source).name : chosen;
  const installation = await install({
    state,
    name,
    source,
    package: step.inputDigest('package'),
    keep: step.param<number>('keep'),
    by: originOf(step),
    onWait: () => step.progress(0, `waiting for another change of \`${name}\``),
  });
  tell(step, name, installation);
  const { current } = installation;
  const served = join(state, name, current.path);
  const placed = filesBelow(served);
  await writeReceipt(state, {
    files: placed.map(path => `${name}/${current.path}/${path}`),
    links: [`${name}/current`],
  });
  handOn(step, { name, current, served });
}

function tell(step: Step, name: string, { current, did }: Installation): void {
  switch (did.kind) {
    case 'installed':
      if (did.damaged !== undefined) {
        step.warn(
          `somebody changed the files of version ${did.damaged.version} of \`${name}\`; the package was put beside it as version ${current.version}`,
        );
      }
      step.progress(1, `\`${name}\` serves version ${current.version}`);
      return;
    case 'already-current':
      step.progress(1, `version ${current.version} of \`${name}\` was current already`);
      return;
    case 'held':
      step.warn(
        `\`${name}\` was rolled back from this package by hand and stays at version ${current.version}; deploy another package, or \`sluice rollback ${name} <version>\` to serve it again`,
      );
      return;
    default:
      did satisfies never;
  }
}

type Served = {
  readonly name: string;
  readonly current: Installation['current'];
  /** The version's folder. */
  readonly served: string;
};

/** The deployment artifact: what is served, and the model itself for those who watch it. */
function handOn(step: Step, { name, current, served }: Served): void {
  const card = readPackage(served);
  const target = step.output('deployment');
  mkdirSync(join(target, 'model'), { recursive: true });
  for (const file of modelFiles(card)) {
    copyFileSync(join(served, card.model, file), join(target, 'model', file));
  }
  const deployment = {
    format: 1,
    name,
    version: current.version,
    digest: current.digest,
    target: { kind: step.param<string>('to'), path: `deployments/${name}/${current.path}` },
    package: { name: card.name, version: card.version, layout: card.layout },
    model: 'model',
    files: Object.fromEntries(
      Object.entries(card.files).map(([path, { sha256 }]) => [path, sha256]),
    ),
  };
  writeFileSync(join(target, 'deployment.json'), `${JSON.stringify(deployment, null, 2)}\n`);
}

const originOf = ({ call: { provenance } }: Step): Origin =>
  provenance ?? {
    run: null,
    pipeline: null,
    commit: null,
    dirty: false,
    user: '',
    host: '',
    at: new Date().toISOString(),
  };

await runStep(deploy);
