/**
 * The monitor step: compares what a deployed model is asked with what it was trained on. Unaware of
 * where the deployment lives: it was handed all it needs.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openClassifier } from '../sdk/inference.ts';
import { runStep, type Step, StepError } from '../sdk/step.ts';
import type { Thresholds } from './drift.ts';
import { observe } from './observe.ts';
import { driftPlot } from './plot.ts';
import { monitorMetrics, monitorReport } from './report.ts';
import { judge, type Rules } from './verdict.ts';
import { readWatched } from './watched.ts';

async function monitor(step: Step): Promise<void> {
  const deployment = readDeployment(step.input('deployment'));
  const classifier = await openClassifier({ folder: deployment.model });
  const { card } = classifier;
  const thresholds = thresholdsOf(step);
  const rules = rulesOf(step);
  const observation = await observe({
    classifier,
    reference: await readWatched(step.input('reference'), card),
    window: await readWatched(step.input('window'), card),
    thresholds,
    onProgress: step.progress,
  });
  await classifier.close();
  const verdict = judge(observation, rules);
  for (const reason of verdict.reasons) step.warn(reason);
  const metrics = monitorMetrics(observation);
  step.metric({ drifted_features: metrics.drifted_features, max_psi: metrics.max_psi });
  const write = (port: string, text: string) => writeFileSync(step.output(port), text);
  write('verdict', `${JSON.stringify(verdict, null, 2)}\n`);
  write('retrain', `${JSON.stringify({ needed: verdict.retrain })}\n`);
  write('metrics', `${JSON.stringify(metrics, null, 2)}\n`);
  write('plot', driftPlot(observation.features, thresholds));
  write(
    'report',
    monitorReport({ ...deployment, classes: card.labels, observation, verdict, thresholds, rules }),
  );
}

const thresholdsOf = (step: Step): Thresholds => ({
  bins: step.param<number>('bins'),
  psiWarn: step.param<number>('psi-warn'),
  psiAlert: step.param<number>('psi-alert'),
  ksWarn: step.param<number>('ks-warn'),
  ksAlert: step.param<number>('ks-alert'),
  missingWarn: step.param<number>('missing-warn'),
  missingAlert: step.param<number>('missing-alert'),
  significance: step.param<number>('significance'),
});

const rulesOf = (step: Step): Rules => ({
  minRows: step.param<number>('min-rows'),
  alertShare: step.param<number>('alert-share'),
  accuracyDrop: step.param<number>('accuracy-drop'),
});

type Deployment = { readonly name: string; readonly version: number; readonly model: string };

/** What `deploy` hands on: docs/deployment-format.md. */
function readDeployment(folder: string): Deployment {
  const path = join(folder, 'deployment.json');
  if (!existsSync(path)) {
    throw new StepError(
      `\`${folder}\` is not a deployment: it has no deployment.json`,
      'a deployment is what `deploy` hands on; wire its `deployment` port',
    );
  }
  const { name, version, model } = JSON.parse(readFileSync(path, 'utf8')) as Deployment;
  return { name, version, model: join(folder, model) };
}

await runStep(monitor);
