/**
 * The files of this installation that `sluice init --from` copies, each by name: a checkout holds
 * more beside them, which runs have left there.
 */

type Example = {
  /** In the installation; `.` where the example is the installation itself. */
  readonly folder: string;
  /** Below it, and so below the new project. */
  readonly files: readonly string[];
};

export const EXAMPLE_NAMES = ['digits', 'wine'] as const;

export const EXAMPLES: Readonly<Record<(typeof EXAMPLE_NAMES)[number], Example>> = {
  digits: {
    folder: '.',
    files: [
      'pipelines/digits.yaml',
      'configs/cnn.yaml',
      'configs/fast.yaml',
      'examples/digits/README.md',
      'examples/digits/digits.csv',
    ],
  },
  wine: {
    folder: 'examples/wine',
    files: [
      '.gitignore',
      'README.md',
      'sluice.yaml',
      'data/wine.csv',
      'pipelines/wine.yaml',
      'src/choose.py',
      'src/divide.py',
      'src/judge.py',
      'src/train.py',
      'src/wine.py',
    ],
  },
};
