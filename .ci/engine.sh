#!/bin/sh
# A container engine for the tests alone: its own socket, data, network and processes below one
# folder, and nothing left of it afterwards.
#
#   .ci/engine.sh start <folder> [<pid>]   ends by itself when the process <pid> has ended
#   .ci/engine.sh stop <folder>
#
# Needs root on Linux. What is missing is installed where there is apt-get.
set -eu

fail() {
  echo "no container engine for the tests: $1" >&2
  exit 3
}

folder=${2:-}
[ -n "$folder" ] || fail 'say which folder'
socket=unix://$folder/docker.sock

start() {
  [ "$(uname -s)" = Linux ] || fail 'that takes Linux'
  [ "$(id -u)" = 0 ] || fail 'starting one takes root'
  install_missing
  mkdir -p "$folder/bin"
  # The engine offers GPUs where it finds this program. Here it gives nothing, so that the way of a
  # request through the engine can be tested without a GPU.
  printf '#!/bin/sh\nexit 0\n' >"$folder/bin/nvidia-container-runtime-hook"
  chmod 755 "$folder/bin/nvidia-container-runtime-hook"
  # Whatever the machine's own engine is told does not count here.
  echo '{}' >"$folder/engine.json"
  # A network of its own: engines on one machine would take each other's bridge away.
  PATH=$folder/bin:$PATH setsid unshare --net sh -c '
    busybox ip link set lo up
    exec dockerd -H "$1" --pidfile "$2/pid" --data-root "$2/data" --exec-root "$2/exec" \
      --config-file "$2/engine.json" >"$2/log" 2>&1 </dev/null
  ' engine "$socket" "$folder" &
  tries=0
  engine=$!
  until docker -H "$socket" version >"$folder/version" 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 150 ] || ! kill -0 "$engine" 2>/dev/null; then
      tail -n 20 "$folder/log" >&2
      stop
      fail 'dockerd did not come up; its last words are above'
    fi
    sleep 0.2
  done
  start_registry
  [ -z "${1:-}" ] || watch_over "$1"
}

# Reached by the engine alone, as 127.0.0.1:5000.
start_registry() {
  end_registry
  cat >"$folder/registry.yml" <<END
version: 0.1
log: { level: error }
storage: { filesystem: { rootdirectory: $folder/registry } }
http: { addr: 127.0.0.1:5000 }
END
  setsid nsenter --net="/proc/$(cat "$folder/pid")/ns/net" \
    docker-registry serve "$folder/registry.yml" >"$folder/registry.log" 2>&1 </dev/null &
  echo $! >"$folder/registry.pid"
}

end_registry() {
  [ ! -e "$folder/registry.pid" ] || kill "$(cat "$folder/registry.pid")" 2>/dev/null || true
}

install_missing() {
  wanted=
  command -v dockerd >/dev/null && command -v docker >/dev/null || wanted="$wanted docker.io"
  command -v iptables >/dev/null || wanted="$wanted iptables"
  command -v busybox >/dev/null || wanted="$wanted busybox-static"
  command -v docker-registry >/dev/null || wanted="$wanted docker-registry"
  command -v docker-init >/dev/null || wanted="$wanted tini"
  [ -n "$wanted" ] || return 0
  # shellcheck disable=SC2086
  "$(dirname "$0")/packages.sh" $wanted || fail "see above"
}

# The tests may be killed: then nobody calls stop.
watch_over() {
  setsid sh -c 'while kill -0 "$1" 2>/dev/null; do sleep 1; done; exec "$2" stop "$3"' \
    watch "$1" "$0" "$folder" >/dev/null 2>&1 </dev/null &
}

stop() {
  [ -e "$folder/log" ] || return 0
  pid=$(cat "$folder/pid" 2>/dev/null || echo '')
  if [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; then
    docker -H "$socket" ps -aq 2>/dev/null | xargs -r docker -H "$socket" rm -f >/dev/null 2>&1 || true
    kill "$pid" 2>/dev/null || true
    tries=0
    while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 100 ]; do
      tries=$((tries + 1))
      sleep 0.1
    done
    kill -9 "$pid" 2>/dev/null || true
  fi
  end_registry
  grep -o " $folder/[^ ]*" /proc/self/mounts | sort -r | xargs -r -n1 umount -l 2>/dev/null || true
  rm -rf "$folder"
}

case ${1:-} in
  start) start "${3:-}" ;;
  stop) stop ;;
  *) fail "say start or stop, not ${1:-nothing}" ;;
esac
