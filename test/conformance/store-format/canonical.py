"""RFC 8785, and the key that a fingerprint has. Unaware of stores."""
import hashlib
import json
import re
from decimal import Decimal


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def canonical(value):
    """Names by UTF-16 code units; numbers and strings as ECMAScript writes them."""
    if isinstance(value, dict):
        names = sorted(value, key=by_code_unit)
        return '{%s}' % ','.join(f'{quoted(name)}:{canonical(value[name])}' for name in names)
    if isinstance(value, list):
        return '[%s]' % ','.join(map(canonical, value))
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number(float(value))
    return json.dumps(value)


def by_code_unit(text):
    return text.encode('utf-16-be', 'surrogatepass')


def quoted(text):
    quotation = json.dumps(text, ensure_ascii=False)
    return re.sub('[\ud800-\udfff]', lambda half: f'\\u{ord(half[0]):x}', quotation)


def number(value):
    """ECMA-262, Number::toString: the shortest digits that mean this double."""
    if value == 0:
        return '0'
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    digits = ''.join(map(str, digits))
    point = len(digits) + exponent
    if 0 < point <= 21:
        text = digits.ljust(point, '0') if exponent >= 0 else f'{digits[:point]}.{digits[point:]}'
    elif -6 < point <= 0:
        text = '0.' + '0' * -point + digits
    else:
        text = digits[0] + ('.' + digits[1:] if digits[1:] else '') + f'e{point - 1:+d}'
    return '-' * sign + text


def key_of(fingerprint):
    return sha256(b'sluice-key\n' + canonical(fingerprint).encode())
