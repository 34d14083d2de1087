-- Library: whose level is none, and what changed of that.
-- KEYS  1 users whose level is none: sorted set, id -> number of the change; without a TTL: setting a user to full removes them
--       2 users who were set to full of late: sorted set, id -> number of the change; kept for an hour
--       3 hash: last (number of the last change), floor (changes to full up to that one may be missing in 2); without a TTL: goes with all
--       4 purges of texts that are still to be done: sorted set, <which>:<user> -> when, microseconds; whoever purged removes them
-- The number of a change is its time in microseconds, or the last one plus 1: it grows, and after lost writes no other change gets it again.
local none, full, state, owed = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local WHOLE = '%.0f'
local KEPT_FULL_MILLIS, MOST_FULL = 3600000, 1000

-- To be called before the first write: Redis lets a script go on that has begun with one that takes no memory, although its memory is full, and
-- texts that are to be purged may be why it is.
local function must()
  redis.call('ZREM', owed, '')
end

local function last_change()
  return tonumber(redis.call('HGET', state, 'last') or '0')
end

local function next_change()
  local number = math.max(now, last_change() + 1)
  redis.call('HSET', state, 'last', string.format(WHOLE, number))
  return string.format(WHOLE, number)
end

-- Takes note that a user was set to full, so that replicas hear of it.
local function note_full(user)
  redis.call('ZADD', full, next_change(), user)
  redis.call('PEXPIRE', full, KEPT_FULL_MILLIS)
  redis.call('ZREMRANGEBYSCORE', full, '-inf', string.format(WHOLE, now - KEPT_FULL_MILLIS * 1000))
  local extra = redis.call('ZCARD', full) - MOST_FULL
  if extra > 0 then
    local newest = redis.call('ZRANGE', full, extra - 1, extra - 1, 'WITHSCORES')
    redis.call('HSET', state, 'floor', newest[2])
    redis.call('ZREMRANGEBYRANK', full, 0, extra - 1)
  end
end
