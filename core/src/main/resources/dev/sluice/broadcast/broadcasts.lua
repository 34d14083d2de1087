-- Library: the broadcasts of a bot. All names follow KEYS[3], in the slot of the bot's queue.
--
-- all         zset number -> number, of those that were started; entries whose state is gone are removed when it is listed or another
--             ends; if none is active it has a TTL
-- active      zset of those that have not ended
-- key:<digest>      the number and the fingerprint of a broadcast that was started under a key; goes with it
-- suppressed:<lane> a chat that cannot be reached; has a TTL
-- <number>:   one broadcast
--   state      hash: status (R running, P paused, C cancelled, D done), total, duplicates, window, priority, paid, everybody,
--              key, created, ended; waiting, next (nobody before it waits), n:<outcome> how many came to it;
--              refused: how many in a row Telegram refused, none being sent in between; refusing is there while it is paused for that
--              rate, weight, rated: a moving average of how many end
--   recipients hash: chunk number -> its bytes; template; draft while it is not started
--   results    string: a byte per recipient, \0 waits, Q queued, else its outcome as RecipientOutcome.java says
--   window     zset message -> recipient, of those that are queued
-- A draft has a TTL, and so has all of a broadcast once it has ended; until then active owns it.

local call = redis.call
local broadcasts = KEYS[3]
local ALL, ACTIVE, SUPPRESSED_CHAT = broadcasts .. 'all', broadcasts .. 'active', broadcasts .. 'suppressed:'
local STATUS_RUNNING, STATUS_PAUSED, STATUS_CANCELLED, STATUS_DONE = 'R', 'P', 'C', 'D'
local WAITS, QUEUED_MARK = '\0', 'Q'

local function broadcast_key(number, what)
  return broadcasts .. number .. ':' .. what
end

local function millis(micros)
  return string.format('%.0f', math.ceil(micros / 1000))
end

-- It is active no more, and known for <keep> microseconds yet. The list goes with the last of which anything is known.
local function broadcast_ended(number, keep)
  local OLD_ONES = 10 -- looked at each time, so that the list does not grow although nobody reads it
  call('ZREM', ACTIVE, number)
  for _, old in ipairs(call('ZRANGE', ALL, 0, OLD_ONES - 1)) do
    if call('EXISTS', broadcast_key(old, 'state')) == 0 then
      call('ZREM', ALL, old)
    end
  end
  if call('EXISTS', ACTIVE) == 0 then
    call('PEXPIRE', ALL, millis(keep))
  end
end
