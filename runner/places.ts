/**
 * Where things of the runner lie for a step: below its working directory, and in a container. The
 * places in a container are the same on every machine, so that nothing of a machine can find its
 * way into a result. Unaware of what lies there.
 */

/** Below the working directory: what the runner itself puts there. */
export const PRIVATE = {
  folder: '.step',
  call: '.step/call.json',
  events: '.step/events.jsonl',
  home: '.step/home',
  tmp: '.step/tmp',
  scratch: '.step/scratch',
} as const;

export const INSIDE = {
  workdir: '/sluice/work',
  /** The step library; the packages it loads lie one level up, in the image. */
  library: '/sluice/steps',
  project: '/sluice/project',
} as const;
