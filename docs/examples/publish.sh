#!/bin/sh
# One reading from the shell:  publish.sh HOST PORT COOPERATIVE DEVICE QUANTITY VALUE UNIT
# With TLS and a user, add: --cafile ca.pem -u USER -P "$(cat password-file)"
set -eu
mosquitto_pub -h "$1" -p "$2" -q 1 -i "$4-shell" -t "canhdong/v1/$3/sensors/$4/telemetry" \
  -m "[{\"device\":\"$4\",\"ts\":$(date +%s)000,\"quantity\":\"$5\",\"value\":$6,\"unit\":\"$7\"}]"
