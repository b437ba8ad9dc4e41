"""
A second implementation of Sluice's store, written from docs/store-format.md: it shares no line and no
language with the first. `second.py <command> [argument…]` answers with one line of JSON; what the
document says is to be refused ends with `{"refused": why}` and exit 1.
"""
import glob
import json
import os
import shutil
import sys

from canonical import canonical, key_of, sha256
from folders import artifact, described, read_out, verify
from shape import is_fingerprint
from store import Refused, Store, listed, read, trace_file
from vectors import disagreements


def digest(path):
    """Without a store."""
    return artifact(path, sha256)


def check(root):
    """Everything in the store, held against the document."""
    store = Store(root)
    traces = {key: store.traces(key) for key in store.keys()}
    every = [item for found in traces.values() for item in found.items()]
    reached, missing = reach(store, outputs_of(trace for _, trace in every))
    return {
        'traces': {key: sorted(found) for key, found in traces.items()},
        'ignored': sorted(ignored(store, traces)),
        'misshapen': [name for name, trace in every if not is_proper(store, name, trace)],
        'damaged': [digest for digest in store.digests() if not is_right(store, digest)],
        'missing': missing,
        'loose': sorted(set(store.digests()) - reached),
    }


def is_proper(store, name, trace):
    """More than makes it a trace: its bytes are canonical, and its fingerprint as described."""
    is_sealed = is_read_only(os.path.join(store.traces_path(trace['key']), name))
    return is_sealed and trace_file(trace)[1] == name and is_fingerprint(trace['fingerprint'])


def is_read_only(path):
    return os.lstat(path).st_mode & 0o777 == 0o444


def ignored(store, traces):
    for key, found in traces.items():
        yield from set(listed(store.traces_path(key))) - found.keys()


def is_right(store, digest):
    try:
        store.blob(digest)
        return is_read_only(store.blob_path(digest))
    except Refused:
        return False


def reach(store, artifacts):
    """Digests that they reach; and why some of them cannot be had."""
    reached, missing = set(), []
    for found in artifacts:
        try:
            verify(found, store.blob, reached)
        except Refused as error:
            missing.append(str(error))
    return reached, missing


def outputs_of(traces):
    return [output for trace in traces for output in trace['outputs'].values()]


def find(root, key):
    """The name of the trace that answers for a key."""
    store = Store(root)
    return store.winner(key, lambda trace: reach(store, outputs_of([trace]))[1] == [])


def take_out(root, destination):
    store = Store(root)
    with store.shared():
        read_out(json.load(sys.stdin), store.taken, destination, store.path('tmp'))


def record(root):
    """Publishes what lies at `paths` as what `fingerprint` makes, as one who has executed it."""
    store = Store(root)
    request = json.load(sys.stdin)
    fingerprint = request['fingerprint']
    key = key_of(fingerprint)
    with store.shared(), store.key_lock(key):
        outputs = {port: artifact(path, store.put) for port, path in request['paths'].items()}
        trace = {'format': 1, 'key': key, 'fingerprint': fingerprint, 'outputs': outputs}
        return store.record({**trace, 'made': request['made'], 'receipt': None})


def collect(root):
    """Keeps what any trace reaches, and registered datasets. Traces stay."""
    store = Store(root)
    with store.exclusive():
        every = [trace for key in store.keys() for trace in store.traces(key).values()]
        kept = [*outputs_of(every), *registered(root)]
        loose = set(store.digests()) - reach(store, kept)[0]
        for digest in loose:
            os.unlink(store.blob_path(digest))
        for folder in ('tmp', 'locks'):
            for name in listed(store.path(folder)):
                discard(store.path(folder, name))
    return sorted(loose)


def registered(root):
    """Versions of datasets, of all projects that share the store (docs/dataset-format.md)."""
    for pattern in ('datasets/*/*.json', 'projects/*/datasets/*/*.json'):
        for path in glob.glob(pattern, root_dir=root):
            version = json.loads(read(os.path.join(root, path)))
            digest = version['digest'].removeprefix('tree:')
            yield described('tree', digest, False, version['bytes'], version['files'])


def discard(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def hold(root, lock):
    """Holds a lock, `shared`, `exclusive` or that of a key, until its input ends."""
    store = Store(root)
    named = {'shared': store.shared, 'exclusive': store.exclusive}
    with named[lock]() if lock in named else store.key_lock(lock):
        sys.stdout.write('"held"\n')
        sys.stdout.flush()
        sys.stdin.read()


COMMANDS = {
    'canonical': lambda: canonical(json.load(sys.stdin)),
    'key': lambda: key_of(json.load(sys.stdin)),
    'vectors': lambda: list(disagreements(json.load(sys.stdin))),
    'digest': digest,
    'check': check,
    'find': find,
    'take-out': take_out,
    'record': record,
    'collect': collect,
    'hold': hold,
}

try:
    command, *arguments = sys.argv[1:]
    print(json.dumps(COMMANDS[command](*arguments)))
except Refused as error:
    print(json.dumps({'refused': str(error)}))
    sys.exit(1)
