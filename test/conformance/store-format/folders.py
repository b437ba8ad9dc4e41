"""
What a file or folder is by content: digested, listed, verified and read out. `put` keeps bytes and
gives their digest, `blob` gives them back; unaware of where they lie.
"""
import os
import re
import secrets
import shutil
import stat

from store import Refused, read

HEADER = b'sluice-tree 1\n'
DIGEST, NUMBER, NAME = rb'([0-9a-f]{64})', rb'(0|[1-9][0-9]*)', rb'([^\0/]+)\0'
ENTRY = re.compile(
    rb'(?:([fx]) %b %b %b|(d) %b %b %b %b|(l) %b([^\0]+)\0)'
    % (DIGEST, NUMBER, NAME, DIGEST, NUMBER, NUMBER, NAME, NAME)
)


def artifact(path, put):
    """Of what a caller names: a link is followed."""
    info = os.stat(path)
    if stat.S_ISDIR(info.st_mode):
        digest, size, files = tree(os.fsencode(path), 0, put)
        return described('tree', digest, False, size, files)
    if not stat.S_ISREG(info.st_mode):
        raise Refused(f'{path} is neither a file nor a folder')
    return described('file', put(read(path)), bool(info.st_mode & 0o100), info.st_size, 1)


def described(kind, digest, executable, size, files):
    return {'kind': kind, 'digest': digest, 'executable': executable, 'bytes': size, 'files': files}


def tree(folder, depth, put):
    entries, size, files = [], 0, 0
    for name in sorted(os.listdir(folder)):
        text, below, count = entry(os.path.join(folder, name), name, depth, put)
        entries.append(text)
        size, files = size + below, files + count
    return put(HEADER + b''.join(entries)), size, files


def entry(path, name, depth, put):
    mode = os.lstat(path).st_mode
    refuse(path, name if is_utf8(name) else None, 'its name is not UTF-8')
    if stat.S_ISLNK(mode):
        target = os.readlink(path)
        refuse(path, target if is_utf8(target) else None, 'its target is not UTF-8')
        refuse(path, stays_inside(target, depth) or None, 'it may lead out of the folder')
        return b'l %b\0%b\0' % (name, target), 0, 0
    if stat.S_ISDIR(mode):
        digest, size, files = tree(path, depth + 1, put)
        return b'd %b %d %d %b\0' % (digest.encode(), size, files, name), size, files
    refuse(path, stat.S_ISREG(mode) or None, 'it is neither a file, a folder nor a link')
    data = read(path)
    letter = b'x' if mode & 0o100 else b'f'
    return b'%b %b %d %b\0' % (letter, put(data).encode(), len(data), name), len(data), 1


def refuse(path, value, why):
    if value is None:
        raise Refused(f'{os.fsdecode(path)}: {why}')


def is_utf8(name):
    try:
        name.decode()
        return True
    except UnicodeDecodeError:
        return False


def stays_inside(target, depth):
    """`..` only in front, and at most as many as there are folders above the link."""
    parts = [part for part in target.split(b'/') if part not in (b'', b'.')]
    ups = next((n for n, part in enumerate(parts) if part != b'..'), len(parts))
    return not target.startswith(b'/') and ups <= depth and b'..' not in parts[ups:]


def parsed(listing, depth):
    """Entries of a listing as (letter, name, digest or target, bytes, files); or it is none."""
    if not listing.startswith(HEADER):
        raise Refused('it is no listing')
    at, entries = len(HEADER), []
    while at < len(listing):
        match = ENTRY.match(listing, at)
        if match is None:
            raise Refused('it is no listing')
        entries.append(fields(match.groups(), depth))
        at = match.end()
    names = [name for _, name, *_ in entries]
    if names != sorted(set(names)):
        raise Refused('names are not in order')
    return entries


def fields(groups, depth):
    file, digest, size, name, folder, below, total, files, inner, link, alias, target = groups
    if file:
        found = (file, name, digest.decode(), int(size), 1)
    elif folder:
        found = (folder, inner, below.decode(), int(total), int(files))
    else:
        found = (link, alias, target, 0, 0)
    if found[1] in (b'.', b'..') or not is_utf8(found[1]):
        raise Refused('a name is none')
    if max(found[3:]) >= 2**53:
        raise Refused('a number is too large')
    if link and not (is_utf8(target) and stays_inside(target, depth)):
        raise Refused('a link leads out of the folder')
    return found


def verify(found, blob, reached, depth=0):
    """That everything an artifact reaches is there, and as said. Notes all digests."""
    reached.add(found['digest'])
    data = blob(found['digest'])
    if found['kind'] == 'file':
        check(found, len(data), 1)
        return
    size = files = 0
    for letter, _, content, below, count in parsed(data, depth):
        size, files = size + below, files + count
        if letter != b'l':
            kind = 'tree' if letter == b'd' else 'file'
            verify(described(kind, content, False, below, count), blob, reached, depth + 1)
    check(found, size, files)


def check(found, size, files):
    if (found['bytes'], found['files']) != (size, files):
        raise Refused(f"{found['digest']}: its totals are others")


def read_out(found, blob, destination, aside, read_only=False):
    """Built aside, verified, renamed; on any error nothing is left."""
    if os.path.lexists(destination):
        raise Refused(f'{destination} exists')
    building = os.path.join(aside, secrets.token_hex(8))
    try:
        build(found, blob, os.fsencode(building), read_only)
        os.rename(building, destination)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def build(found, blob, path, read_only, depth=0):
    data = blob(found['digest'])
    if found['kind'] == 'file':
        with open(path, 'xb') as file:
            file.write(data)
        os.chmod(path, (0o755 if found['executable'] else 0o644) & (0o555 if read_only else 0o777))
        return
    os.mkdir(path)
    for letter, name, content, size, files in parsed(data, depth):
        below = os.path.join(path, name)
        if letter == b'l':
            os.symlink(content, below)
        else:
            kind = 'tree' if letter == b'd' else 'file'
            inner = described(kind, content, letter == b'x', size, files)
            build(inner, blob, below, read_only, depth + 1)
    os.chmod(path, 0o555 if read_only else 0o755)
