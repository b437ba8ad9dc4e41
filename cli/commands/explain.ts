/** `sluice explain <code>`: a diagnostic or a failure class, at length. */
import { closest } from '../../compiler/closest.ts';
import { explainCode, explainedCodes } from '../../compiler/explanations.ts';
import { type Define, examples } from '../command.ts';
import { usageError } from '../usage.ts';

export const define: Define = (program, invocation) => {
  program
    .command('explain')
    .description('What a diagnostic or a failure class means, with an example and its repair.')
    .argument('[code]', 'as shown in brackets: error[code]')
    .addHelpText('after', examples('sluice explain unknown-step', 'sluice explain out-of-memory'))
    .action(written => {
      const { terminal, finish } = invocation();
      const code = written?.replace(/^(?:error|warning)\[(.*)\]:?$/, '$1');
      if (code === undefined) {
        terminal.out(explainedCodes().join('\n'));
        return finish(0);
      }
      const explanation = explainCode(code);
      if (explanation === undefined) {
        const near = closest(code, explainedCodes());
        throw usageError(
          `there is no code \`${code}\``,
          near === undefined ? '`sluice explain` lists them all' : `did you mean \`${near}\`?`,
        );
      }
      const { title, why, example, repair } = explanation;
      terminal.out(
        [
          `${code}: ${title}`,
          '',
          why,
          '',
          'For example',
          indent(example),
          '',
          'Repair',
          indent(repair),
        ].join('\n'),
      );
      finish(0);
    });
};

const indent = (text: string): string => text.trimEnd().replace(/^(?=.)/gm, '    ');
