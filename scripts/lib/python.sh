# shellcheck shell=bash
# A Python environment with the readers and clients that files and streams are tested with. Needs common.sh.
# shellcheck disable=SC2154 # root is set there

python_modules=(numpy h5py hdf5plugin silx nexusformat fabio zmq mflow google.protobuf)
# The same as pip calls them.
python_packages=(numpy h5py hdf5plugin silx nexusformat fabio pyzmq psi-mflow protobuf)

# Sets DAQ_TEST_PYTHON to an interpreter that has all modules; makes one in .build if there is none.
need_python() {
    local interpreter
    for interpreter in "${DAQ_TEST_PYTHON:-}" "$root/.build/python/bin/python"; do
        if [[ -x $interpreter ]] && has_python_modules "$interpreter"; then
            export DAQ_TEST_PYTHON=$interpreter
            return
        fi
    done
    heading "Making a Python environment in .build/python"
    python3 -m venv "$root/.build/python"
    "$root/.build/python/bin/pip" install --quiet --disable-pip-version-check "${python_packages[@]}"
    export DAQ_TEST_PYTHON=$root/.build/python/bin/python
    has_python_modules "$DAQ_TEST_PYTHON" || die "the modules ${python_modules[*]} do not load in $DAQ_TEST_PYTHON"
}

# Looks the modules up without running them: importing all of silx takes seconds.
has_python_modules() {
    "$1" - "${python_modules[@]}" <<'PYTHON'
import importlib.util, sys
sys.exit(any(importlib.util.find_spec(name) is None for name in sys.argv[1:]))
PYTHON
}
