# shellcheck shell=bash
# What client-tests/run needs to know of the libraries from npm. Each runs in a process of its own.

node_clients=(grammy telegraf node-telegram-bot-api gramio)

node_lane() {
  local reason client
  if reason=$(node_is_missing); then
    for client in "${node_clients[@]}"; do skip_steps "$client" node/bot-steps.js "$reason"; done
    skip_steps "node-telegram-bot-api that repeats" node/repeats-test.js "$reason"
    skip_steps "grammy with auto-retry" node/repeats-test.js "$reason"
    skip_steps "plain http" node/forms-test.js "$reason"
    return
  fi
  prepare node npm ci --prefix "$here/node" --no-audit --no-fund || return
  # These wait more than they work, and each is on a bot of its own.
  run_client repeats node "$here/node/repeats-test.js" "$gateway" "$simulator" &
  for client in "${node_clients[@]}"; do
    run_client "$client" node "$here/node/client-test.js" "$client" "$gateway" "$simulator"
  done
  run_client forms node "$here/node/forms-test.js" "$gateway" "$simulator"
  wait
}

# Says what is missing; fails if nothing is.
node_is_missing() {
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "no node and npm here"
  elif (($(node -p 'process.versions.node.split(".")[0]') < 18)); then
    echo "node is older than 18"
  else
    return 1
  fi
}
