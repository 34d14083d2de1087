-- Hands out a purge that is due, the one that has been for longest. One step, so that no two replicas get the same one at a time.
-- KEYS  as in levels.lua
-- ARGV  1 for how long it is left to who gets it, microseconds
-- Returns how much of another program was taken out; then which, user and until when it is theirs, microseconds; none of these if none is due
local MOST_STRANGE = 1000

local function first_of(key, from, to)
  return unpack(redis.call('ZRANGEBYSCORE', key, from, to, 'WITHSCORES', 'LIMIT', 0, 1))
end

-- What is due in one set, and since when.
local function due_in(key)
  local name, since = first_of(key, '-inf', string.format(WHOLE, now))
  if name then
    return name, tonumber(since)
  end
  return first_of(key, string.format('(' .. WHOLE, now + FARTHEST_DUE), '+inf'), now
end

must()
repeat
  local key, name, since = owed, due_in(owed)
  local other, other_since = due_in(forgetting)
  if other and (not name or other_since < since) then
    key, name = forgetting, other
  end
  if not name then
    break
  end
  local which, user = purge_of(name)
  if which then
    local till = string.format(WHOLE, now + tonumber(ARGV[1]))
    redis.call('ZADD', key, till, name)
    return { strange, which, user, till }
  end
  redis.call('ZREM', key, name)
  strange = strange + 1
until strange == MOST_STRANGE
return { strange }
