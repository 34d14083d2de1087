-- Hands out purges that are due. One step, so that no two replicas get the same one at a time.
-- KEYS  as in levels.lua
-- ARGV  1 for how long it is left to who gets it, microseconds, 2 how many at most
-- Returns which, user and until when it is theirs, microseconds, of each
local lease, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local answer = {}
must()
local till = string.format(WHOLE, now + lease)
for _, name in ipairs(redis.call('ZRANGEBYSCORE', owed, '-inf', string.format(WHOLE, now), 'LIMIT', 0, most)) do
  redis.call('ZADD', owed, till, name)
  local which, user = string.match(name, '^(%d+):(%d+)$')
  answer[#answer + 1] = which
  answer[#answer + 1] = user
  answer[#answer + 1] = till
end
return answer
