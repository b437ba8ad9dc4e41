/** The words for what a store may say: what happened, and what to do. */
import { assertNever } from '../schema/assert-never.ts';
import type { StoreError } from '../store/store.ts';

export function describeStoreError(error: StoreError): {
  message: string;
  help: string | undefined;
} {
  switch (error.kind) {
    case 'full':
      return {
        message: `the disk is full at ${error.path}`,
        help: 'free some space, or let `sluice store gc` drop what no recent run needs; nothing is lost',
      };
    case 'denied':
      return {
        message: `access to ${error.path} is denied`,
        help: 'check its owner and mode, and that the file system is not mounted read-only',
      };
    case 'io':
      return { message: `${error.path}: ${error.message}`, help: undefined };
    case 'unsupported':
      return { message: `${error.path}: ${error.message}`, help: undefined };
    case 'absent':
      return { message: `${error.path} is not there`, help: undefined };
    case 'corrupt':
      return {
        message: `the stored bytes of ${error.digest} are damaged and have been moved to .sluice/quarantine`,
        help: 'run the pipeline again: the step that made them will be executed',
      };
    case 'unstable':
      return { message: `${error.path} changed while it was being read`, help: 'run again' };
    case 'unknown-format':
      return {
        message: `${error.path} was written by another version of Sluice (its format is ${error.found})`,
        help: 'use that version, or move the folder away to start anew',
      };
    default:
      return assertNever(error);
  }
}
