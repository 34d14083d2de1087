-- Gives users the level none again that Redis has lost, unless it knows better: one step, or it would undo a change that comes in between.
-- KEYS  as in levels.lua
-- ARGV  1 how many may have none, then users
-- Returns how many were restored
local restored = 0
must()
for i = 2, #ARGV do
  local user = ARGV[i]
  local known = redis.call('ZSCORE', none, user) or redis.call('ZSCORE', full, user)
  if not known and redis.call('ZCARD', none) < tonumber(ARGV[1]) then
    redis.call('ZADD', none, next_change(), user)
    restored = restored + 1
  end
end
return { restored }
