/**
 * What to say of a step or an output that is not there: those of a matrix step, or of a step, that
 * was named as a whole; else the nearest name; else the first of what there is.
 */
import { closest } from '../compiler/closest.ts';

/** More names than these tell nobody anything. */
const LISTED = 12;

/** `verb`: `it has`, in front of the list. */
export function nearNames(named: string, names: readonly string[], verb: string): string {
  const kin = names.filter(name => isOf(named, name));
  if (kin.length > 0) return `there is ${firstOf(kin)}`;
  const near = closest(named, names);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  return names.length === 0 ? `${verb} none` : `${verb} ${firstOf(names)}`;
}

/** `eval.metrics` means `eval[lr=0.1].metrics`, `eval` both that and the instance. */
function isOf(named: string, name: string): boolean {
  const plain = name.replace(/\[.*\]/, '');
  return name !== named && (plain === named || plain.startsWith(`${named}.`));
}

/** The first of a list that may be as long as a matrix is large, and how many are left out. */
export function firstOf(names: readonly string[]): string {
  const more = names.length - LISTED;
  return `${names.slice(0, LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
