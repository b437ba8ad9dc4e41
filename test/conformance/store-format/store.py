"""
A store as docs/store-format.md describes it: its blobs, its traces and its locks. Unaware of
folders, and of who asks.
"""
import contextlib
import fcntl
import json
import os
import secrets
import stat
import struct

from canonical import by_code_unit, canonical, key_of, sha256
from shape import is_trace

FORMAT = b'sluice-store 1\n'
TRACE_LIMIT = 64 << 20


class Refused(Exception):
    """What the document says is to be refused, in a sentence."""


class Damaged(Refused):
    """A blob that is not what its name says."""


class Store:
    def __init__(self, root):
        self.root = root
        if read(self.path('format')) != FORMAT:
            raise Refused('the store has another format')

    def path(self, *parts):
        return os.path.join(self.root, *parts)

    # Blobs.

    def blob_path(self, digest):
        return self.path('blobs', digest[:2], digest[2:])

    def blob(self, digest):
        """Its bytes, verified."""
        path = self.blob_path(digest)
        if not os.path.isfile(path):
            raise Refused(f'{digest} is not there')
        data = read(path)
        if sha256(data) != digest:
            raise Damaged(f'{digest} is damaged')
        return data

    def taken(self, digest):
        """As `blob`; what is damaged goes to quarantine, and is from then on not there."""
        try:
            return self.blob(digest)
        except Damaged:
            os.makedirs(self.path('quarantine'), exist_ok=True)
            aside = self.path('quarantine', f'{digest}-{secrets.token_hex(8)}')
            os.rename(self.blob_path(digest), aside)
            raise

    def digests(self):
        for shard in listed(self.path('blobs')):
            for rest in listed(self.path('blobs', shard)):
                yield shard + rest

    def put(self, data):
        digest = sha256(data)
        path = self.blob_path(digest)
        try:
            self.taken(digest)
            sync_folders(path)
        except Refused:
            self.publish(data, path)
        return digest

    def publish(self, data, path):
        """Aside, whole, durable; only then under its name."""
        aside = self.path('tmp', secrets.token_hex(8))
        os.makedirs(self.path('tmp'), exist_ok=True)
        with open(aside, 'xb') as file:
            file.write(data)
            file.flush()
            if os.fstat(file.fileno()).st_size != len(data):
                raise OSError('not everything was written')
            os.fchmod(file.fileno(), 0o444)
            os.fsync(file.fileno())
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.rename(aside, path)
        sync_folders(path)

    # Traces.

    def traces_path(self, key):
        return self.path('traces', key[:2], key[2:])

    def keys(self):
        for shard in listed(self.path('traces')):
            for rest in listed(self.path('traces', shard)):
                yield shard + rest

    def traces(self, key):
        """Name → trace of all that pass the four rules."""
        folder = self.traces_path(key)
        found = {name: trace_at(os.path.join(folder, name), key) for name in listed(folder)}
        return {name: trace for name, trace in found.items() if trace is not None}

    def winner(self, key, is_whole):
        """The one that counts: whole before not, then the oldest, then by name."""
        order = sorted(
            self.traces(key).items(),
            key=lambda item: (not is_whole(item[1]), by_age(item)),
        )
        return order[0][0] if order else None

    def record(self, trace):
        """Not again when the newest is the same, but for a receipt."""
        key = trace['key']
        name, newest = max(self.traces(key).items(), key=by_age, default=(None, None))
        if newest and trace['receipt'] is None and newest['receipt'] is None:
            if newest['outputs'] == trace['outputs']:
                return name
        data, name = trace_file(trace)
        self.publish(data, os.path.join(self.traces_path(key), name))
        return name

    # Locks.

    def shared(self):
        return locked(self.path('store.lock'), fcntl.F_RDLCK)

    def exclusive(self):
        return locked(self.path('store.lock'), fcntl.F_WRLCK)

    @contextlib.contextmanager
    def key_lock(self, key):
        os.makedirs(self.path('locks'), exist_ok=True)
        path = self.path('locks', key)
        with locked(path, fcntl.F_WRLCK):
            try:
                yield
            finally:
                os.unlink(path)


def by_age(item):
    name, trace = item
    return by_code_unit(trace['made']['at']), name


def trace_file(trace):
    data = (canonical(trace) + '\n').encode()
    return data, f'{sha256(data)}.json'


def trace_at(path, key):
    """Undamaged, of its shape, and of this key; else none."""
    info = os.lstat(path)
    if not stat.S_ISREG(info.st_mode) or info.st_size > TRACE_LIMIT:
        return None
    data = read(path)
    if os.path.basename(path) != f'{sha256(data)}.json':
        return None
    try:
        trace = json.loads(data)
    except ValueError:
        return None
    return trace if is_trace(trace) and trace['key'] == key == key_of(trace['fingerprint']) else None


@contextlib.contextmanager
def locked(path, kind):
    """The kernel's lock on the whole file, without waiting; on the file that has the name."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, struct.pack('hhqqi0q', kind, 0, 0, 0, 0))
        except OSError as error:
            os.close(descriptor)
            raise Refused(f'{os.path.basename(path)} is held by another') from error
        if is_under(path, descriptor):
            break
        os.close(descriptor)
    try:
        yield
    finally:
        os.close(descriptor)


def is_under(path, descriptor):
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def listed(path):
    try:
        return sorted(os.listdir(path))
    except (FileNotFoundError, NotADirectoryError):
        return []


def sync_folders(path):
    """The folder of a file and those above it, up to the store's."""
    for _ in range(3):
        path = os.path.dirname(path)
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
