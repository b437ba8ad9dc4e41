/**
 * Shows large files and folders to a local process in place, read-only, without copying them: bind
 * mounts in a mount namespace of its own, which vanish with it. Linux only, and for root only: a
 * namespace of users would show other owners and take set-user-id programs away. Unaware of steps.
 */
import { execFile } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { getSystemErrorName } from 'node:util';
import { removeQuietly } from '../clearing.ts';
import type { Attempt, Share } from './executor.ts';

/** Not what the step's own PATH says. */
const UNSHARE = '/usr/bin/unshare';
const PERL = '/usr/bin/perl';
const MOUNT = '/usr/bin/mount';
const MKNOD = '/usr/bin/mknod';

/** All that whoever is outside of the namespace finds in a folder: it says why. */
const NOTE = 'shown-only-to-the-step-itself';

/** A path may have led to something else when it was mounted, and lead to the right one again by now. */
const SHOW_ONE = `
sub is_meant {
  my ($path, $identity) = @_;
  return $identity eq '' || join(':', (lstat $path)[0, 1]) eq $identity;
}
sub show { system('${MOUNT}', qw(-n --bind -o ro --), @_) == 0 }`;

/**
 * What lies at the target for everybody outside of the namespace: a device that cannot be opened, or
 * a folder with nothing but one. Whoever is only handed the path (a container engine, a database)
 * and reads what is there fails loudly then, and does not take it for empty.
 */
const TRY = `${SHOW_ONE}
my ($source, $target, $identity) = @ARGV;
my $device = $target;
if (-d $source) { mkdir $target or exit 1; $device .= '/${NOTE}' }
system('${MKNOD}', $device, qw(c 0 0)) == 0 or exit 1;
show($source, $target) && is_meant($target, $identity) or exit 1;`;

/**
 * Mounts, becomes the command, and says on its fourth stream what comes of it. Its own environment is
 * empty, so that nothing in the command's (LD_PRELOAD) applies to what comes before; the command's is
 * read from that stream, because everybody may read the words of a process. A shell would set variables
 * of its own, and drop those whose names it does not like. What has not come whole (the runner was
 * killed) is no environment.
 */
const SHOW = `${SHOW_ONE}
open my $runner, '+<&=', 3 or exit 125;
fcntl $runner, 2, 1; # Closed on exec: neither what mounts nor the command can hold it open.
for (my $at = 0; (my $source = shift) ne '--'; $at += 1) {
  my ($target, $identity) = (shift, shift);
  my $is_shown = show($source, $target);
  if (!is_meant($is_shown ? $target : $source, $identity)) {
    syswrite $runner, "replaced $at";
    exit 125;
  }
  $is_shown or exit 125;
}
my $count = shift;
my @variables = do { local $/; <$runner> } =~ /([^\\0]*)\\0/g;
if (@variables != $count) { print STDERR "its environment has not come whole\\n"; exit 125 }
%ENV = ();
for (@variables) { my ($name, $value) = split /=/, $_, 2; $ENV{$name} = $value }
syswrite $runner, 'begun ';
exec { $ARGV[0] } @ARGV;
syswrite $runner, $! + 0;
exit 125;`;

/**
 * Can an attempt see `source` at `target`? Tries it; true leaves the target prepared. Where it
 * cannot be, nothing lies at the target and the caller copies.
 */
export async function prepareShare({ source, target, identity }: Share): Promise<boolean> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const words = ['--mount', PERL, '-e', TRY, '--', source, target, identity ?? ''];
  const isPossible = await new Promise<boolean>(resolve => {
    execFile(UNSHARE, words, { env: {}, timeout: 10_000 }, error => resolve(error === null));
  });
  if (!isPossible) removeQuietly(target);
  return isPossible;
}

/** What to spawn in the attempt's place: with an empty environment, and a fourth stream for `begin`. */
export function sharedStart({ command, env }: Attempt, shares: readonly Share[]) {
  const places = shares.flatMap(({ source, target, identity }) => [source, target, identity ?? '']);
  const count = String(Object.keys(env).length);
  const script = ['--mount', PERL, '-e', SHOW, '--', ...places, '--', count];
  return [UNSHARE, ...script, ...command] as const;
}

/** What came of a start. */
export type Beginning =
  | { readonly kind: 'begun' }
  /** Its output says why. */
  | { readonly kind: 'not-shown' }
  | { readonly kind: 'replaced'; readonly share: Share }
  /** As `spawn` would have failed. */
  | { readonly kind: 'no-program'; readonly code: string };

/** Lets what was spawned go on to the attempt's own program; settles once it has, or has ended. */
export function begin(
  stream: Duplex,
  { env }: Attempt,
  shares: readonly Share[],
): Promise<Beginning> {
  let said = '';
  stream.on('data', (chunk: Buffer) => {
    said += chunk.toString('latin1');
  });
  // It has ended: then it has said what there is to say.
  stream.on('error', () => undefined);
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}\0`);
  stream.end(variables.join(''));
  return new Promise(resolve => stream.once('close', () => resolve(beginningOf(said, shares))));
}

function beginningOf(said: string, shares: readonly Share[]): Beginning {
  const [word, number = ''] = said.split(' ');
  if (word === 'begun') {
    if (number === '') return { kind: 'begun' };
    return { kind: 'no-program', code: getSystemErrorName(-Number(number)) };
  }
  const share = word === 'replaced' ? shares[Number(number)] : undefined;
  return share === undefined ? { kind: 'not-shown' } : { kind: 'replaced', share };
}
