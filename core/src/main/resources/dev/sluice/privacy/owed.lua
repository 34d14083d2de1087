-- Hands out a purge that is due. One step, so that no two replicas get the same one at a time.
-- KEYS  as in levels.lua
-- ARGV  1 for how long it is left to who gets it, microseconds
-- Returns which, user and until when it is theirs, microseconds; nothing if none is due
must()
local name = redis.call('ZRANGEBYSCORE', owed, '-inf', string.format(WHOLE, now), 'LIMIT', 0, 1)[1]
if not name then
  return {}
end
local till = string.format(WHOLE, now + tonumber(ARGV[1]))
redis.call('ZADD', owed, till, name)
local which, user = string.match(name, '^(%d+):(%d+)$')
return { which, user, till }
