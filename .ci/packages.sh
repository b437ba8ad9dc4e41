#!/bin/sh
# Debian packages that tests need and this machine lacks: .ci/packages.sh <package>…
# Says nothing when all are there; else what is wrong, and exit 3.
set -eu

said=$(mktemp)
trap 'rm -f "$said"' EXIT
# Others may be installing at the same time: the lock is waited for.
install() {
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
    -o DPkg::Lock::Timeout=120 "$@" >>"$said" 2>&1
}

[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || {
  echo "these are missing, and only root on Debian could install them: $*" >&2
  exit 3
}
install "$@" || {
  apt-get update -qq >>"$said" 2>&1 || true
  install "$@" || {
    tail -n 5 "$said" >&2
    echo "these could not be installed: $*" >&2
    exit 3
  }
}
