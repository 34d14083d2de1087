# shellcheck shell=bash
# What client-tests/run needs to know of the library from Debian (python3-python-telegram-bot).

python_lane() {
  local python
  if python=$(python_with_the_library); then
    run_client python-telegram-bot env PYTHONDONTWRITEBYTECODE=1 \
      "$python" "$here/python/python_telegram_bot_test.py" "$gateway" "$simulator"
  else
    skip_steps python-telegram-bot python/python_telegram_bot_test.py \
      "no python-telegram-bot 13 here: Debian 12 has it as python3-python-telegram-bot"
  fi
}

# The system's own Python comes first: another one on PATH does not see Debian's packages. From 20 on the library is another.
python_with_the_library() {
  local python
  for python in /usr/bin/python3 "$(command -v python3 || true)"; do
    if [[ ! -x $python ]]; then continue; fi
    if "$python" -W ignore -c 'import telegram; assert telegram.__version__.startswith("13.")' 2>/dev/null; then
      echo "$python"
      return
    fi
  done
  return 1
}
