/**
 * The memory that the instances of a pipeline may take beyond what they have in common: counted
 * where something is made that is not shared, by what it was once measured to take. Unaware of what
 * that is.
 */
import { LIMITS } from './limits.ts';
import type { Problem } from './problems/problem.ts';
import type { ResolvedStep } from './resolved.ts';

/** Bytes that may still be taken; below zero, nothing more is made. */
export type Memory = { left: number; readonly limit: number };

/** `most`: instances that there may be. */
export function memoryFor(most: number): Memory {
  const limit = LIMITS.ownBytes * most;
  return { left: limit, limit };
}

/** Of an input that no other instance shares, and of each thing that flows into it. */
export const WIRE_BYTES = 1_000;
export const SOURCE_BYTES = 320;

/** What an address takes for each of its characters: the instance has it, and so has its step. */
export const ADDRESS_BYTES = 2;

/** Said of the step with which it becomes too much. */
export function tooMuchMemory({ syntax: { id } }: ResolvedStep, { limit }: Memory): Problem {
  return { kind: 'plan-too-large', step: id.value, at: id.span, of: 'memory', limit };
}
