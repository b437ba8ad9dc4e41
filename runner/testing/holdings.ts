/**
 * What this process holds, so that a test can see it grow: descriptors, children, listeners, whatever
 * keeps it alive, and objects that stand for such things. Unaware of what is tested.
 */
import { EventEmitter, getEventListeners } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { queryObjects } from 'node:v8';
import { processIds, statFields } from '../process-table.ts';

/** What outlives the work under test, and could be listened to. */
export type Lasting = {
  readonly signals: readonly AbortSignal[];
  readonly emitters: readonly EventEmitter[];
};

/** `descriptor pipe`, `listener abort`: how many of them. */
type Counts = Readonly<Record<string, number>>;

export function holdingsOf({ signals, emitters }: Lasting): Counts {
  const names = [
    ...descriptorKinds().map(kind => `descriptor ${kind}`),
    ...childrenOfThis().map(line => `child ${line}`),
    ...[process, ...emitters].flatMap(listenersOf).map(event => `listener ${event}`),
    ...signals.flatMap(signal => getEventListeners(signal, 'abort')).map(() => 'listener abort'),
    // Timers are told by heldObjects(), also those that keep nothing alive.
    ...process
      .getActiveResourcesInfo()
      .flatMap(kind => (kind === 'Timeout' ? [] : `handle ${kind}`)),
  ];
  const groups = [...Map.groupBy(names, name => name)];
  return Object.fromEntries(groups.map(([name, all]) => [name, all.length]));
}

/** Of what there is more than there was. */
export const grown = (before: Counts, now: Counts): Counts =>
  Object.fromEntries(Object.entries(now).filter(([name, count]) => count > (before[name] ?? 0)));

/**
 * Objects that are still reachable, and the bytes of all there are: after garbage has been collected,
 * which asking for them does.
 */
export function heldObjects() {
  const timer = setTimeout(() => undefined, 0);
  clearTimeout(timer);
  return {
    timers: countOf(timer.constructor),
    emitters: countOf(EventEmitter),
    signals: countOf(AbortSignal),
    bytes: process.memoryUsage().heapUsed,
  };
}

/** Without Node's word that asking is an experiment: no test speaks of anything but failures. */
function countOf(made: Parameters<typeof queryObjects>[0]): number {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return Number(queryObjects(made));
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Node's own words about listeners that pile up, from now until it is disposed of. */
export function leakWarnings(): Disposable & { readonly seen: readonly string[] } {
  const seen: string[] = [];
  const note = ({ name, message }: Error) => {
    if (name === 'MaxListenersExceededWarning') seen.push(message);
  };
  process.on('warning', note);
  return { seen, [Symbol.dispose]: () => void process.off('warning', note) };
}

const listenersOf = (emitter: EventEmitter): readonly string[] =>
  emitter.eventNames().flatMap(name => emitter.listeners(name).map(() => String(name)));

function descriptorKinds(): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap(number => {
    try {
      // `socket:[4711]`: its number is another each time.
      return readlinkSync(`/proc/self/fd/${number}`).replace(/:\[\d+\]$/, '');
    } catch {
      return []; // The one that listed them.
    }
  });
}

/** Command lines; that of one that has ended, and that nobody has taken notice of, is empty. */
function childrenOfThis(): readonly string[] {
  return processIds().flatMap(pid => {
    if (statFields(pid)?.[1] !== String(process.pid)) return [];
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return []; // It has ended.
    }
  });
}
