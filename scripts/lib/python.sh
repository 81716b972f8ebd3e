# shellcheck shell=bash
# A Python environment with the readers and clients that files and streams are tested with. Needs common.sh.
# shellcheck disable=SC2154 # root is set there

# streamvis, the one client of DECTRIS streams that is in wide use, needs a cbor2 older than 6.
python_packages=(numpy h5py hdf5plugin silx nexusformat fabio nxvalidate nxmx
    pyzmq psi-mflow protobuf psi-bsread 'cbor2<6' dectris-compression)

# Sets DAQ_TEST_PYTHON to an interpreter that has all packages; makes one in .build if there is none.
need_python() {
    local interpreter
    for interpreter in "${DAQ_TEST_PYTHON:-}" "$root/.build/python/bin/python"; do
        if [[ -x $interpreter ]] && has_python_packages "$interpreter"; then
            export DAQ_TEST_PYTHON=$interpreter
            return
        fi
    done
    heading "Making a Python environment in .build/python"
    python3 -m venv "$root/.build/python"
    "$root/.build/python/bin/pip" install --quiet --disable-pip-version-check "${python_packages[@]}"
    export DAQ_TEST_PYTHON=$root/.build/python/bin/python
    has_python_packages "$DAQ_TEST_PYTHON" || die "the packages ${python_packages[*]} are not in $DAQ_TEST_PYTHON"
}

# Looks the packages up without running them: importing all of silx takes seconds.
has_python_packages() {
    "$1" - "${python_packages[@]%%<*}" <<'PYTHON'
import importlib.metadata, sys
sys.exit(not set(sys.argv[1:]) <= {package.name.lower() for package in importlib.metadata.distributions()})
PYTHON
}
