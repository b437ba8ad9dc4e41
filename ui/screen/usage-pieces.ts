/**
 * What a running step uses of the machine, in as many columns as are left in its row: the more there
 * are, the more is said. Pure.
 */
import type { GpuUsage, Usage } from '../../schema/event.ts';
import { visibleWidth } from '../visible.ts';
import { type Piece, piece } from './line.ts';

/** From all there is to the one figure that matters most; the first that fits is shown. */
type Detail = {
  readonly cpu: boolean;
  readonly memory: boolean;
  readonly gpu: 'share' | 'memory' | 'heat';
};

const DETAILS: readonly Detail[] = [
  { cpu: true, memory: true, gpu: 'heat' },
  { cpu: true, memory: true, gpu: 'memory' },
  { cpu: false, memory: true, gpu: 'memory' },
  { cpu: false, memory: false, gpu: 'memory' },
  { cpu: false, memory: false, gpu: 'share' },
];

export function usagePieces(
  usage: Usage | undefined,
  room: number,
  unicode: boolean,
): readonly Piece[] {
  if (usage === undefined) return [];
  const text = DETAILS.map(detail => usageText(usage, detail, unicode)).find(
    candidate => visibleWidth(candidate) + 2 <= room,
  );
  return text === undefined ? [] : [piece(`  ${text}`, 'dim')];
}

function usageText(usage: Usage, detail: Detail, unicode: boolean): string {
  const { gpus, memoryBytes, memoryLimitBytes } = usage;
  const memory = `mem ${compactShare(memoryBytes, memoryLimitBytes)}`;
  const words = [
    ...(detail.cpu ? [`cpu ${usage.cpuCores.toFixed(1)}`] : []),
    // Where there is no device, this is the figure that is shown last of all.
    ...(detail.memory || gpus.length === 0 ? [memory] : []),
    ...(gpus.length === 0 ? [] : [gpuText(gpus, detail.gpu, unicode)]),
  ];
  return words.join('  ');
}

/** Several devices as one: the mean of their work, the sum of their memory, the hottest. */
function gpuText(gpus: readonly GpuUsage[], detail: Detail['gpu'], unicode: boolean): string {
  const [first] = gpus;
  const name = gpus.length === 1 ? `gpu${first?.index}` : `${gpus.length} gpus`;
  const shares = told(gpus, 'utilization');
  const used = told(gpus, 'memoryUsedBytes');
  const total = told(gpus, 'memoryTotalBytes');
  const heat = told(gpus, 'celsius');
  const words = [name];
  if (shares.length > 0) words.push(`${Math.round((100 * sum(shares)) / shares.length)}%`);
  if (detail !== 'share' && used.length > 0) {
    words.push(compactShare(sum(used), total.length === used.length ? sum(total) : null));
  }
  if (detail === 'heat' && heat.length > 0) {
    words.push(`${Math.max(...heat)}${unicode ? '°' : 'C'}`);
  }
  return words.join(' ');
}

const told = (
  gpus: readonly GpuUsage[],
  figure: Exclude<keyof GpuUsage, 'index' | 'uuid'>,
): readonly number[] => gpus.map(gpu => gpu[figure]).filter(value => value !== null);

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);

const UNITS = ['K', 'M', 'G', 'T'];

/** `2.1/16G`: both in the unit of the limit. */
function compactShare(bytes: number, limitBytes: number | null): string {
  const most = Math.max(bytes, limitBytes ?? 0, 1024);
  const step = Math.min(UNITS.length, Math.floor(Math.log(most) / Math.log(1024)));
  const figure = (value: number): string => {
    const scaled = value / 1024 ** step;
    return scaled < 10 && !Number.isInteger(scaled)
      ? scaled.toFixed(1)
      : String(Math.round(scaled));
  };
  const limit = limitBytes === null ? '' : `/${figure(limitBytes)}`;
  return `${figure(bytes)}${limit}${UNITS[step - 1]}`;
}
