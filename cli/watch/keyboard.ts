/** Keys of a terminal, one at a time, while nothing else reads them. Unaware of what they mean. */
import { keysIn } from './keys.ts';

export type Keyboard = {
  /** Takes the terminal's keys; nothing when they are taken already. */
  readonly listen: () => void;
  /** Gives them back, for a screen to take. */
  readonly release: () => void;
  /** Shows what is being typed, on a line of its own that the next one replaces; '' clears it. */
  readonly prompt: (text: string) => void;
};

const CLEAR_LINE = '\r\u001b[2K';

export function openKeyboard(
  { stdin, stderr }: Pick<NodeJS.Process, 'stdin' | 'stderr'>,
  onKey: (key: string) => void,
): Keyboard {
  let isListening = false;
  const hear = (chunk: Buffer) => {
    for (const key of keysIn(chunk.toString('utf8'))) onKey(key);
  };
  return {
    prompt: text => void stderr.write(CLEAR_LINE + text),
    listen: () => {
      if (isListening) return;
      isListening = true;
      stdin.setRawMode(true);
      stdin.on('data', hear);
      stdin.resume();
      stdin.ref();
    },
    release: () => {
      if (!isListening) return;
      isListening = false;
      stdin.off('data', hear);
      stdin.pause();
      stdin.setRawMode(false);
      stdin.unref();
    },
  };
}
