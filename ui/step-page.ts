/**
 * A step of the library as a page: what it does, its ports and parameters, a wiring to start from.
 * Everything comes from the manifest, so the page is never out of date.
 */
import { assertNever } from '../schema/assert-never.ts';
import type {
  InputDeclaration,
  Manifest,
  OutputDeclaration,
  ParamDeclaration,
} from '../schema/manifest.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';

/** `uses`: as a pipeline names it; by default its name, as for a step of the library. */
export function renderStepPage(
  manifest: Manifest,
  { strong, dim }: Style,
  { uses = manifest.step, columns }: Partial<{ uses: string; columns: number | undefined }> = {},
): string {
  const { step, version, kind, description } = manifest;
  const inputs = Object.entries(manifest.in).map(([name, port]) => [
    name,
    inputType(port),
    dim(port.description ?? ''),
  ]);
  const outputs = Object.entries(manifest.out).map(([name, port]) => [
    name,
    outputType(port),
    dim(port.description ?? ''),
  ]);
  const params = Object.entries(manifest.params).map(([name, param]) => [
    name,
    param.type,
    valueText(param),
    dim([param.description, limits(param)].filter(Boolean).join(' ')),
  ]);
  const section = (title: string, rows: readonly (readonly string[])[], none: string) =>
    `${strong(title)}\n${rows.length === 0 ? `  ${none}` : renderTable(rows, { indent: 2, columns })}`;
  return [
    `${strong(step)} ${version} (${kind})\n${description ?? ''}`.trimEnd(),
    section('Inputs', inputs, 'none'),
    section('Outputs', outputs, 'none'),
    section('Parameters', params, 'none'),
    `${strong('Use')}\n${usage(manifest, uses)}`,
  ].join('\n\n');
}

const inputType = ({ type, many, optional, roles }: InputDeclaration): string =>
  [
    type,
    ...(many ? ['(many)'] : []),
    ...(optional ? ['(optional)'] : []),
    ...(roles === undefined ? [] : [`(only ${roles.join(', ')} parts)`]),
  ].join(' ');

function outputType({ type, state, role }: OutputDeclaration): string {
  const path = type.kind === 'like' ? `as \`${type.port}\`` : type.type;
  return [path, stateText(state), role === undefined ? '' : `(${role} part)`]
    .filter(Boolean)
    .join(' ');
}

function stateText(state: OutputDeclaration['state']): string {
  if (state === null) return '';
  switch (state.kind) {
    case 'fixed':
      return `@${state.state}`;
    case 'when':
      return `@${state.set} with \`${state.param}\`, else @${state.unset}`;
    default:
      return assertNever(state);
  }
}

const valueText = (param: ParamDeclaration): string =>
  param.required ? 'required' : `= ${JSON.stringify(param.default ?? null)}`;

function limits({ min, max, enum: choices, pattern }: ParamDeclaration): string {
  const parts = [
    ...(min === undefined ? [] : [`from ${min}`]),
    ...(max === undefined ? [] : [`to ${max}`]),
    ...(choices === undefined
      ? []
      : [`one of ${choices.map(choice => JSON.stringify(choice)).join(', ')}`]),
    ...(pattern === undefined ? [] : [`matching ${pattern}`]),
  ];
  return parts.length === 0 ? '' : `(${parts.join(' ')})`;
}

/** Plain files are most often the project's own; all else comes out of a step. */
const source = (type: string): string =>
  type === 'file' ? './<file>' : type === 'dir' ? './<folder>' : '<step.port>';

/** What must be written, and nothing that has a default. */
function usage({ step, in: inputs, params }: Manifest, uses: string): string {
  const ports = Object.entries(inputs);
  const needed = ports.filter(([, port]) => !port.optional);
  // Where each is optional one of them is meant: the first, as an example.
  const wired = needed.length > 0 ? needed : ports.slice(0, 1);
  const given = Object.entries(params).filter(([, param]) => param.required);
  const map = (entries: readonly (readonly [string, string])[]) =>
    `{ ${entries.map(([name, value]) => `${name}: ${value}`).join(', ')} }`;
  const lines = [`  ${step}:`, `    uses: ${uses}`];
  if (wired.length > 0)
    lines.push(`    in: ${map(wired.map(([name, { type }]) => [name, source(type)]))}`);
  if (given.length > 0)
    lines.push(`    with: ${map(given.map(([name, { type }]) => [name, `<${type}>`]))}`);
  return lines.join('\n');
}
