# shellcheck shell=bash
# Steps with a heading, a time and a result, and what became of the tests in them.

step_number=0
failed_steps=()
skipped_steps=()
passed_tests=0
failed_tests=0
skipped_tests=()

# A step that ends with this code could not be done here, and has said why.
# shellcheck disable=SC2034
code_skipped=77

# step NAME COMMAND...: runs a step; a failure is remembered, and the next steps still run.
# The command runs in a subshell of its own, with errors ending it, which a plain `if command` would switch off.
step() {
    local name=$1 start=$SECONDS code=0
    shift
    step_number=$((step_number + 1))
    heading "$step_number. $name"
    set +e
    (
        set -e
        "$@"
    )
    code=$?
    set -e
    local took=$((SECONDS - start))
    if ((code == 0)); then
        note "-- ok: $name ($took s)"
    elif ((code == code_skipped)); then
        note "-- SKIPPED: $name ($took s)"
        skipped_steps+=("$name")
    else
        note "-- FAILED: $name (exit code $code, $took s)"
        failed_steps+=("$name")
    fi
    return 0
}

# needed_step NAME COMMAND...: a step without which the following ones make no sense.
needed_step() {
    local before=${#failed_steps[@]}
    step "$@"
    if ((${#failed_steps[@]} > before)); then
        summarize
        exit 1
    fi
}

# count_tests LOG: adds what `swift test` wrote into a log to the totals.
count_tests() {
    local line
    passed_tests=$((passed_tests + $(grep -cE '^[^ ]+ Test .* passed after ' "$1" || true) - $(grep -cE '^[^ ]+ Test run with .* passed after ' "$1" || true)))
    failed_tests=$((failed_tests + $(grep -cE '^[^ ]+ Test .* failed after ' "$1" || true) - $(grep -cE '^[^ ]+ Test run with .* failed after ' "$1" || true)))
    while IFS= read -r line; do
        skipped_tests+=("$line")
    done < <(sed -nE 's/^[^ ]+ (Test|Suite) (.*) skipped(.*)$/\1 \2\3/p; s/^SKIPPED:? *//p' "$1")
}

# Prints the result of all steps.
summarize() {
    local name
    heading "Summary"
    for name in "${skipped_tests[@]}"; do note "skipped test: $name"; done
    for name in "${skipped_steps[@]}"; do note "skipped step: $name"; done
    for name in "${failed_steps[@]}"; do note "failed step:  $name"; done
    note "tests: $passed_tests passed, $failed_tests failed, ${#skipped_tests[@]} skipped;" \
        "steps: $((step_number - ${#failed_steps[@]} - ${#skipped_steps[@]})) passed, ${#failed_steps[@]} failed," \
        "${#skipped_steps[@]} skipped; $((SECONDS / 60)) min $((SECONDS % 60)) s"
}
