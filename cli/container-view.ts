/**
 * What `plan` says about containers: what the pipeline gives back of what they are denied, and tags
 * that have moved since they were pinned. Unaware of how containers run.
 */
import type { ProjectSettings } from '../compiler/syntax.ts';
import type { Container, Plan } from '../schema/plan.ts';
import { renderTable } from '../ui/table.ts';
import type { MovedTag } from './executors.ts';

/** One row for each step that is given more than containers are given. Empty when none is. */
export function loosenedTable({ steps }: Plan): string {
  const rows = steps
    .map(({ id, container }) => [id, container === null ? [] : loosenings(container)] as const)
    .filter(([, given]) => given.length > 0)
    .map(([id, given]) => [id, given.join(', ')]);
  return rows.length === 0 ? '' : `\nless confined than containers are:\n${renderTable(rows)}`;
}

function loosenings({
  network,
  user,
  writableRoot,
  capabilities = [],
  pids,
}: Container): readonly string[] {
  return [
    ...(network === 'none' ? [] : [`network ${network}`]),
    ...(user === null ? [] : [`user ${user}`]),
    ...(writableRoot === true ? ['writable root'] : []),
    ...capabilities.map(name => `capability ${name}`),
    ...(pids === undefined ? [] : [`${pids} processes`]),
  ];
}

/** Whether containers are kept between steps, where somebody has said so. */
export const warmNote = ({ warm }: ProjectSettings): string =>
  warm === undefined
    ? ''
    : `\ncontainers ${warm.value ? 'stay warm between steps' : 'are each for one attempt'} (${warm.span.file}:${warm.span.line})`;

export const movedWarning = ({ image, pinned, now }: MovedTag): string =>
  `warning: ${image} now stands for ${short(now)}, and sluice.lock pins ${short(pinned)}; \`sluice lock --update\` takes the new one`;

const short = (digest: string): string => digest.slice(0, 'sha256:'.length + 12);
