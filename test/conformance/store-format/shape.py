"""
The tables of docs/store-format.md: which fields a fingerprint and a trace have, and of which form.
Unaware of what they mean.
"""
import re

HEX = '[0-9a-f]{64}'
CONTENT = rf'(?:file|exec|tree):{HEX}'


def text(pattern='.*'):
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value, re.S) is not None


def nothing_or(is_right):
    return lambda value: value is None or is_right(value)


def every(is_right):
    return lambda value: isinstance(value, dict) and all(map(is_right, value.values()))


def list_of(is_right):
    return lambda value: isinstance(value, list) and all(map(is_right, value))


def in_order(value):
    return list_of(text())(value) and value == sorted(value, key=lambda name: name.encode('utf-16-be'))


def whole(value):
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53


def fields(needed, **others):
    """All of the first are there; of both, each is right."""
    table = {**needed, **others}
    return lambda value: (
        isinstance(value, dict)
        and needed.keys() <= value.keys()
        and all(name not in value or is_right(value[name]) for name, is_right in table.items())
    )


def exactly(needed, **others):
    table = {**needed, **others}
    return lambda value: fields(needed, **others)(value) and value.keys() <= table.keys()


is_artifact = fields({
    'kind': text('file|tree'),
    'digest': text(HEX),
    'executable': lambda value: isinstance(value, bool),
    'bytes': whole,
    'files': whole,
})

is_made = fields({
    'run': text('[0-9]{8}-[0-9]{6}-[0-9a-z]{4,8}'),
    'host': text(),
    'at': text(),
    'durationMs': lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
})

is_trace = fields({
    'format': lambda value: value == 1 and value is not True,
    'key': text(HEX),
    'fingerprint': fields({'definition': nothing_or(lambda value: isinstance(value, dict))}),
    'outputs': every(is_artifact),
    'made': is_made,
    'receipt': nothing_or(every(text())),
})

is_fingerprint = exactly(
    {
        'format': lambda value: value == 1,
        'command': lambda value: text()(value) or list_of(text())(value),
        'definition': nothing_or(every(text(rf'{CONTENT}|link:.+'))),
        'packages': every(text()),
        'files': every(text(CONTENT)),
        'params': every(lambda value: True),
        'inputs': every(list_of(exactly({'path': text('.+'), 'digest': text(CONTENT)}))),
        'outputs': every(exactly({'type': text('.+'), 'path': text('.+')})),
        'env': every(text()),
        'secrets': in_order,
        'toolchain': every(text(rf'{CONTENT}(?: {CONTENT})*|v[0-9.]+')),
        'image': nothing_or(text(rf'(?:sha256|content|build):{HEX}')),
        'platform': nothing_or(text('[a-z0-9]+-[a-z0-9]+')),
        'probe': nothing_or(text()),
        'salt': nothing_or(text()),
    },
    environments=in_order,
    container=exactly(
        {},
        **{
            'entrypoint': list_of(text()),
            'user': text(),
            'network': text('host|bridge'),
            'writable-root': lambda value: value is True,
            'capabilities': in_order,
        },
    ),
)
