# Sourced by ci/peers and bench/run: brings other people's programs under "$tools" without installing or starting them.

tools=${CARGO_TARGET_DIR:-$PWD/target}/peers
mkdir -p "$tools"

# debian PROGRAM PACKAGE: the program out of Debian's package, unless it is on the path already.
debian() {
  command -v "$1" >/dev/null && return
  [ -x "$tools/debian/usr/bin/$1" ] && return
  if ! command -v apt-get >/dev/null; then
    echo "this needs $1: install it (in Debian: $2)" >&2
    exit 69
  fi
  [ "$(id -u)" -ne 0 ] || apt-get update -qq
  (cd "$tools" && rm -f "$2"_*.deb && apt-get -q download "$2" && dpkg-deb -x "$2"_*.deb debian && rm -f "$2"_*.deb)
}

# installed PROGRAM PACKAGE: from Debian, for what is at home on a system.
installed() {
  command -v "$1" >/dev/null && return
  apt-get update -qq
  apt-get install -y --no-install-recommends "$2"
}

# python_with MODULE REQUIREMENT: a Python environment of our own in which the module can be imported.
python_with() {
  if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
    apt-get update -qq
    apt-get install -y --no-install-recommends python3 python3-venv
  fi
  [ -x "$tools/python/bin/pip" ] || python3 -m venv "$tools/python"
  "$tools/python/bin/python" -c "import $1" 2>/dev/null || "$tools/python/bin/pip" install --quiet "$2"
}

# crate PROGRAM CRATE: built from crates.io, unless it is on the path already. Takes minutes, once.
crate() {
  command -v "$1" >/dev/null && return
  [ -x "$tools/crates/bin/$1" ] || cargo install --quiet --locked --root "$tools/crates" "$2"
}
