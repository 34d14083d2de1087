-- Library: whose level is none, and what changed of that.
-- KEYS  1 users whose level is none: sorted set, id -> number of the change; without a TTL: setting a user to full removes them
--       2 users who were set to full of late: sorted set, id -> number of the change; kept for an hour
--       3 hash: last (number of the last change), floor (changes to full up to that one may be missing in 2), forgotten (number of the last
--         forgetting), forgotten_floor (forgettings up to that one may be missing in 5); without a TTL: goes with all
--       4 purges of texts that are still to be done: sorted set, <which>:<user> -> when, microseconds; whoever purged removes them
--       5 what processes are to forget of their memory: sorted set, <all or copies>:<user> -> number of the change; kept for an hour
-- The number of a change is its time in microseconds, or the last one plus 1: it grows, and after lost writes no other change gets it again.
local none, full, state, owed, forgotten = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local WHOLE = '%.0f'
local KEPT_FULL_MILLIS, MOST_FULL = 3600000, 1000
local KEPT_FORGOTTEN_MILLIS, MOST_FORGOTTEN = 3600000, 10000

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

-- Up to which number forgettings may not be told any more.
local function forgotten_floor()
  if redis.call('EXISTS', forgotten) == 0 then
    return redis.call('HGET', state, 'forgotten') or '0'
  end
  return redis.call('HGET', state, 'forgotten_floor') or '0'
end

-- Takes note of what every process is to forget of its memory: all of a user, or
-- copies of what is kept elsewhere. Returns the number of the change.
local function note_forgotten(what, user)
  local floor = forgotten_floor()
  local number = next_change()
  redis.call('ZADD', forgotten, number, what .. ':' .. user)
  redis.call('PEXPIRE', forgotten, KEPT_FORGOTTEN_MILLIS)
  local old = redis.call('ZCOUNT', forgotten, '-inf', string.format(WHOLE, now - KEPT_FORGOTTEN_MILLIS * 1000))
  local extra = math.max(old, redis.call('ZCARD', forgotten) - MOST_FORGOTTEN)
  if extra > 0 then
    floor = redis.call('ZRANGE', forgotten, extra - 1, extra - 1, 'WITHSCORES')[2]
    redis.call('ZREMRANGEBYRANK', forgotten, 0, extra - 1)
  end
  redis.call('HSET', state, 'forgotten', number, 'forgotten_floor', string.format(WHOLE, tonumber(floor)))
  return number
end
