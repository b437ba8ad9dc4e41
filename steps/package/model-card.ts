/**
 * MODEL_CARD.md: what a person must know before using the model. Unaware of files; says only what
 * is known, and says what is not.
 */
import type { Json } from '../../schema/canonical-json.ts';
import { markdownPage, markdownTable, markdownText } from '../sdk/markdown.ts';
import type { ModelCard } from '../sdk/model.ts';
import type { PackageProvenance } from '../sdk/package.ts';
import type { Parity } from './parity.ts';

export type CardFacts = {
  readonly name: string;
  readonly version: number;
  readonly model: ModelCard;
  readonly parity: Parity;
  readonly provenance: PackageProvenance;
};

const MOST_LISTED = 32;

export function modelCardText(facts: CardFacts): string {
  const { name, version, model } = facts;
  return markdownPage([
    `# ${markdownText(name)}, version ${version}`,
    `A classifier (${markdownText(model.kind)}, ${model.parameters} parameters) in ONNX, opset ${model.opset}.`,
    '## What goes in and what comes out',
    interfaceText(model),
    '## How good it is',
    metricsText(facts),
    '## How it was trained',
    recordText(model.training, 'Nothing is recorded about the training.'),
    '## Served as trained',
    parityText(facts.parity),
    '## Where it comes from',
    recordText(facts.provenance.inputs, 'No input has a digest.'),
    '## Serving',
    servingText(name),
    '## Limits',
    'It answers every row with one of its classes, also a row of no class it knows. It was measured on data like its training data only; `monitor` tells when what it is asked drifts away from that.',
  ]);
}

function interfaceText({ input, output, features, labels, image }: ModelCard): string {
  const shape =
    image === null ? '' : ` Each row is an image of height, width, channels ${image.join(' × ')}.`;
  return [
    `- Input \`${input}\`: float32 [rows, ${features.length}], raw values; scaling is inside the model.${shape}`,
    `- Its columns, in this order: ${listed(features)}.`,
    `- Output \`${output}\`: float32 [rows, ${labels.length}], the probability of each class.`,
    `- The classes, in this order: ${listed(labels)}.`,
  ].join('\n');
}

function metricsText({ provenance, model }: CardFacts): string {
  const tables = [
    { title: 'Measured by `eval`:', values: provenance.metrics },
    { title: 'While training:', values: model.metrics },
    { title: 'Baselines that cost nothing:', values: model.baseline },
  ].flatMap(({ title, values }) => {
    const known = Object.entries(values).filter(([, value]) => value !== null);
    return known.length === 0
      ? []
      : [
          title,
          markdownTable(
            ['Measure', 'Value'],
            known.map(([key, value]) => [key, shortNumber(value ?? 0)]),
          ),
        ];
  });
  return tables.length === 0
    ? 'Not measured: no `metrics` were wired to `package`.'
    : tables.join('\n\n');
}

function parityText({ rows, samples, tolerance, checks, served }: Parity): string {
  const source = samples === 'dataset' ? 'rows of the samples' : 'synthetic rows';
  const table = markdownTable(
    ['Optimisation level', 'Largest difference', 'Answers changed'],
    checks.map(({ level, deviation, changed }) => [
      level,
      deviation === null ? 'does not run' : deviation.toExponential(1),
      String(changed),
    ]),
  );
  return `${rows} ${source} were answered by the untouched graph and as ONNX Runtime optimises it; probabilities may differ by ${tolerance}. Served at level \`${served}\`.\n\n${table}`;
}

const servingText = (name: string): string =>
  [
    'The package is a model repository for NVIDIA Triton:',
    '```sh\ndocker run --rm -p 8000:8000 -v "$PWD":/models nvcr.io/nvidia/tritonserver:24.08-py3 tritonserver --model-repository=/models\n```',
    `Then ask \`POST http://localhost:8000/v2/models/${name}/infer\`.`,
  ].join('\n\n');

const recordText = (record: Readonly<Record<string, Json>>, none: string): string => {
  const entries = Object.entries(record);
  if (entries.length === 0) return none;
  return entries.map(([key, value]) => `- ${markdownText(key)}: ${valueText(value)}`).join('\n');
};

const valueText = (value: Json): string =>
  markdownText(typeof value === 'string' ? value : JSON.stringify(value));

const shortNumber = (value: number): string =>
  Number.isInteger(value) ? String(value) : value.toPrecision(4);

const listed = (names: readonly string[]): string => {
  const first = names.slice(0, MOST_LISTED).map(name => `\`${name}\``);
  const more = names.length - first.length;
  return more > 0
    ? `${first.join(', ')} and ${more} more (model.json names all)`
    : first.join(', ');
};
