#!/usr/bin/env bash
# Writes the public API of both libraries to their PublicAPI.Unshipped.txt, from what the analyzer reports. Read the diff before committing it.
set -euo pipefail
cd "$(dirname "$0")/.."
for library in LiteVae.MLNet LiteVae.Training; do
    file=src/$library/PublicAPI.Unshipped.txt
    echo '#nullable enable' > "$file"
    dotnet build "src/$library" -c Release --no-incremental -p:TreatWarningsAsErrors=false 2>&1 \
        | sed -n "s/.*$library\/.*warning RS0016: Symbol '\(.*\)' is not part of the declared public API.*/\1/p" \
        | LC_ALL=C sort -u > "$file.new"
    cat "$file.new" >> "$file"
    rm "$file.new"
done
