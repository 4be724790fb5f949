# shellcheck shell=bash
# Sourced by the commands that run something built.
: "${root:?the repository}"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# Build servers would outlive the command.
quiet_build=(--nologo --verbosity minimal -nodeReuse:false -p:UseSharedCompilation=false -p:RestoreLockedMode=true)

# What the build depends on, as names, sizes and times: quick, and it sees a deleted file.
fingerprint() {
  (
    cd "$root" || exit
    shopt -s nullglob
    find src "$1" Directory.*.props Directory.*.targets global.json .editorconfig \
      -name node_modules -prune -o -type f -printf '%p %s %T@\n' | sort -u | sha256sum
  )
}

# Builds a project (a folder below the repository) in Release unless nothing changed since, and sets $built to its program.
# shellcheck disable=SC2034 # $built is for the caller
build_project() {
  local project=$1 name stamp now
  name=$(basename "$project")
  stamp=$root/artifacts/scripts/$name.stamp
  built=$root/artifacts/bin/$name/release/${2:-$name}.dll
  mkdir -p "$root/artifacts/scripts"
  exec 7>"$root/artifacts/scripts/build.lock"
  flock 7
  now=$(fingerprint "$project")
  if [ ! -e "$built" ] || [ "$(cat "$stamp" 2>/dev/null)" != "$now" ]; then
    echo "Building $name (the first time takes a minute or two) …" >&2
    rm -f "$stamp"
    if ! dotnet build "$root/$project" -c Release "${quiet_build[@]}" >&2 </dev/null 7>&-; then
      echo "The build of $name failed." >&2
      return 1
    fi
    printf '%s\n' "$now" >"$stamp"
  fi
  exec 7>&-
}
