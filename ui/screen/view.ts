/**
 * What is looked at on the screen, what keys are, and what the run may be told: the words that keys,
 * log and screen share. Data only.
 */
import type { StepId } from '../../schema/id.ts';
import type { RunState } from '../run-state.ts';

/** A key as people name it; any other is the character it types. */
export type Key =
  | { readonly kind: 'character'; readonly text: string }
  | { readonly kind: 'up' | 'down' | 'page-up' | 'page-down' | 'home' | 'end' | 'left' | 'right' }
  | { readonly kind: 'enter' | 'escape' | 'backspace' | 'interrupt' };

/** What is looked at. */
export type View = {
  /** Undefined: nothing is chosen, and the rows show what has not ended. */
  readonly chosen: StepId | undefined;
  readonly panel: 'logs' | 'help' | 'why';
  readonly log: LogView | undefined;
};

/** One step's log on the whole screen. Lines are numbered from the first one that was read. */
export type LogView = {
  readonly step: StepId;
  /** The line after the last one shown; undefined follows what is printed. */
  readonly end: number | undefined;
  readonly left: number;
  readonly search: string;
  /** While the search is being typed. */
  readonly typing: boolean;
  /** The line that was found. */
  readonly match: number | undefined;
};

/** What is there of the log now: `lines[0]` has the number `first`. */
export type LogLines = { readonly first: number; readonly lines: readonly string[] };

export type Command =
  /** The next press of the two-press rule. */
  { readonly kind: 'interrupt' } | { readonly kind: 'cancel' | 'rerun'; readonly step: StepId };

export const initialView: View = { chosen: undefined, panel: 'logs', log: undefined };

export type KeyContext = {
  readonly state: RunState;
  /** Lines that a page has. */
  readonly page: number;
  readonly log: LogLines;
};
