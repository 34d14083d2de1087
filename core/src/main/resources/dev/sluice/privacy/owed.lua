-- Hands out a purge that is due. One step, so that no two replicas get the same one at a time.
-- KEYS  as in levels.lua
-- ARGV  1 for how long it is left to who gets it, microseconds
-- Returns how much of another program was taken out; then which, user and until when it is theirs, microseconds; none of these if none is due
must()
local name, which, user
repeat
  name = redis.call('ZRANGEBYSCORE', owed, '-inf', string.format(WHOLE, now), 'LIMIT', 0, 1)[1]
  if name then
    which, user = purge_of(name)
    if not which then
      redis.call('ZREM', owed, name)
      strange = strange + 1
    end
  end
until which or not name
if not name then
  return { strange }
end
local till = string.format(WHOLE, now + tonumber(ARGV[1]))
redis.call('ZADD', owed, till, name)
return { strange, which, user, till }
