"""Whether what docs/store-format.vectors.json says is what this implementation does."""
import os
import tempfile

from canonical import key_of, sha256
from folders import artifact, parsed, stays_inside
from shape import is_fingerprint, is_trace
from store import Refused, trace_file


def disagreements(vectors):
    """What each case is called that turns out otherwise."""
    for case in vectors['fingerprints']:
        fingerprint = case['fingerprint']
        if not is_fingerprint(fingerprint) or key_of(fingerprint) != case['key']:
            yield case['what']
    for case in vectors['folders']:
        if digested(case['entries']) != (case['artifact'], case['listing']):
            yield case['what']
    for case in vectors['links']:
        if stays_inside(case['target'].encode(), case['depth']) != case['inside']:
            yield f"a link to {case['target']}"
    for case in vectors['corruptListings']:
        if is_listing(case['listing'].encode()):
            yield f"a listing with {case['what']}"
    trace = vectors['trace']['trace']
    if not is_trace(trace) or trace_file(trace)[1] != vectors['trace']['name']:
        yield 'the trace'


def digested(entries):
    listings = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in sorted(entries):
            make(os.path.join(folder, name), entries[name])
        found = artifact(folder, lambda data: kept(data, listings))
    return found, listings[found['digest']].decode()


def kept(data, by_digest):
    digest = sha256(data)
    by_digest[digest] = data
    return digest


def make(path, entry):
    if 'folder' in entry:
        os.mkdir(path)
    elif 'link' in entry:
        os.symlink(entry['link'], path)
    else:
        with open(path, 'w', encoding='utf-8') as file:
            file.write(entry.get('file') or entry.get('program', ''))
        os.chmod(path, 0o755 if 'program' in entry else 0o644)


def is_listing(data):
    try:
        parsed(data, 0)
        return True
    except Refused:
        return False
