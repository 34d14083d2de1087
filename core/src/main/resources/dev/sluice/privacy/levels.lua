-- Library: whose level is none, and what changed of that.
-- KEYS  1 users whose level is none: sorted set, id -> number of the change; without a TTL: setting a user to full removes them
--       2 users who were set to full of late: sorted set, id -> number of the change; kept for an hour
--       3 hash: last (number of the last change), floor (changes to full up to that one may be missing in 2), forgotten (number of the last
--         forgetting), forgotten_floor (forgettings up to that one may be missing in 5); without a TTL: goes with all
--       4 purges of levels that are still to be done: sorted set, <which>:<user> -> when, microseconds; whoever has done one removes it.
--         <which>: 1 and 2 purges since the level became none
--       5 what processes are to forget of their memory: sorted set, <all or copies>:<user> -> number of the change; kept for an hour
--       6 forgettings that are still to be done, as 4. <which>: forget. Apart from 4, from which replicas of an older version take on what they do
--         not know
-- The number of a change is its time in microseconds, or the last one plus 1: it grows, and after lost writes no other change gets it again.
local none, full, state, owed, forgotten, forgetting = unpack(KEYS)
local WHOLE = '%.0f'
local KEPT_FULL_MILLIS, MOST_FULL = 3600000, 1000
local KEPT_FORGOTTEN_MILLIS, MOST_FORGOTTEN = 3600000, 10000

-- Nothing is owed for so much later: what is, was by a clock that was ahead, or by another program.
local FARTHEST_DUE = 7200000000

-- How much was taken out that another program wrote.
local strange = 0

-- To be called before the first write: Redis lets a script go on that has begun with one that takes no memory, although its memory is full, and
-- texts that are to be purged may be why it is.
local function must()
  redis.call('ZREM', owed, '')
end

local function is_whole(number)
  return number and number >= 0 and number < 9007199254740992 and number % 1 == 0
end

-- A number of the state; 0 if it has none, or another program wrote there.
local function number_of(name)
  local number = tonumber(redis.call('HGET', state, name) or '0')
  return is_whole(number) and number or 0
end

local function last_change()
  return number_of('last')
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
  return number_of(redis.call('EXISTS', forgotten) == 0 and 'forgotten' or 'forgotten_floor')
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
    local newest = tonumber(redis.call('ZRANGE', forgotten, extra - 1, extra - 1, 'WITHSCORES')[2])
    floor = math.max(floor, math.min(newest, tonumber(number)))
    redis.call('ZREMRANGEBYRANK', forgotten, 0, extra - 1)
  end
  redis.call('HSET', state, 'forgotten', number, 'forgotten_floor', string.format(WHOLE, floor))
  return number
end

local function is_user(text)
  return #text < 20 and string.find(text, '^[1-9]%d*$') and (#text < 19 or text <= '9223372036854775807')
end

-- What is to be forgotten, and of whom; nothing if another program wrote that.
local function forgetting_of(member)
  local what, user = string.match(member, '^(%l+):(%d+)$')
  if (what == 'all' or what == 'copies') and is_user(user) then
    return what, user
  end
end

-- Which purge, and of whom; nothing if another program wrote that.
local function purge_of(member)
  local which, user = string.match(member, '^([%l%d]+):(%d+)$')
  if (which == 'forget' or which and #which < 3 and tonumber(which)) and is_user(user) then
    return which, user
  end
end

-- Among which a debt stands.
local function debts_with(name)
  return redis.call('ZSCORE', owed, name) and owed or forgetting
end

-- Until when a debt is left to who has it, as it was told them; nothing if it is owed no more.
local function lease_of(name)
  local score = redis.call('ZSCORE', debts_with(name), name)
  return score and string.format(WHOLE, tonumber(score))
end

-- Members of a set since a number, each followed by its own, as Redis tells them. What another program wrote there is taken out, and of whoever
-- is named under a number that none can have it is noted anew.
local function changes_in(key, since, most, is_intact, highest, note)
  while true do
    local found = redis.call('ZRANGEBYSCORE', key, '(' .. since, '+inf', 'WITHSCORES', 'LIMIT', 0, most)
    local before = strange
    for i = 1, #found, 2 do
      local intact, number = is_intact(found[i]), tonumber(found[i + 1])
      if not intact or not is_whole(number) or number > highest then
        strange = strange + 1
        redis.call('ZREM', key, found[i])
        if intact then
          note(found[i])
        end
      end
    end
    if strange == before then
      return found
    end
    highest = math.max(highest, last_change())
  end
end
