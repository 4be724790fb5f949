# shellcheck shell=bash
# Sourced by scripts/bench: how long the server takes from its start to being ready, over a data folder that holds the demo's story.
: "${root:?the repository}" "${built:?the server}"

bench_start() {
  local rounds=$1 port=$2 settings socket round
  folder=$(mktemp -d)
  chmod 711 "$folder"
  trap 'stop_bench_start' EXIT
  trap 'exit 130' INT TERM HUP
  settings=$("$root/scripts/postgres" start "$folder" --until-exit-of $$)
  socket=$(sed -n 's/^PGHOST=//p' <<<"$settings")
  printf 'create database coffrefort;\ncreate database coffrefort_keys;\n' | "$root/scripts/postgres" psql "$folder" -d postgres -X -q -v ON_ERROR_STOP=1
  export ConnectionStrings__Journal="Host=$socket;Username=coffrefort_app;Database=coffrefort"
  export ConnectionStrings__JournalOwner="Host=$socket;Username=app;Database=coffrefort"
  export ConnectionStrings__Keys="Host=$socket;Username=coffrefort_app;Database=coffrefort_keys"
  export ConnectionStrings__KeysOwner="Host=$socket;Username=app;Database=coffrefort_keys"
  echo "$(nproc) cores; load average before: $(cut -d ' ' -f 1 /proc/loadavg)"
  printf 'first start, tables and story included: %s ms\n' "$(start_once "$port")"
  for ((round = 1; round <= rounds; round++)); do start_once "$port"; done | sort -n | awk '
    { took[NR] = $1 }
    END { printf "ready over existing data: median %d ms of %d starts (%d to %d)\n", took[int((NR + 1) / 2)], NR, took[1], took[NR] }'
}

# One start, in milliseconds until it is ready; then it is told to stop.
start_once() {
  local began took server
  began=$(date +%s%N)
  setsid setpriv --pdeathsig TERM dotnet "$built" --urls "http://127.0.0.1:$1" --data "$folder" --demo true >"$folder/server.log" 2>&1 </dev/null &
  server=$!
  until is_ready_at "$1"; do
    kill -0 "$server" 2>/dev/null || { tail -n 30 "$folder/server.log" >&2 && return 1; }
    sleep 0.01
  done
  took=$((($(date +%s%N) - began) / 1000000))
  kill -TERM "$server"
  wait "$server" || true
  echo "$took"
}

is_ready_at() {
  local status
  { printf 'GET /health/ready HTTP/1.0\r\nHost: 127.0.0.1:%s\r\n\r\n' "$1" >&3 && read -r -t 10 status <&3; } 2>/dev/null 3<>"/dev/tcp/127.0.0.1/$1" || return 1
  [[ $status == HTTP/1.*' 200'* ]]
}

stop_bench_start() {
  trap '' INT TERM HUP
  "$root/scripts/postgres" stop "$folder" --discard || true
  rm -rf "$folder"
}
