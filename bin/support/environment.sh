# Sourced by the programs in bin/: the checkout in $here, a Python environment in $here/.venv that fits the lock files.
# Only bash 3.2 is needed (macOS).
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
python=$here/.venv/bin/python

# find_python: a Python of 3.11 or newer that can make environments, in $found; or a sentence and the end.
find_python() {
  local name reason=""
  for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
    command -v "$name" >/dev/null 2>&1 || continue
    "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue
    if "$name" -c 'import venv, ensurepip' >/dev/null 2>&1; then
      found=$name
      return
    fi
    reason="$name cannot make environments; on Debian and Ubuntu install the package python3-venv."
  done
  echo "${reason:-Muster needs Python 3.11 or newer, and none was found. Install it and start again.}" >&2
  exit 1
}

# environment base|dev: everything that lock file names is installed in .venv. Quick when nothing changed.
environment() {
  local stamps=$here/.venv/installed
  if [ -x "$python" ] && cmp -s "$here/requirements/$1.txt" "$stamps/$1.txt"; then
    return
  fi
  find_python
  "$found" "$here/bin/support/environment.py" "$here" "$1" || exit 1
}
